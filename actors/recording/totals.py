"""What one series has counted: in all, and in its newest minute by how long it took."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from actors.recording.durations import Durations
from actors.recording.exemplars import Exemplars
from actors.recording.histogram import Histogram
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.recording.counts import Counts
    from supervisor.clock import Seconds


class SeriesTotals:
    """Totals of one series since the start of this process.

    Args:
        row: Its row in the tables.
        bounds: Bucket bounds of the exposition, rising, seconds.

    Attributes:
        requests: Predictions, failed ones included.
        errors: Failed ones.
        cancelled: Those that were cancelled; in no total.
        invalid: Those whose input was refused; in no total.
        seconds: Sum over the successful ones; of a peer's, estimated from the middles of its buckets.
        created: Unix time of its first prediction, seconds.
        exemplars: Traced ones among the successes.
        first_items: How long those that gave several items took to the first; None while there are none.
        latency: How long the successful ones took, of this process and of peers with buckets like ours.
        last_minute: The newest closed minute with timed predictions: its number, what stands for each
            bucket, and how many each holds.
    """

    __slots__ = (
        "_bounds",
        "_open_buckets",
        "_open_values",
        "_within",
        "cancelled",
        "created",
        "errors",
        "exemplars",
        "first_items",
        "invalid",
        "last_minute",
        "latency",
        "requests",
        "row",
        "seconds",
    )

    def __init__(self, row: int, bounds: "Sequence[Seconds]") -> None:
        self.row = row
        self.requests = self.errors = self.cancelled = self.invalid = 0
        self.seconds: Seconds = 0.0
        self.created = unix_now()
        self.latency = Histogram()
        self.first_items: Durations | None = None
        self.exemplars = Exemplars(bounds)
        self.last_minute: tuple[int, NDArray[np.float64], NDArray[np.int64]] | None = None
        self._bounds = np.array([*bounds, inf])
        self._within: NDArray[np.int64] = np.zeros(len(self._bounds), np.int64)
        self._open_values = Histogram()
        self._open_buckets: Counter[float] = Counter()

    def within(self) -> list[tuple[float, int]]:
        """For each bound, `inf` last, how many succeeded within it."""
        return list(zip(self._bounds.tolist(), self._within.tolist(), strict=True))

    def add_values(self, values: "NDArray[np.float64]", errors: int) -> None:
        """Add this process's: seconds of each that succeeded, and how many failed."""
        self.requests += len(values) + errors
        self.errors += errors
        if len(values):
            buckets = np.bincount(np.searchsorted(self._bounds, values), minlength=len(self._bounds))
            self._within += np.cumsum(buckets)
            histogram = Histogram.of(values)
            self.seconds += histogram.total
            self._open_values.merge(histogram)
            self.latency.merge(histogram)

    def add_first_items(self, values: "NDArray[np.float64]") -> None:
        """Add seconds to the first item of each of this process's that gave several."""
        if self.first_items is None:
            self.first_items = Durations(self._bounds[:-1].tolist())
        self.first_items.add(values)

    def add_counts(self, counts: "Counts") -> None:
        """Add a peer's."""
        self.requests += counts.requests
        self.errors += counts.errors
        self.cancelled += counts.cancelled
        self.invalid += counts.invalid
        if not counts.timed:
            return
        self._within += [counts.surely_within(bound) for bound in self._bounds[:-1].tolist()] + [counts.timed]
        if counts.histogram is not None:
            self.seconds += counts.histogram.total
            self._open_values.merge(counts.histogram)
            self.latency.merge(counts.histogram)
            return
        for lower, upper, count in _buckets(counts.within):
            self._open_buckets[upper] += count
            self.seconds += count * (lower + upper) / 2

    def close_minute(self, minute: int) -> None:
        """End the open minute."""
        buckets = +self._open_buckets
        if not self._open_values.count and not buckets:
            return
        values, counts = self._open_values.cells()
        self.last_minute = (
            minute,
            np.concatenate([values, np.array(list(buckets), np.float64)]),
            np.concatenate([counts, np.array(list(buckets.values()), np.int64)]),
        )
        self._open_values, self._open_buckets = Histogram(), Counter()


def _buckets(within: Mapping[float, int]) -> list[tuple[float, float, int]]:
    """Lower bound, upper bound and count of each bucket; the one without an upper end is put at its lower."""
    if min(within) == inf:
        return []
    found: list[tuple[float, float, int]] = []
    lower, below = 0.0, 0
    for upper in sorted(within):
        top = lower if upper == inf else upper
        found.append((lower, top, within[upper] - below))
        lower, below = top, within[upper]
    return found
