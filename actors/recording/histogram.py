"""How long predictions took, in buckets 1.09 % wide.

This is the base-2 exponential histogram at scale 6: OpenTelemetry's ExponentialHistogram and Prometheus'
native schema 6. Bucket `i` holds the values in (2**(i/64), 2**((i+1)/64)]; the middle of a bucket is at most
0.54 % from anything in it, and merging is addition and adds no error.
"""

from math import ceil, floor, inf, log2
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from supervisor.clock import Seconds

SCALE: Final = 6
PER_OCTAVE: Final = 1 << SCALE
SHORTEST: Final = 1e-9
"""Seconds; what is shorter counts as so long. Such a prediction took no time that a clock can tell."""
_LONGEST: Final = float(1 << 30)
"""Seconds; what is longer counts as so long, which is 34 years."""

_ROOM: Final = 32


class Histogram:
    """Values counted by bucket; holds only the span of buckets between its smallest and largest.

    Attributes:
        count: How many values it holds.
        total: Their sum, seconds.
        shortest: The smallest; `inf` while there is none.
        longest: The largest; 0 while there is none.
    """

    __slots__ = ("_counts", "_first", "count", "longest", "shortest", "total")

    def __init__(self) -> None:
        self._first = 0
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self.count = 0
        self.total = 0.0
        self.shortest, self.longest = inf, 0.0

    @classmethod
    def of(cls, values: "NDArray[np.float64]") -> Self:
        """Of values in seconds, >= 0."""
        histogram = cls()
        if len(values):
            histogram.add(values)
        return histogram

    @classmethod
    def from_buckets(
        cls,
        first: int,
        counts: "NDArray[np.int64]",
        *,
        total: "Seconds | None" = None,
        shortest: "Seconds | None" = None,
        longest: "Seconds | None" = None,
    ) -> Self:
        """What somebody else has counted.

        Args:
            first: Index of the first bucket.
            counts: How many each holds, >= 0, from that one on.
            total: Sum of the values, seconds; None takes every value for the middle of its bucket.
            shortest: The smallest; None takes the lower end of the first bucket that holds any.
            longest: The largest; None takes the upper end of the last one.
        """
        histogram = cls()
        filled = np.flatnonzero(counts)
        if len(filled):
            low, high = first + int(filled[0]), first + int(filled[-1])
            held = np.asarray(counts[filled[0] : filled[-1] + 1], np.int64)
            histogram._put(low, high, held)
            histogram.count = int(held.sum())
            middles = np.exp2((np.arange(low, high + 1) + 0.5) / PER_OCTAVE)
            histogram.total = float(held @ middles) if total is None else total
            histogram.shortest = upper_end(low - 1) if shortest is None else shortest
            histogram.longest = upper_end(high) if longest is None else longest
        return histogram

    def add(self, values: "NDArray[np.float64]") -> "tuple[int, NDArray[np.int64]]":
        """Count values in seconds, >= 0; there must be at least one.

        Returns:
            What that adds: index of the first bucket, and the counts from there to the last.
        """
        self.count += len(values)
        self.total += float(values.sum())
        self.shortest = min(self.shortest, float(values.min()))
        self.longest = max(self.longest, float(values.max()))
        buckets = buckets_of(values)
        first, last = int(buckets.min()), int(buckets.max())
        buckets -= first
        added = np.bincount(buckets)
        self._put(first, last, added)
        return first, added

    def merge(self, other: "Histogram") -> None:
        """Count all that another has counted, too; adds no error."""
        if not other.count:
            return
        self.count += other.count
        self.total += other.total
        self.shortest = min(self.shortest, other.shortest)
        self.longest = max(self.longest, other.longest)
        first, counts = other.filled()
        self._put(first, first + len(counts) - 1, counts)

    def surely_within(self, bound: "Seconds") -> int:
        """How many were surely within a bound: those in buckets that end at or below it."""
        first, counts = self.buckets()
        if not self.count or bound >= self.longest:
            return self.count
        if bound <= 0:
            return 0
        # A bound that is meant to be a bucket's end may miss it by a rounding.
        ends = floor(log2(bound) * PER_OCTAVE + 1e-9)
        return int(counts[: max(0, ends - first)].sum())

    def quantile(self, q: float) -> "Seconds":
        """The value that a share of at least `q` lies at or below: the nearest rank, to half a bucket.

        The middle of its bucket stands for it, but never what is outside of all that was seen.

        Args:
            q: In 0..1; 0 gives the smallest value.

        Raises:
            ValueError: It is empty.
        """
        if not self.count:
            raise ValueError("a quantile must be of one value at least")
        rank = max(1, ceil(q * self.count))
        bucket = self._first + int(np.searchsorted(np.cumsum(self._counts), rank))
        middle = float(2.0 ** ((bucket + 0.5) / PER_OCTAVE))
        return min(max(middle, self.shortest), self.longest)

    def buckets(self) -> "tuple[int, NDArray[np.int64]]":
        """Index of the first bucket held, and the counts from there on."""
        return self._first, self._counts

    def filled(self) -> "tuple[int, NDArray[np.int64]]":
        """Index of the first bucket that holds something, and the counts from there to the last that does."""
        filled = np.flatnonzero(self._counts)
        if not len(filled):
            return 0, self._counts[:0]
        return self._first + int(filled[0]), self._counts[filled[0] : filled[-1] + 1]

    def _put(self, first: int, last: int, counts: "NDArray[np.int64]") -> None:
        self._make_room(first, last)
        self._counts[first - self._first : last + 1 - self._first] += counts

    def _make_room(self, first: int, last: int) -> None:
        size = len(self._counts)
        if size and self._first <= first and last < self._first + size:
            return
        low = first - _ROOM if not size else min(self._first, first - _ROOM)
        high = last + _ROOM if not size else max(self._first + size - 1, last + _ROOM)
        counts = np.zeros(high - low + 1, np.int64)
        if size:
            counts[self._first - low : self._first - low + size] = self._counts
        self._first, self._counts = low, counts


def upper_end(bucket: int) -> "Seconds":
    """Of the bucket of that index, seconds; values up to and with it belong there."""
    return float(2.0 ** ((bucket + 1) / PER_OCTAVE))


def buckets_of(values: "NDArray[np.float64]") -> "NDArray[np.int64]":
    """Index of the bucket that each value in seconds belongs to."""
    exponents = np.maximum(values, SHORTEST)
    np.minimum(exponents, _LONGEST, out=exponents)
    np.log2(exponents, out=exponents)
    exponents *= PER_OCTAVE
    buckets = np.ceil(exponents, out=exponents).astype(np.int64)
    buckets -= 1
    return buckets
