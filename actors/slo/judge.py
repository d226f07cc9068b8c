"""What is said of one objective and one group after one minute."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from actors.slo.burn_rate import burn_rate_shown
from actors.slo.error_budget import Events, budget_left
from actors.slo.rule import window_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from actors.slo.objective import Objective, Sli
    from actors.slo.rule import BurnRateRule, Severity
    from supervisor.clock import Seconds

Verdict: TypeAlias = Literal["met", "violated", "unmeasured"]


@dataclass(frozen=True, slots=True)
class RuleState:
    """One rule after one minute.

    Attributes:
        rule: Which.
        is_true: Whether both windows burn faster than it allows, and enough was measured to say so; None
            where that could not be measured.
        fired_at: The minute at whose beginning it began to fire, while it fires: also during the hold after
            it has become false.
        is_muted: Whether nobody is told of it, since a page of the same group fires.
    """

    rule: "BurnRateRule"
    is_true: bool | None
    fired_at: int | None = None
    is_muted: bool = False

    @property
    def severity(self) -> "Severity":
        """What it calls for."""
        return self.rule.severity

    @property
    def long(self) -> str:
        """Its long window, `"1h"`."""
        return window_name(self.rule.long_window)

    @property
    def short(self) -> str:
        """Its short window, `"5m"`."""
        return window_name(self.rule.short_window)

    @property
    def burn_rate(self) -> Fraction:
        """What both windows must be above."""
        return self.rule.burn_rate

    @property
    def is_firing(self) -> bool:
        """Whether it fires."""
        return self.fired_at is not None


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
        coverage: Share of the last hour and of each long window that was measured, by the window's name.
        blind_since: The minute at whose beginning too little was measured to judge it, while that is so.
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
    coverage: "Mapping[str, Fraction]"
    blind_since: int | None
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
    whole: Events,
    windows: "Mapping[int, Events]",
    rules: "Sequence[RuleState]",
    *,
    group: "Mapping[str, str]",
    minute: int,
    coverage: "Mapping[int, Fraction] | None" = None,
    blind_since: int | None = None,
    p99_seconds: "Seconds | None" = None,
) -> Judgement:
    """Put together what is said of one group.

    Args:
        objective: What was promised.
        whole: Events of its whole window.
        windows: Events of the last so many minutes, by how many.
        rules: How each rule stands.
        group: Whose events they are.
        minute: The newest minute they hold.
        coverage: Share of each window that was measured, by its minutes.
        blind_since: Since when too little of the last hour was measured.
        p99_seconds: For people; no verdict comes of it.
    """
    budget = objective.error_budget
    left = budget_left(whole, budget)
    named = {window_name(length): events for length, events in windows.items()}
    return Judgement(
        objective=objective,
        group=group,
        minute=minute,
        good_events=whole.good_events,
        total_events=whole.total_events,
        windows=named,
        burn_rates={name: burn_rate_shown(events, budget) for name, events in named.items()},
        budget_left=left,
        coverage={window_name(length): share for length, share in (coverage or {}).items()},
        blind_since=blind_since,
        p99_seconds=p99_seconds,
        rules=tuple(rules),
        verdict="unmeasured" if left is None else "violated" if left < 0 else "met",
    )
