"""Traffic to be replayed."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from actors.recording import SeriesKey
from actors.replay import Case, Replayed, replay
from actors.replay.traffic import Collected
from tests.slo.replay import objective

if TYPE_CHECKING:
    from actors.slo import Objective

BEGIN = 28_800_000
"""An hour's first minute."""
UNGUARDED: Mapping[str, Any] = {"min_bad_events": 0, "min_coverage": Fraction(0), "resolve_hold": 0}

FRAUD = SeriesKey("fraud", "1")


def collected(minutes: Iterable[tuple[int, int]], key: SeriesKey = FRAUD, begin: int = BEGIN) -> Collected:
    """(bad, total) of each minute, as traffic."""
    traffic = Collected([])
    for minute, (bad, total) in enumerate(minutes, start=begin):
        if total:
            traffic.add(minute, key, [total, bad])
    return traffic


def replayed(traffic: Collected, *objectives: "Objective", points: int = 0) -> Replayed:
    """What these objectives would have done."""
    (found,) = replay(traffic, [Case("case", objectives or (objective(**UNGUARDED),))], curve_points=points)
    return found


def steady(bad: int, total: int, minutes: int) -> Sequence[tuple[int, int]]:
    """The same in each of so many minutes."""
    return [(bad, total)] * minutes
