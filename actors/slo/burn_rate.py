"""How fast the error budget is being spent, and the rules that say when that is too fast."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from actors.slo.rule import BurnRateRule, Severity, window_name

if TYPE_CHECKING:
    from actors.slo.error_budget import Events
    from actors.slo.objective import Objective


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one objective.

    Attributes:
        kept: Those that are evaluated, the fastest first.
        left_out: Those that could never fire, each with the reason.
    """

    kept: tuple[BurnRateRule, ...]
    left_out: tuple[str, ...] = ()


_WORKBOOK: Final[tuple[tuple[Severity, int, int, Fraction], ...]] = (
    ("page", 60, 5, Fraction(2, 100)),
    ("page", 360, 30, Fraction(5, 100)),
    ("ticket", 1440, 120, Fraction(10, 100)),
    ("ticket", 4320, 360, Fraction(10, 100)),
)
"""Severity, long and short window, and the share of the budget that is spent when the long window trips."""


def burn_rate(events: "Events", error_budget: Fraction) -> Fraction | None:
    """The share of bad events over the share that may be bad; None without events."""
    if not events.total_events:
        return None
    return Fraction(events.bad_events, events.total_events) / error_budget


def burn_rate_shown(events: "Events", error_budget: Fraction) -> float | None:
    """The burn rate as the float next to it, for people; an eighth of the work."""
    if not events.total_events:
        return None
    bad = events.bad_events * error_budget.denominator
    return bad / (events.total_events * error_budget.numerator)


def rules_for(objective: "Objective") -> Rules:
    """Its own rules, which could fire or were refused; else the workbook's four, scaled to its window.

    One of those four is left out if no share of bad events reaches its factor, or if its long window is
    longer than the objective's own, or holds fewer minutes than its guard wants bad ones.

    Source:
        The Site Reliability Workbook, chapter 5: factor = spend x period / window, and pages at 14.4 and 6,
        tickets at 3 and 1 for 30 days. A rate that equals the
        factor is not above it, as there and unlike Datadog.
    """
    if objective.own_rules:
        return Rules(tuple(sorted(objective.own_rules, key=lambda rule: rule.long_window)))
    kept: list[BurnRateRule] = []
    left_out: list[str] = []
    for severity, long_window, short_window, spend in _WORKBOOK:
        factor = spend * objective.window_minutes / long_window
        rule = BurnRateRule(severity, long_window, short_window, factor)
        reason = _why_not(rule, objective)
        if reason is None:
            kept.append(rule)
        else:
            left_out.append(f"{rule} {reason}")
    return Rules(tuple(kept), tuple(left_out))


def _why_not(rule: BurnRateRule, objective: "Objective") -> str | None:
    fastest = 1 / objective.error_budget
    if rule.burn_rate >= fastest:
        return f"can never fire: a total outage burns at {float(fastest):.4g}"
    if rule.long_window > objective.window_minutes:
        return f"looks further back than the objective's window of {objective.window}"
    if objective.quantile is not None and objective.min_bad_events > rule.long_window:
        held = f"{window_name(rule.long_window)} holds {rule.long_window} minutes"
        return f"can never fire: {held}, and min_bad_events is {objective.min_bad_events}"
    return None


def is_true(
    rule: BurnRateRule, long: "Events", short: "Events", objective: "Objective", *, measured: int
) -> bool | None:
    """Whether both windows burn faster than the rule allows, and enough was seen to say so.

    The long window must hold `min_bad_events`. If less than `min_coverage` of it was measured, what is
    missing to that share counts as good traffic at the same rate: so the rule is true only if nothing that
    could have come would have made it false.

    Args:
        rule: The rule.
        long: Events of its long window.
        short: Events of its short window.
        objective: Whose rule it is.
        measured: Minutes of the long window that were measured, 0 to `rule.long_window`.

    Returns:
        None, unmeasured, when the short window has no events: silence does not say that a fault is over. With
        a `min_coverage` of 0 it does, and the rule is False then.
    """
    if not short.total_events:
        return None if objective.min_coverage else False
    if not long.total_events or long.bad_events < objective.min_bad_events:
        return False
    limit = rule.burn_rate * objective.error_budget
    share = _share(measured, objective.min_coverage * rule.long_window)
    return _is_above(long, limit / share if share else None) and _is_above(short, limit)


def _share(measured: int, needed: Fraction) -> Fraction:
    return min(Fraction(1), measured / needed) if needed else Fraction(1)


def _is_above(events: "Events", limit: Fraction | None) -> bool:
    """Whether a larger share of the events is bad; by whole numbers, without a rounding."""
    return limit is not None and events.bad_events * limit.denominator > events.total_events * limit.numerator
