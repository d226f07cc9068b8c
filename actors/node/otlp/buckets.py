"""Histograms as they are pushed, and what they rose by."""

from dataclasses import dataclass, replace
from math import ceil, log2
from typing import TYPE_CHECKING, Final, Self

from actors.recording.histogram import SCALE, SHORTEST

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        counts: By index, only those > 0. Zeros and negative times stand in the lowest bucket.
        seconds: Sum of the values; None where the sender does not say.
        shortest: A lower bound of the values, seconds, or None.
        longest: An upper bound of them, or None.
    """

    scale: int
    counts: dict[int, int]
    seconds: float | None = None
    shortest: float | None = None
    longest: float | None = None

    @classmethod
    def of(
        cls,
        scale: int,
        buckets: "Iterable[tuple[int, int]]",
        below: int = 0,
    ) -> Self:
        """Make one of buckets at any scale that there is.

        Args:
            scale: One of `SCALES`.
            buckets: Index and count, any order, repetitions add up.
            below: How many were zero or negative.
        """
        to = min(scale, SCALE)
        lowest, highest = LOWEST >> (SCALE - to), HIGHEST >> (SCALE - to)
        counts = {lowest: below} if below else {}
        for index, count in buckets:
            if count:
                at = min(max(index >> (scale - to), lowest), highest)
                counts[at] = counts.get(at, 0) + count
        return cls(to, counts)

    @property
    def count(self) -> int:
        """How many values it holds."""
        return sum(self.counts.values())

    def since(self, before: "Exponential") -> "Exponential | None":
        """What was added after `before`, at the coarser scale of the two; None if any bucket has fallen."""
        scale = min(self.scale, before.scale)
        now, then = _coarser(self, scale), _coarser(before, scale)
        if any(count > now.get(index, 0) for index, count in then.items()):
            return None
        added = {index: rise for index, count in now.items() if (rise := count - then.get(index, 0))}
        seconds = None if self.seconds is None or before.seconds is None else self.seconds - before.seconds
        return replace(self, scale=scale, counts=added, seconds=seconds)

    def at_our_scale(self) -> "dict[int, int]":
        """Counts by index at our own scale.

        What is known of a value in a coarser bucket is that it is at most the bucket's upper bound, so there
        it is put: what lies surely within a threshold is still told right, and a quantile is never too short.
        """
        shift = SCALE - self.scale
        counts: dict[int, int] = {}
        for index, count in self.counts.items():
            at = min(((index + 1) << shift) - 1, HIGHEST)
            counts[at] = counts.get(at, 0) + count
        return counts


def _coarser(histogram: Exponential, scale: int) -> dict[int, int]:
    shift = histogram.scale - scale
    if not shift:
        return histogram.counts
    counts: dict[int, int] = {}
    for index, count in histogram.counts.items():
        counts[index >> shift] = counts.get(index >> shift, 0) + count
    return counts


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
