"""Histograms as they are pushed, and what they rose by."""

from dataclasses import dataclass, replace
from itertools import chain, repeat
from math import ceil, floor, log2
from operator import sub
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from actors.recording.histogram import SCALE, SHORTEST, Histogram, upper_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

LOWEST: Final = ceil(log2(SHORTEST) * (1 << SCALE)) - 1
"""Index of the bucket at our scale for what is too short for a clock, and for what took no time."""

HIGHEST: Final = (30 << SCALE) - 1
"""Index of our last bucket, which ends at 2**30 seconds; whatever is longer counts as so long."""

SCALES: Final = range(-10, 21)
"""The scales that OpenTelemetry knows."""


@dataclass(frozen=True, slots=True)
class Exponential:
    """A base-2 exponential histogram, no finer than our own.

    Attributes:
        scale: At most ours; of a finer one, neighbours have been added up, which is exact.
        first: Index of the first bucket.
        counts: How many each holds, from that one on. Zeros and negative times stand in the lowest there is.
        zero_threshold: What was not longer than so many seconds was counted as zero.
        seconds: Sum of the values; None where the sender does not say.
        shortest: A lower bound of the values, seconds, or None.
        longest: An upper bound of them, or None.
    """

    scale: int
    first: int
    counts: tuple[int, ...]
    zero_threshold: float = 0.0
    seconds: float | None = None
    shortest: float | None = None
    longest: float | None = None

    @classmethod
    def of(cls, scale: int, first: int, counts: "Sequence[int]", below: int = 0) -> Self:
        """Make one of buckets at any scale that there is.

        Args:
            scale: One of `SCALES`.
            first: Index of the first bucket.
            counts: How many each holds, from that one on.
            below: How many were zero or negative.
        """
        to = min(scale, SCALE)
        lowest, highest = _ends(to)
        shift = scale - to
        if not shift and not below and lowest <= first and first + len(counts) <= highest + 1:
            return cls(to, first, tuple(counts))
        held = {lowest: below} if below else {}
        for index, count in enumerate(counts, start=first):
            if count:
                at = min(max(index >> shift, lowest), highest)
                held[at] = held.get(at, 0) + count
        return cls(to, *_dense(held))

    @property
    def count(self) -> int:
        """How many values it holds."""
        return sum(self.counts)

    def since(self, before: "Exponential") -> "Exponential | None":
        """What was added after `before`, at the coarser scale of the two; None if any bucket has fallen."""
        scale = min(self.scale, before.scale)
        zero_threshold = max(self.zero_threshold, before.zero_threshold)
        now, then = (_coarser(one, scale, zero_threshold) for one in (self, before))
        low = min((one.first for one in (now, then) if one.counts), default=0)
        high = max((one.first + len(one.counts) for one in (now, then) if one.counts), default=0)
        added = tuple(map(sub, _padded(now, low, high), _padded(then, low, high)))
        if min(added, default=0) < 0:
            return None
        seconds = None if self.seconds is None or before.seconds is None else self.seconds - before.seconds
        return replace(self, scale=scale, first=low, counts=added, seconds=seconds)

    def histogram(self) -> Histogram:
        """One of ours; there must be at least one value.

        What is known of a value in a coarser bucket is that it is at most the bucket's upper bound, so there
        it is put: what lies surely within a threshold is still told right, and a quantile is never too short.
        """
        low, counts = self._at_our_scale()
        filled = np.flatnonzero(counts)
        # The extremes are of the sender's whole life: they lie in these buckets or outside them.
        ends_first, last = upper_end(low + int(filled[0])), low + int(filled[-1])
        ends_before_last = 0.0 if last == LOWEST else upper_end(last - 1)
        return Histogram.from_buckets(
            low,
            counts,
            total=None if self.seconds is None or self.seconds < 0 else self.seconds,
            shortest=None if self.shortest is None or self.shortest > ends_first else self.shortest,
            longest=None if self.longest is None or self.longest < ends_before_last else self.longest,
        )

    def _at_our_scale(self) -> "tuple[int, NDArray[np.int64]]":
        shift, counts = SCALE - self.scale, np.array(self.counts, np.int64)
        if not shift:
            return self.first, counts
        at = np.minimum(((np.arange(len(counts)) + self.first + 1) << shift) - 1, HIGHEST)
        spread = np.zeros(int(at[-1] - at[0]) + 1, np.int64)
        np.add.at(spread, at - at[0], counts)
        return int(at[0]), spread


def _ends(scale: int) -> tuple[int, int]:
    """The first and last index that there is at a scale no finer than ours."""
    return LOWEST >> (SCALE - scale), HIGHEST >> (SCALE - scale)


def _dense(held: dict[int, int]) -> tuple[int, tuple[int, ...]]:
    if not held:
        return 0, ()
    first = min(held)
    return first, tuple(held.get(index, 0) for index in range(first, max(held) + 1))


def _padded(histogram: Exponential, low: int, high: int) -> "Iterable[int]":
    if not histogram.counts:
        return repeat(0, high - low)
    end = histogram.first + len(histogram.counts)
    return chain(repeat(0, histogram.first - low), histogram.counts, repeat(0, high - end))


def _coarser(histogram: Exponential, scale: int, zero_threshold: float) -> Exponential:
    """The same at a scale that is no finer, what is within a threshold that is no lower among the zeros."""
    shift = histogram.scale - scale
    if not shift and zero_threshold == histogram.zero_threshold:
        return histogram
    lowest, _ = _ends(scale)
    zeros_end = floor(log2(zero_threshold) * 2.0**scale) - 1 if zero_threshold else lowest
    held: dict[int, int] = {}
    for index, count in enumerate(histogram.counts, start=histogram.first):
        if count:
            at = lowest if index >> shift <= zeros_end else index >> shift
            held[at] = held.get(at, 0) + count
    first, counts = _dense(held)
    return replace(histogram, scale=scale, first=first, counts=counts)


@dataclass(frozen=True, slots=True)
class Explicit:
    """A histogram whose bounds the sender chose.

    Attributes:
        bounds: Rising, seconds; each belongs to the bucket below it.
        counts: One more than bounds: the last bucket has no upper end.
    """

    bounds: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many values it holds."""
        return sum(self.counts)

    def since(self, before: "Explicit") -> "Explicit | None":
        """What was added after `before`; None if any bucket has fallen, or the bounds are others."""
        if self.bounds != before.bounds:
            return None
        added = tuple(now - then for now, then in zip(self.counts, before.counts, strict=True))
        return None if min(added) < 0 else replace(self, counts=added)
