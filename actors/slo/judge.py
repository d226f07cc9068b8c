"""What is said of one objective and one group after one minute."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from actors.slo.burn_rate import burn_rate_shown, is_true
from actors.slo.error_budget import Events, budget_left
from actors.slo.rule import SEVERITIES, window_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from actors.slo.objective import Objective, Sli
    from actors.slo.rule import BurnRateRule, Severity
    from supervisor.clock import Seconds

Verdict: TypeAlias = Literal["met", "violated", "unmeasured"]


@dataclass(frozen=True, slots=True)
class RuleState:
    """One rule after one minute.

    Attributes:
        severity: What it calls for.
        long: Its long window, `"1h"`.
        short: Its short window, `"5m"`.
        burn_rate: What both must be above.
        is_true: Whether both are; None while the short window has no events, and the long one has.
    """

    severity: "Severity"
    long: str
    short: str
    burn_rate: Fraction
    is_true: bool | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One objective and one group after one minute.

    Attributes:
        objective: What was promised.
        group: Value of each label that the objective groups by.
        minute: The newest minute that was looked at, whole minutes since 1970.
        good_events: Of the objective's whole window.
        total_events: Of the objective's whole window.
        windows: Events of each shorter window, by its name.
        burn_rates: The same as burn rates; None for a window without events.
        budget_left: Share of the error budget, 1 when untouched, negative when overspent; None without
            events.
        p99_seconds: Of the last minute that had timed predictions; None where there was none.
        rules: How each rule stands.
        verdict: Whether the promise is kept over the whole window: a budget that is spent exactly is `met`.
    """

    objective: "Objective"
    group: "Mapping[str, str]"
    minute: int
    good_events: int
    total_events: int
    windows: "Mapping[str, Events]"
    burn_rates: "Mapping[str, float | None]"
    budget_left: Fraction | None
    p99_seconds: "Seconds | None"
    rules: tuple[RuleState, ...]
    verdict: Verdict

    @property
    def slo(self) -> str:
        """The objective's name."""
        return self.objective.name

    @property
    def sli(self) -> "Sli":
        """What it measures."""
        return self.objective.sli


def judge(
    objective: "Objective",
    rules: "Sequence[BurnRateRule]",
    events_in: "Callable[[int], Events]",
    *,
    group: "Mapping[str, str]",
    minute: int,
    p99_seconds: "Seconds | None" = None,
) -> Judgement:
    """Judge one group.

    Args:
        objective: What was promised.
        rules: Those that are to be evaluated.
        events_in: Events of the last so many minutes; asked once for each length.
        group: Whose events they are.
        minute: The newest minute they hold.
        p99_seconds: For people; no verdict comes of it.
    """
    budget = objective.error_budget
    lengths = {length for rule in rules for length in (rule.short_window, rule.long_window)}
    events = {length: events_in(length) for length in sorted(lengths | {objective.window_minutes})}
    whole = events[objective.window_minutes]
    left = budget_left(whole, budget)
    windows = {window_name(length): events[length] for length in sorted(lengths)}
    return Judgement(
        objective=objective,
        group=group,
        minute=minute,
        good_events=whole.good_events,
        total_events=whole.total_events,
        windows=windows,
        burn_rates={name: burn_rate_shown(counted, budget) for name, counted in windows.items()},
        budget_left=left,
        p99_seconds=p99_seconds,
        rules=tuple(_state(rule, events, budget) for rule in rules),
        verdict="unmeasured" if left is None else "violated" if left < 0 else "met",
    )


def _state(rule: "BurnRateRule", events: "Mapping[int, Events]", error_budget: Fraction) -> RuleState:
    long, short = events[rule.long_window], events[rule.short_window]
    return RuleState(
        severity=rule.severity,
        long=window_name(rule.long_window),
        short=window_name(rule.short_window),
        burn_rate=rule.burn_rate,
        is_true=is_true(rule, long, short, error_budget),
    )


def severity_states(judgement: Judgement) -> "dict[Severity, bool | None]":
    """By severity, whether any of its rules is true; None if none is, and one of them is unmeasured."""
    return {
        severity: _any([rule.is_true for rule in judgement.rules if rule.severity == severity])
        for severity in SEVERITIES
    }


def _any(states: "Sequence[bool | None]") -> bool | None:
    if True in states:
        return True
    return None if None in states else False
