"""What one series has counted in all."""

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from actors.recording.durations import Durations
from actors.recording.exemplars import Exemplars
from actors.recording.histogram import Histogram
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from actors.recording.counts import Counts
    from supervisor.clock import Seconds


class SeriesTotals:
    """Totals of one series since the start of this process.

    Args:
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
    """

    __slots__ = (
        "_bounds",
        "_coarse",
        "_within",
        "cancelled",
        "created",
        "errors",
        "exemplars",
        "first_items",
        "invalid",
        "latency",
        "requests",
        "seconds",
    )

    def __init__(self, bounds: "Sequence[Seconds]") -> None:
        self.requests = self.errors = self.cancelled = self.invalid = 0
        self.seconds: Seconds = 0.0
        self.created = unix_now()
        self.latency = Histogram()
        self.first_items: Durations | None = None
        self.exemplars = Exemplars(bounds)
        self._bounds = np.array([*bounds, inf])
        self._within: NDArray[np.int64] = np.zeros(len(self._bounds), np.int64)
        self._coarse = np.zeros_like(self._within)  # of peers with other buckets than ours

    @property
    def counted(self) -> tuple[int, int, int, int]:
        """Requests, errors, cancelled and invalid ones."""
        return self.requests, self.errors, self.cancelled, self.invalid

    def within(self) -> list[tuple[float, int]]:
        """For each bound, `inf` last, how many succeeded within it."""
        return list(zip(self._bounds.tolist(), self._within.tolist(), strict=True))

    def within_of_latency(self) -> list[tuple[float, int]]:
        """Like `within`, of those alone that are in `latency`."""
        return list(zip(self._bounds.tolist(), (self._within - self._coarse).tolist(), strict=True))

    def add_values(self, values: "NDArray[np.float64]") -> "tuple[int, NDArray[np.int64]]":
        """Add seconds of each of this process's that succeeded; there must be at least one.

        Returns:
            What that adds to `latency`: index of the first bucket, and the counts from there on.
        """
        buckets = np.bincount(self._bounds.searchsorted(values), minlength=len(self._bounds))
        self._within += buckets.cumsum()
        self.seconds += float(values.sum())
        return self.latency.add(values)

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
        within = [*map(counts.surely_within, self._bounds[:-1].tolist()), counts.timed]
        self._within += within
        if counts.histogram is not None:
            self.seconds += counts.histogram.total
            self.latency.merge(counts.histogram)
        else:
            self._coarse += within
            self.seconds += sum(count * (lower + upper) / 2 for lower, upper, count in counts.buckets())
