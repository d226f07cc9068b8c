"""Durations of one kind of one series, counted in all."""

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from actors.recording.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from supervisor.clock import Seconds


class Durations:
    """Counted within each bound of the exposition, exactly, and in buckets 1.09 % wide.

    Args:
        bounds: Rising, seconds, without `inf`.

    Attributes:
        histogram: All of them.
    """

    __slots__ = ("_bounds", "_within", "histogram")

    def __init__(self, bounds: "Sequence[Seconds]") -> None:
        self._bounds = np.array([*bounds, inf])
        self._within: NDArray[np.int64] = np.zeros(len(self._bounds), np.int64)
        self.histogram = Histogram()

    @property
    def seconds(self) -> "Seconds":
        """Their sum."""
        return self.histogram.total

    def add(self, values: "NDArray[np.float64]") -> "tuple[int, NDArray[np.int64]]":
        """Count some, in seconds, >= 0; there must be at least one.

        Returns:
            What that adds to the histogram: index of the first bucket, and the counts from there on.
        """
        self._within += np.bincount(self._bounds.searchsorted(values), minlength=len(self._bounds)).cumsum()
        return self.histogram.add(values)

    def merge(self, histogram: Histogram, within: "Sequence[int]") -> None:
        """Count what somebody else has counted.

        Args:
            histogram: All of them.
            within: How many took no longer than each bound, `inf` last.
        """
        self._within += within
        self.histogram.merge(histogram)

    def within(self) -> "list[tuple[Seconds, int]]":
        """For each bound, `inf` last, how many took no longer."""
        return list(zip(self._bounds.tolist(), self._within.tolist(), strict=True))
