"""When the rules fire and clear over minutes of counts: no tables, no actors."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

from actors.config.quantities import exact
from actors.slo.burn_rate import is_true, rules_for
from actors.slo.error_budget import Events
from actors.slo.objective import Objective
from actors.slo.rule import window_name

if TYPE_CHECKING:
    from actors.slo.rule import BurnRateRule

Traffic: TypeAlias = Sequence[tuple[int, int]]
"""(bad, total) of each minute."""
Spans: TypeAlias = list[tuple[int, int | None]]
"""(fired at, cleared at) in ticks: after so many minutes of the incident; None if it never cleared."""

DAY = 1440
CLEAN_BEFORE = 3 * DAY


def objective(target: float = 0.999, days: int = 30, **others: Any) -> Objective:
    """An availability objective of everything, without any guard or hold unless told."""
    facts: dict[str, Any] = {
        "name": "fraud",
        "sli": "availability",
        "min_coverage": Fraction(0),
        "min_bad_events": 0,
        "resolve_hold": 0,
        **others,
    }
    return Objective(target=exact(target), window_minutes=days * DAY, **facts)


class Minutes:
    """Events of any last minutes, by running totals."""

    def __init__(self, traffic: Traffic) -> None:
        self._bad = list(accumulate((bad for bad, _ in traffic), initial=0))
        self._total = list(accumulate((total for _, total in traffic), initial=0))

    def events(self, end: int, length: int) -> Events:
        """Of the `length` minutes before minute `end`; there were none before the first."""
        start = max(0, end - length)
        total = self._total[end] - self._total[start]
        return Events(total - (self._bad[end] - self._bad[start]), total)


def spans(
    promise: Objective, incident: Traffic, *, before: int = 1000, history: int = CLEAN_BEFORE
) -> dict[str, Spans]:
    """When each rule is true, in ticks since the incident began.

    Args:
        promise: Whose rules they are.
        incident: Minutes from its first on.
        before: Requests in each of the clean minutes before it.
        history: How many clean minutes there are.
    """
    minutes = Minutes([(0, before)] * history + list(incident))
    return {
        f"{window_name(rule.long_window)}/{window_name(rule.short_window)}": _spans(
            _is_true(promise, rule, minutes, history + tick) for tick in range(1, len(incident) + 1)
        )
        for rule in rules_for(promise).kept
    }


def _is_true(promise: Objective, rule: "BurnRateRule", minutes: Minutes, end: int) -> bool:
    long, short = minutes.events(end, rule.long_window), minutes.events(end, rule.short_window)
    measured = min(end, rule.long_window)
    return is_true(rule, long, short, promise, measured=measured) is True


def _spans(truths: Iterable[bool]) -> Spans:
    found: Spans = []
    for tick, now in enumerate(truths, start=1):
        was = bool(found) and found[-1][1] is None
        if now and not was:
            found.append((tick, None))
        elif was and not now:
            found[-1] = (found[-1][0], tick)
    return found
