"""When a rule must fire and resolve in a total outage, by the formulas; nothing is simulated."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Final

from actors.recording.rings import begin_of
from actors.slo.slices import least_events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actors.slo.objective import Objective
    from actors.slo.rule import BurnRateRule

START: Final = 29_453_760
"""2026-01-01 UTC in minutes: when the outage begins. On the hour, so every window may begin with it."""
A_MINUTE: Final = 1000
"""Predictions a minute that are assumed, unless a guard wants more."""

MENDING: Final = 60
"""Minutes for which an outage goes on after it was seen; so no window ends right at a threshold."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Every event is bad from one minute on for so many minutes, after a clean past that is long enough.

    Attributes:
        length: Minutes, >= 1.
        events: In each minute, >= 1.
    """

    length: int
    events: int

    def bad(self, tick: int, window: int) -> tuple[int, int]:
        """Bad and total events of a window that ends so many minutes after the outage began.

        A window begins where the tables can begin it: one above six hours up to some minutes earlier.
        """
        until = START + tick
        begin = begin_of(until, window)
        minutes = max(0, min(until, START + self.length) - max(begin, START))
        return minutes * self.events, (until - begin) * self.events


@dataclass(frozen=True, slots=True)
class Expected:
    """What one rule does.

    Attributes:
        rule: Which.
        spent: Share of the budget that is spent when the long window trips: burn rate x window / period. The
            same for every share of bad events, which is the point of rules of this form.
        fires: Minutes from the beginning of the outage until it fires; None if it never does.
        resolves: Minutes from the end of the outage until its alert resolves, the hold among them.
    """

    rule: "BurnRateRule"
    spent: Fraction
    fires: int | None
    resolves: int | None


def events_a_minute(objective: "Objective") -> int:
    """How many events a minute brings: minutes are the events of a quantile."""
    return 1 if objective.quantile is not None else max(A_MINUTE, objective.min_bad_events)


def predictions_a_minute(objective: "Objective") -> int:
    """How many predictions make those events: enough of them for a minute to be judged by its quantile."""
    least = 0 if objective.quantile is None else least_events(objective)
    return max(events_a_minute(objective), A_MINUTE, least)


def fires_after(rule: "BurnRateRule", objective: "Objective") -> int | None:
    """The smallest n such that n minutes of outage are too fast for both windows, and enough bad events.

    In a window of W minutes n of them burn at (n / W) / B, with B the error budget: so n is above k x B x W.
    """
    events, limit = events_a_minute(objective), rule.burn_rate * objective.error_budget
    least = max(floor(limit * rule.long_window) + 1, ceil(Fraction(objective.min_bad_events, events)))
    # The begin of a long window is rounded down, so a few minutes more may be needed than by the formula.
    for tick in range(least, rule.long_window + 1):
        if _is_true(rule, objective, Outage(tick, events), tick):
            return tick
    return None


def resolves_after(rule: "BurnRateRule", objective: "Objective", outage: Outage) -> int:
    """Minutes after its end until one of the windows has been slow again for as long as the hold."""
    tick, clear = 1, 1
    while True:
        if _is_true(rule, objective, outage, outage.length + tick):
            clear = tick + 1
        elif tick - clear >= objective.resolve_hold:
            return tick
        tick += 1


def expected(rules: "tuple[BurnRateRule, ...]", objective: "Objective") -> tuple[Expected, ...]:
    """What each rule does in an outage that is mended an hour after the last of them has fired.

    Args:
        rules: Of the objective.
        objective: Its guards are in force.
    """
    fires = {rule: fires_after(rule, objective) for rule in rules}
    outage = Outage(outage_length(fires.values()), events_a_minute(objective))
    period = objective.window_minutes
    return tuple(
        Expected(
            rule,
            spent=rule.burn_rate * rule.long_window / period,
            fires=tick,
            resolves=None if tick is None else resolves_after(rule, objective, outage),
        )
        for rule, tick in fires.items()
    )


def outage_length(fires: "Iterable[int | None]") -> int:
    """An hour longer than until the last rule has fired."""
    return max((tick for tick in fires if tick is not None), default=0) + MENDING


def _is_true(rule: "BurnRateRule", objective: "Objective", outage: Outage, tick: int) -> bool:
    limit = rule.burn_rate * objective.error_budget
    (long_bad, long_total), (bad, total) = (
        outage.bad(tick, window) for window in (rule.long_window, rule.short_window)
    )
    if long_bad < objective.min_bad_events:
        return False
    top, bottom = limit.numerator, limit.denominator
    return long_bad * bottom > long_total * top and bad * bottom > total * top
