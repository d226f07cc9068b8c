"""Burn-rate rules as PromQL: whole numbers on both sides, so that an equality is one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from actors.export import names
from actors.export.names import Identity, rule_labels
from actors.export.quoting import duration_name
from actors.export.rule_file import Recording

if TYPE_CHECKING:
    from fractions import Fraction

    from actors.slo.objective import Objective
    from actors.slo.rule import BurnRateRule

HALF_A_MINUTE: Final = "30s"
_WITHOUT: Final = "ignoring (slokeeper_rule, sloth_severity)"


def last(minutes: int) -> str:
    """A range that holds exactly so many samples that are a minute apart, whichever of its ends counts."""
    return f"{duration_name(minutes - 1)}{HALF_A_MINUTE}" if minutes > 1 else HALF_A_MINUTE


def rule_recordings(objective: "Objective", rule: "BurnRateRule", me: Identity) -> Iterator[Recording]:
    """Whether one rule is true, and whether it fires, the hold applied."""
    says = f"{rule}: above {float(rule.burn_rate * objective.error_budget):.4g} bad"
    yield Recording(names.TRUTH, truth(objective, rule, me), rule_labels(rule), says)
    yield Recording(names.ACTIVE, active(objective, rule, me), rule_labels(rule))


def truth(objective: "Objective", rule: "BurnRateRule", me: Identity) -> str:
    """1 where both windows burn too fast and enough was seen to say so, else 0.

    While the short window has no events it stays as it was, unless `min_coverage` is 0.
    """
    limit = rule.burn_rate * objective.error_budget
    short_bad, short_total = (me.of(name(rule.short_window)) for name in (names.bad, names.total))
    long_bad, long_total = (me.of(name(rule.long_window)) for name in (names.bad, names.total))
    seen, needed = _seen(objective, rule, me)
    conditions = [
        _above(long_bad, seen, long_total, limit * needed),
        _above(short_bad, "", short_total, limit),
    ]
    if objective.min_bad_events:
        conditions.append(f"({long_bad} >= bool {objective.min_bad_events})")
    lines = ["\n* ".join(conditions)]
    if objective.min_coverage:
        lines += [
            f"and {short_total} > 0",
            f"or {_WITHOUT} ({me.of_rule(names.TRUTH, rule)} and {_WITHOUT} {long_total})",
        ]
    return "\n".join([*lines, f"or {_WITHOUT} {long_total} * 0"])


def _seen(objective: "Objective", rule: "BurnRateRule", me: Identity) -> tuple[str, int]:
    """What the bad events are multiplied with for what was measured, and the others for what is needed."""
    needed = objective.min_coverage * rule.long_window
    if not needed:
        return "", 1
    covered = me.of(names.measured(rule.long_window))
    if needed.denominator > 1:
        covered = f"{covered} * {needed.denominator}"
    return f" * clamp_max({covered}, {needed.numerator})", needed.numerator


def _above(bad: str, seen: str, total: str, limit: "Fraction") -> str:
    over, under = (f" * {each}" if each > 1 else "" for each in (limit.numerator, limit.denominator))
    return f"({bad}{seen}{under} > bool {total}{over})"


def active(objective: "Objective", rule: "BurnRateRule", me: Identity) -> str:
    """1 from when the rule is true until it was false for the hold, and is measured to be."""
    held = f"max_over_time({me.of_rule(names.TRUTH, rule)}[{last(objective.resolve_hold + 1)}])"
    if not objective.min_coverage or not objective.resolve_hold:
        return held
    is_measured = f"and {_WITHOUT} {me.of(names.total(rule.short_window))} > 0"
    as_it_was = f"({me.of_rule(names.ACTIVE, rule)} and {_WITHOUT} {me.of(names.total(rule.long_window))})"
    return f"{held}\n{is_measured}\nor {as_it_was}"
