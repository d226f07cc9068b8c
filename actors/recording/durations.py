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

    def add(self, values: "NDArray[np.float64]") -> None:
        """Count some, in seconds, >= 0; there must be at least one."""
        buckets = np.bincount(np.searchsorted(self._bounds, values), minlength=len(self._bounds))
        self._within += np.cumsum(buckets)
        self.histogram.add(values)

    def within(self) -> "list[tuple[Seconds, int]]":
        """For each bound, `inf` last, how many took no longer."""
        return list(zip(self._bounds.tolist(), self._within.tolist(), strict=True))
