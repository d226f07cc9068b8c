"""How fast the error budget is being spent, and the rules that say when that is too fast."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from actors.slo.rule import BurnRateRule, Severity

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
    longer than the objective's own.

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
    return None


def is_true(rule: BurnRateRule, long: "Events", short: "Events", error_budget: Fraction) -> bool | None:
    """Whether both windows burn faster than the rule allows.

    Args:
        rule: The rule.
        long: Events of its long window.
        short: Events of its short window.
        error_budget: Share of events that may be bad, above 0.

    Returns:
        None, unmeasured, when the short window has no events while the long one has: silence does not say
        that the fault is over. Without events in either there is nothing to hold on to, and it is False.
    """
    if not long.total_events:
        return False
    if not short.total_events:
        return None
    return _is_above(long, rule.burn_rate, error_budget) and _is_above(short, rule.burn_rate, error_budget)


def _is_above(events: "Events", rate: Fraction, error_budget: Fraction) -> bool:
    """Whether the events burn faster than `rate`, by whole numbers: without a division, nor a rounding."""
    bad = events.bad_events * rate.denominator * error_budget.denominator
    return bad > events.total_events * rate.numerator * error_budget.numerator
