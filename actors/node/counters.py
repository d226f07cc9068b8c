"""Cumulative counters of a peer, and what they rose by between two looks.

A peer tells totals since its start, so an answer that was lost costs nothing: the next one brings it all.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from actors.recording.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.recording.series import SeriesKey


@dataclass(frozen=True, slots=True)
class Cumulative:
    """One series' totals since its start.

    Attributes:
        requests: Predictions, failed ones included, >= 0.
        errors: Failed ones, >= 0.
        within: For each bucket bound in seconds, rising, how many succeeded within it; `inf` counts all that
            did. Empty where the peer has no histogram for the series.
        created: Unix time at which the series began, seconds; None where the peer does not say.
        cancelled: Cancelled ones, >= 0; in no total.
        invalid: Those whose input was refused, >= 0; in no total.
    """

    requests: int
    errors: int = 0
    within: tuple[tuple[float, int], ...] = ()
    created: float | None = None
    cancelled: int = 0
    invalid: int = 0

    @property
    def bounds(self) -> tuple[float, ...]:
        """The bucket bounds, seconds."""
        return tuple(bound for bound, _ in self.within)


Reading: TypeAlias = "Mapping[SeriesKey, Cumulative]"

_NOTHING = Cumulative(requests=0)


def is_reset(before: Cumulative, now: Cumulative) -> bool:
    """Whether a series began anew between two looks.

    A fall in any of its counters says so, another start time, and buckets that changed or went: a histogram
    keeps its bounds for life. A histogram that was not there before is merely new.

    Source:
        Prometheus' rule for native histograms: the count or any bucket falls.
    """
    if before.created is not None and now.created is not None and before.created != now.created:
        return True
    if any(later < earlier for earlier, later in zip(_plain(before), _plain(now), strict=True)):
        return True
    if not before.within:
        return False
    return before.bounds != now.bounds or any(
        later < earlier for (_, earlier), (_, later) in zip(before.within, now.within, strict=True)
    )


def increase(before: Cumulative | None, now: Cumulative) -> Counts:
    """What a series rose by.

    Args:
        before: The last look; None for a series that began since the peer was last looked at.
        now: This look.

    Returns:
        The differences; after a reset, and for a new series, all that it has counted since.
    """
    if before is None or is_reset(before, now):
        before = _NOTHING
    earlier = dict(before.within)
    return Counts(
        requests=now.requests - before.requests,
        errors=now.errors - before.errors,
        within={bound: count - earlier.get(bound, 0) for bound, count in now.within},
        cancelled=now.cancelled - before.cancelled,
        invalid=now.invalid - before.invalid,
    )


def _plain(total: Cumulative) -> tuple[int, ...]:
    return total.requests, total.errors, total.cancelled, total.invalid
