"""Cells in about two bytes each, of which a few series can be read alone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from actors.recording.cells import BITS, Cells
from actors.recording.varints import pack, unpack

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GROUP_BITS: Final = 6
"""So many series, as a power of two, are read together."""
_SHIFT: Final = BITS + _GROUP_BITS


@dataclass(frozen=True, slots=True)
class PackedCells:
    """For each cell the distance from the one before it, and its count, as varints.

    Groups of 64 series begin anew, so that each can be read by itself.

    Attributes:
        groups: Which there are, rising.
        ends: Of each group, where its bytes end.
        cells: Of each group, how many cells it has.
        packed: The bytes.
    """

    groups: "NDArray[np.int64]"
    ends: "NDArray[np.int64]"
    cells: "NDArray[np.int64]"
    packed: "NDArray[np.uint8]"

    @classmethod
    def of(cls, cells: Cells) -> Self:
        """Pack some."""
        owners = cells.keys >> _SHIFT
        firsts = np.flatnonzero(np.diff(owners, prepend=-1))
        numbers = np.empty((len(owners), 2), np.int64)
        numbers[:, 0] = np.diff(cells.keys, prepend=0)
        numbers[firsts, 0] = cells.keys[firsts] & ((1 << _SHIFT) - 1)
        numbers[:, 1] = cells.counts
        packed = pack(numbers.ravel())
        after = np.append(firsts, len(owners))[1:]
        ends = np.flatnonzero(packed < 128)[2 * after - 1] + 1
        return cls(owners[firsts], ends, np.diff(after, prepend=0), packed)

    @property
    def nbytes(self) -> int:
        """Memory of it."""
        return self.packed.nbytes + 3 * self.groups.nbytes

    def all(self) -> Cells:
        """All of them."""
        return _unpacked(self.packed, self.groups, self.cells)

    def of_series(self, wanted: "NDArray[np.int64]") -> Cells:
        """Those of some series alone."""
        there = np.flatnonzero(np.isin(self.groups, wanted >> _GROUP_BITS))
        begins = np.append(0, self.ends)
        parts = [self.packed[begins[at] : begins[at + 1]] for at in there.tolist()]
        if not parts:
            return Cells.together(())
        return _unpacked(np.concatenate(parts), self.groups[there], self.cells[there]).of_series(wanted)


def _unpacked(packed: "NDArray[np.uint8]", groups: "NDArray[np.int64]", cells: "NDArray[np.int64]") -> Cells:
    numbers = unpack(packed).reshape(-1, 2)
    sums = np.cumsum(numbers[:, 0])
    firsts = np.cumsum(cells) - cells
    begins = (groups << _SHIFT) - (sums[firsts] - numbers[firsts, 0])
    return Cells(sums + np.repeat(begins, cells), numbers[:, 1])
