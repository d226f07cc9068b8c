"""How long the predictions of many series took, laid out so that adding to it is quick.

Cells are the smaller the fewer there are; here every bucket has a place of its own, beside fifteen others,
and what is added finds that without anything being sorted.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.cells import BITS, GROUP_BITS, Cells, middles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

ROW_BITS: Final = 4
"""So many buckets, as a power of two, stand in a row."""
ROW: Final = 1 << ROW_BITS
_SERIES: Final = BITS - ROW_BITS
GROUP_ROWS: Final = _SERIES + GROUP_BITS
"""So many rows, as a power of two, are of 64 series."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by series and bucket, of neighbouring series.

    Attributes:
        rows: Which there are: series times 256 plus a sixteenth of the bucket, strictly rising.
        counts: Of each row sixteen, >= 0 and not all 0; of 32 bits where the sum of all of them has no more.
        groups: Which groups of 64 series there are, rising.
        sizes: Of each group, how many rows it has.
    """

    rows: "NDArray[np.int64]"
    counts: "NDArray[np.uint32] | NDArray[np.int64]"

    groups: "NDArray[np.int64]"
    sizes: "NDArray[np.int64]"

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def nbytes(self) -> int:
        """Memory of it."""
        return self.rows.nbytes + self.counts.nbytes + self.groups.nbytes + self.sizes.nbytes

    def split(self, groups: "NDArray[np.int64]") -> "Iterator[Tally]":
        """What lies before the first of some groups, then from each to the next, and from the last on."""
        cuts = np.searchsorted(self.groups, groups)
        ends = np.append(0, np.cumsum(self.sizes))[cuts]
        for (first, after), (begin, end) in zip(
            pairwise([0, *cuts.tolist(), len(self.groups)]),
            pairwise([0, *ends.tolist(), len(self.rows)]),
            strict=True,
        ):
            yield Tally(
                self.rows[begin:end],
                self.counts[begin:end],
                self.groups[first:after],
                self.sizes[first:after],
            )

    def cells(self, rows: "NDArray[np.bool_] | slice" = np.s_[:]) -> Cells:
        """The same as cells; of some rows alone, if they are told."""
        counts = self.counts[rows].ravel()
        (filled,) = counts.nonzero()
        keys = (self.rows[rows][filled >> ROW_BITS] << ROW_BITS) + (filled & (ROW - 1))
        return Cells(keys, counts[filled].astype(np.int64))

    def firsts(self) -> "NDArray[np.int64]":
        """Where the rows of each series begin."""
        return np.flatnonzero(np.diff(self.rows >> _SERIES, prepend=-1))

    def quantiles(self, qs: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """As `Cells.quantiles` has them."""
        sums = np.einsum("ij->i", self.counts).astype(np.int64)
        reached, firsts = np.cumsum(sums), self.firsts()
        before = reached[firsts] - sums[firsts]
        totals = np.diff(before, append=reached[-1:])
        # One list for all series: a rank within one is that rank after all those before it.
        ranks = before + np.maximum(1, np.ceil(np.multiply.outer(qs, totals))).astype(np.int64)
        rows = np.searchsorted(reached, ranks)
        ranks -= reached[rows] - sums[rows]
        within = np.cumsum(self.counts[rows], axis=-1, dtype=np.int64) < ranks[..., None]
        return middles((self.rows[rows] << ROW_BITS) + np.count_nonzero(within, axis=-1))


class Tallies:
    """One after the other, each of series that come after all those before."""

    __slots__ = ("pieces",)

    def __init__(self, pieces: "Sequence[Tally]" = ()) -> None:
        self.pieces = tuple(one for one in pieces if len(one))

    def __len__(self) -> int:
        return sum(map(len, self.pieces))

    @property
    def nbytes(self) -> int:
        """Memory of it."""
        return sum(one.nbytes for one in self.pieces)

    def sizes(self) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Which groups of 64 series there are, rising, and of how many rows each."""
        if not self.pieces:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        groups, sizes = zip(*((one.groups, one.sizes) for one in self.pieces), strict=True)
        return np.concatenate(groups), np.concatenate(sizes)

    def split(self, groups: "NDArray[np.int64]") -> "Iterator[list[Tally]]":
        """What lies before the first of some groups, then from each to the next, and from the last on."""
        parts: list[list[Tally]] = [[] for _ in range(len(groups) + 1)]
        for piece in self.pieces:
            first, last = np.searchsorted(groups, piece.groups[[0, -1]], side="right").tolist()
            there = piece.split(groups[first:last]) if first < last else (piece,)
            for part, one in zip(parts[first : last + 1], there, strict=True):
                if len(one):
                    part.append(one)
        yield from parts

    def series(self) -> "NDArray[np.int64]":
        """Whose counts they are: every series once, rising."""
        found = [one.rows[one.firsts()] >> _SERIES for one in self.pieces]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def cells(self) -> Cells:
        """All of them as cells."""
        return Cells.joined([one.cells() for one in self.pieces])

    def of_series(self, wanted: "NDArray[np.int64]") -> Cells:
        """Those of some series alone."""
        return Cells.joined([one.cells(np.isin(one.rows >> _SERIES, wanted)) for one in self.pieces])

    def quantiles(self, qs: "Sequence[float]") -> "NDArray[np.float64]":
        """The nearest rank of each series, to half a bucket: 0.54 %.

        Args:
            qs: Each in 0..1; 0 gives the shortest.

        Returns:
            Seconds; a row for each of `qs`, a column for each of `series()`.
        """
        found = [one.quantiles(np.asarray(qs, np.float64)) for one in self.pieces]
        return np.concatenate([np.zeros((len(qs), 0)), *found], axis=1)
