"""Cells in about two bytes each, of which a few series can be read alone."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Self

import msgspec
import numpy as np

from actors.recording.cells import BITS, GROUP_BITS, Cells
from actors.recording.varints import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    def together(cls, parts: "Sequence[PackedCells]") -> Self:
        """The same of parts in any order; only to be unpacked, for groups may come several times."""
        return cls.joined(parts) if parts else cls.of(Cells.together(()))

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

    def sizes(self) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Which groups of 64 series there are, rising, and of how many cells each."""
        return self.groups, self.cells

    def split(self, groups: "NDArray[np.int64]") -> "Iterator[PackedCells]":
        """What lies before the first of some groups, then from each to the next, and from the last on."""
        cuts = np.searchsorted(self.groups, groups)
        begins = np.append(0, self.ends)[cuts]
        for (first, end), (begin, after) in zip(
            pairwise([0, *cuts.tolist(), len(self.groups)]),
            pairwise([0, *begins.tolist(), len(self.packed)]),
            strict=True,
        ):
            yield PackedCells(
                self.groups[first:end],
                self.ends[first:end] - begin,
                self.cells[first:end],
                self.packed[begin:after],
            )

    def all(self) -> Cells:
        """All of them."""
        return Cells(*self.unpacked(self.groups))

    def unpacked(self, groups: "NDArray[np.int64]") -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Keys and counts of all of them, with other numbers for the groups."""
        numbers = unpack(self.packed).reshape(-1, 2)
        keys = np.cumsum(numbers[:, 0])
        firsts = np.cumsum(self.cells) - self.cells
        keys += np.repeat((groups << _SHIFT) - (keys[firsts] - numbers[firsts, 0]), self.cells)
        return keys, numbers[:, 1]

    def of_series(self, wanted: "NDArray[np.int64]") -> Cells:
        """Those of some series alone."""
        there = np.flatnonzero(np.isin(self.groups, wanted >> GROUP_BITS))
        begins = np.append(0, self.ends)
        parts = [self.packed[begins[at] : begins[at + 1]] for at in there.tolist()]
        if not parts:
            return Cells.together(())
        found = PackedCells(self.groups[there], self.ends[there], self.cells[there], np.concatenate(parts))
        return found.all().of_series(wanted)
