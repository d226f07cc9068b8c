"""How long the predictions of many series took, as one sorted list of cells.

A cell is a bucket of one series, at scale 6, that holds something. Adding is exact, and so is taking off.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from actors.recording.histogram import PER_OCTAVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BITS: Final = 12
"""Of a key so many tell the bucket, those above them the series."""
GROUP_BITS: Final = 6
"""So many series, as a power of two, are packed and read together."""
BUCKETS: Final = 1 << BITS
_MIDDLE: Final = BUCKETS // 2
"""So far the index of a bucket is shifted: from 2**-32 seconds to 2**32."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts by series and bucket.

    Attributes:
        keys: Series times 4096 plus bucket, strictly rising.
        counts: How many each cell holds, > 0.
    """

    keys: "NDArray[np.int64]"
    counts: "NDArray[np.int64]"

    @classmethod
    def of(cls, keys: "NDArray[np.int64]", counts: "NDArray[np.int64]") -> Self:
        """Make some of keys in any order, of which some may be told several times; counts >= 0."""
        if not len(keys):
            return cls(keys, counts)
        ordered, counts = _sorted(keys, counts)
        firsts = np.append(0, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)
        added = np.add.reduceat(counts, firsts)
        filled = added > 0
        if filled.all():
            return cls(ordered[firsts], added)
        return cls(ordered[firsts[filled]], added[filled])

    @classmethod
    def together(cls, parts: "Sequence[Cells]") -> Self:
        """All that some hold."""
        if not parts:
            return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))
        return cls.of(
            np.concatenate([one.keys for one in parts]), np.concatenate([one.counts for one in parts])
        )

    @classmethod
    def joined(cls, parts: "Sequence[Cells]") -> Self:
        """The same of parts whose keys rise from each to the next."""
        if not parts:
            return cls.together(())
        return cls(np.concatenate([one.keys for one in parts]), np.concatenate([one.counts for one in parts]))

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def nbytes(self) -> int:
        """Memory of it."""
        return self.keys.nbytes + self.counts.nbytes

    def sizes(self) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Which groups of 64 series there are, rising, and of how many cells each."""
        groups = self.keys >> (BITS + GROUP_BITS)
        firsts = np.flatnonzero(np.diff(groups, prepend=-1))
        return groups[firsts], np.diff(firsts, append=len(groups))

    def split(self, groups: "NDArray[np.int64]") -> "Iterator[Cells]":
        """What lies before the first of some groups, then from each to the next, and from the last on."""
        cuts = np.searchsorted(self.keys, groups << (BITS + GROUP_BITS)).tolist()
        for begin, end in pairwise([0, *cuts, len(self.keys)]):
            yield Cells(self.keys[begin:end], self.counts[begin:end])

    def series(self) -> "NDArray[np.int64]":
        """Whose cells they are: every series once, rising."""
        owners = self.keys >> BITS
        return owners[np.flatnonzero(np.diff(owners, prepend=-1))]

    def of_series(self, wanted: "NDArray[np.int64]") -> "Cells":
        """Those of some series alone."""
        kept = np.isin(self.keys >> BITS, wanted)
        return Cells(self.keys[kept], self.counts[kept])

    def moved(self, series: "NDArray[np.int64]") -> "Cells":
        """The same cells, of other series: for each of `series()` which it becomes, all different."""
        owners = np.searchsorted(self.series(), self.keys >> BITS)
        return Cells.of((series[owners] << BITS) + (self.keys & (BUCKETS - 1)), self.counts)

    def shared_out(self, series: "NDArray[np.int64]", groups: "NDArray[np.int64]") -> "Cells":
        """The same counts by groups of series, each in all of the groups that its series is in.

        Args:
            series: Rising; each stands there once for each group that it is in.
            groups: The numbers of those, for each.
        """
        owners = self.keys >> BITS
        first = np.searchsorted(series, owners)
        times = np.searchsorted(series, owners, side="right") - first
        each = np.repeat(np.arange(len(owners)), times)
        nth = np.arange(len(each)) - np.repeat(np.cumsum(times) - times, times)
        keys = (groups[first[each] + nth] << BITS) + (self.keys[each] & (BUCKETS - 1))
        return Cells.of(keys, self.counts[each])

    def as_one(self) -> "Cells":
        """All series taken for one, of number 0."""
        return Cells.of(self.keys & (BUCKETS - 1), self.counts)

    def quantiles(self, qs: "Sequence[float]") -> "NDArray[np.float64]":
        """The nearest rank of each series, to half a bucket: 0.54 %.

        Args:
            qs: Each in 0..1; 0 gives the shortest.

        Returns:
            Seconds; a row for each of `qs`, a column for each of `series()`.
        """
        if not len(self.keys):
            return np.zeros((len(qs), 0))
        firsts = np.flatnonzero(np.diff(self.keys >> BITS, prepend=-1))
        reached = np.cumsum(self.counts)
        before = reached[firsts] - self.counts[firsts]
        totals = np.diff(before, append=reached[-1])
        # One list for all series: a rank within one is that rank after all those before it.
        ranks = np.maximum(1, np.ceil(np.multiply.outer(np.asarray(qs), totals))).astype(np.int64)
        found = self.keys[np.searchsorted(reached, before + ranks)]
        return middles(found)


def _sorted(
    keys: "NDArray[np.int64]", counts: "NDArray[np.int64]"
) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Both in the order of the keys."""
    bits = int(counts.max()).bit_length()
    if int(keys.max()) >> (63 - bits):
        order = np.argsort(keys, kind="stable")
        return keys[order], counts[order]
    # As one number they are sorted several times as fast.
    both = (keys << bits) + counts
    both.sort()
    return both >> bits, both & ((1 << bits) - 1)


def cells_of(series: int, first: int, counts: "NDArray[np.int64]") -> Cells:
    """Of one series, from a bucket on; those that are out of all bounds stand at the end."""
    (filled,) = counts.nonzero()
    buckets = filled + (first + _MIDDLE)
    if first < -_MIDDLE or first + len(counts) > _MIDDLE:
        buckets = np.clip(buckets, 0, BUCKETS - 1)
        return Cells.of(buckets + (series << BITS), counts[filled])
    return Cells(buckets + (series << BITS), counts[filled])


def middles(keys: "NDArray[np.int64]") -> "NDArray[np.float64]":
    """The middle of the bucket that each key tells, seconds."""
    seconds: NDArray[np.float64] = np.exp2(((keys & (BUCKETS - 1)) - (_MIDDLE - 0.5)) / PER_OCTAVE)
    return seconds
