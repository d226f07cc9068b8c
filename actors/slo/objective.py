"""One promise, with its numbers made exact."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from actors.config.quantities import exact
from actors.slo.rule import BurnRateRule, window_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.config.settings import Calendar, ObjectiveSettings, RuleSettings
    from supervisor.clock import Seconds

Sli: TypeAlias = Literal["availability", "latency"]


@dataclass(frozen=True, slots=True)
class Objective:
    """One promise about the predictions of some series.

    Attributes:
        name: As in the settings.
        sli: `availability` counts failed predictions as bad; `latency` judges those that succeeded, and
            counts as bad what took longer than `threshold`.
        target: Share of good events that is promised, above 0 and below 1.
        window_minutes: Length of the window it is promised over, whole minutes, >= 1; of a calendar's period
            its nominal length, which factors are scaled to.
        threshold: For latency, seconds that a good prediction takes at most; None for availability.
        match: Labels that the series must have.
        group_by: Labels whose values are judged apart; nothing judges all series as one.
        rollup: Whether all groups together are judged too, as the group without labels.
        quantile: For latency, the share of a minute's predictions that must be within `threshold` for the
            minute to be good; events are minutes then. None has each prediction be an event.
        calendar: The period that the budget begins anew with; None for a rolling window.
        time_zone: Whose midnight a period begins at.
        resolve_hold: Minutes for which a rule must be false before it resolves, >= 0.
        min_coverage: Share of a rule's long window that must have been measured, 0 turns it off.
        min_bad_events: Bad events that its long window must hold, 0 turns it off.
        min_slice_events: Predictions that a minute must have to be judged by its quantile; None takes as many
            as the quantile needs not to be the slowest one, 100 for p99.
        own_rules: Rules instead of the workbook's; empty takes those.
    """

    name: str
    sli: Sli
    target: Fraction
    window_minutes: int
    threshold: "Seconds | None" = None
    match: "Mapping[str, str]" = field(default_factory=dict)
    group_by: tuple[str, ...] = ()
    rollup: bool = False
    quantile: Fraction | None = None
    calendar: "Calendar | None" = None
    time_zone: str = "UTC"
    resolve_hold: int = 5
    min_coverage: Fraction = Fraction(1, 2)
    min_bad_events: int = 5
    min_slice_events: int | None = None
    own_rules: tuple[BurnRateRule, ...] = ()

    @property
    def error_budget(self) -> Fraction:
        """Share of events that may be bad."""
        return 1 - self.target

    @property
    def window(self) -> str:
        """The window as people write it, `"30d"`."""
        return window_name(self.window_minutes)


def objective_from(settings: "ObjectiveSettings") -> Objective:
    """The objective that settings describe; they were checked as they were loaded."""
    window_minutes = max(1, round(settings.window / 60))
    return Objective(
        name=settings.name,
        sli=settings.sli,
        target=exact(settings.objective),
        window_minutes=window_minutes,
        threshold=settings.threshold if settings.sli == "latency" else None,
        match=settings.match,
        group_by=tuple(settings.group_by),
        rollup=settings.rollup,
        quantile=None if settings.quantile is None else exact(settings.quantile),
        calendar=settings.calendar,
        time_zone=settings.time_zone,
        resolve_hold=round(settings.resolve_hold / 60),
        min_coverage=exact(settings.min_coverage),
        min_bad_events=settings.min_bad_events,
        min_slice_events=settings.min_slice_events,
        own_rules=tuple(rule_from(one, window_minutes) for one in settings.rules),
    )


def rule_from(settings: "RuleSettings", window_minutes: int) -> BurnRateRule:
    """One rule of an objective's own, made exact; a share of the budget is scaled to the window."""
    long_window = round(settings.long_window / 60)
    if settings.burn_rate is not None:
        factor = exact(settings.burn_rate)
    else:
        factor = exact(settings.spend or 0.0) * window_minutes / long_window
    return BurnRateRule(settings.severity, long_window, round(settings.short_window / 60), factor)
