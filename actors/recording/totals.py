"""What one series has counted in all."""

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
        created: Unix time of its first prediction, seconds.
        exemplars: Traced ones among the successes.
        first_items: How long those that gave several items took to the first; None while there are none.
    """

    __slots__ = (
        "_bounds",
        "_coarse_seconds",
        "_coarse_within",
        "_durations",
        "cancelled",
        "created",
        "errors",
        "exemplars",
        "first_items",
        "invalid",
        "requests",
    )

    def __init__(self, bounds: "Sequence[Seconds]") -> None:
        self.requests = self.errors = self.cancelled = self.invalid = 0
        self.created = unix_now()
        self.first_items: Durations | None = None
        self.exemplars = Exemplars(bounds)
        self._bounds = bounds
        self._durations = Durations(bounds)
        # Of peers with other buckets than ours.
        self._coarse_within: NDArray[np.int64] = np.zeros(len(bounds) + 1, np.int64)
        self._coarse_seconds: Seconds = 0.0

    @property
    def latency(self) -> Histogram:
        """How long the successful ones took, of this process and of peers with buckets like ours."""
        return self._durations.histogram

    @property
    def seconds(self) -> "Seconds":
        """Sum over the successful ones; of a peer's, estimated from the middles of its buckets."""
        return self._durations.seconds + self._coarse_seconds

    @property
    def counted(self) -> tuple[int, int, int, int]:
        """Requests, errors, cancelled and invalid ones."""
        return self.requests, self.errors, self.cancelled, self.invalid

    def within(self) -> "list[tuple[Seconds, int]]":
        """For each bound, `inf` last, how many succeeded within it."""
        coarse = self._coarse_within.tolist()
        return [
            (bound, count + more)
            for (bound, count), more in zip(self.within_of_latency(), coarse, strict=True)
        ]

    def within_of_latency(self) -> "list[tuple[Seconds, int]]":
        """Like `within`, of those alone that are in `latency`."""
        return self._durations.within()

    def add_values(self, values: "NDArray[np.float64]") -> "tuple[int, NDArray[np.int64]]":
        """Add seconds of each of this process's that succeeded; there must be at least one.

        Returns:
            What that adds to `latency`: index of the first bucket, and the counts from there on.
        """
        return self._durations.add(values)

    def add_first_items(self, values: "NDArray[np.float64]") -> None:
        """Add seconds to the first item of each of this process's that gave several."""
        if self.first_items is None:
            self.first_items = Durations(self._bounds)
        self.first_items.add(values)

    def add_counts(self, counts: "Counts") -> None:
        """Add a peer's."""
        self.requests += counts.requests
        self.errors += counts.errors
        self.cancelled += counts.cancelled
        self.invalid += counts.invalid
        if not counts.timed:
            return
        within = [*map(counts.surely_within, self._bounds), counts.timed]
        if counts.histogram is not None:
            self._durations.merge(counts.histogram, within)
        else:
            self._coarse_within += within
            self._coarse_seconds += sum(
                count * (lower + upper) / 2 for lower, upper, count in counts.buckets()
            )
