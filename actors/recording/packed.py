"""Cells in about two bytes each, of which a few series can be read alone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import msgspec
import numpy as np

from actors.recording.cells import BITS, GROUP_BITS, Cells
from actors.recording.varints import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SHIFT: Final = BITS + GROUP_BITS

_decoder = msgspec.msgpack.Decoder(tuple[bytes, bytes, bytes, bytes])


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

    @classmethod
    def joined(cls, parts: "Sequence[PackedCells]") -> Self:
        """One of parts whose groups rise from each to the next."""
        before = np.cumsum([0, *(len(one.packed) for one in parts)]).tolist()
        return cls(
            np.concatenate([one.groups for one in parts]),
            np.concatenate([one.ends + begin for one, begin in zip(parts, before, strict=False)]),
            np.concatenate([one.cells for one in parts]),
            np.concatenate([one.packed for one in parts]),
        )

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """What `encode` made.

        Raises:
            ValueError: It was not made by it.
        """
        try:
            *parts, packed = _decoder.decode(encoded)
            groups, ends, cells = (unpack(np.frombuffer(one, np.uint8)) for one in parts)
        except msgspec.DecodeError as error:
            raise ValueError(f"stored cells of {len(encoded)} bytes: {error}") from error
        if not len(groups) == len(ends) == len(cells):
            raise ValueError(f"stored cells: {len(groups)} groups must have as many ends and sizes")
        return cls(np.cumsum(groups), np.cumsum(ends), cells, np.frombuffer(packed, np.uint8))

    def encode(self) -> bytes:
        """As bytes."""
        steps = np.diff(self.groups, prepend=0), np.diff(self.ends, prepend=0), self.cells
        return msgspec.msgpack.encode([*(pack(one).tobytes() for one in steps), self.packed.tobytes()])

    def __len__(self) -> int:
        return int(self.cells.sum())

    @property
    def nbytes(self) -> int:
        """Memory of it."""
        return self.packed.nbytes + 3 * self.groups.nbytes

    def all(self) -> Cells:
        """All of them."""
        return _unpacked(self.packed, self.groups, self.cells)

    def cuts(self, size: int) -> list[int]:
        """Series, multiples of 64 and rising: between two of them lie about so many cells."""
        after = np.flatnonzero(np.diff(np.cumsum(self.cells) // size)) + 1
        cuts: list[int] = (self.groups[after] << GROUP_BITS).tolist()
        return cuts

    def between(self, first: int, end: int) -> Cells:
        """Those of the series in [first, end), both multiples of 64 or beyond all there are."""
        begin, after = np.searchsorted(self.groups, (first >> GROUP_BITS, end >> GROUP_BITS)).tolist()
        if begin == after:
            return Cells.together(())
        packed = self.packed[self.ends[begin - 1] if begin else 0 : self.ends[after - 1]]
        return _unpacked(packed, self.groups[begin:after], self.cells[begin:after])

    def of_series(self, wanted: "NDArray[np.int64]") -> Cells:
        """Those of some series alone."""
        there = np.flatnonzero(np.isin(self.groups, wanted >> GROUP_BITS))
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
