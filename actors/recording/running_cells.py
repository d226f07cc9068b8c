"""The cells of the running minute."""

from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.cells import BITS, Cells

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK_BITS: Final = 5
_LOOSE: Final = 2048


class RunningCells:
    """Collected in blocks of 32 neighbouring series, so that adding some up is a matter of microseconds."""

    __slots__ = ("_blocks",)

    def __init__(self) -> None:
        self._blocks: dict[int, _Block] = {}

    def add(self, cells: Cells) -> None:
        """Add some, of any number of series."""
        for number, part in _parts(cells):
            block = self._blocks.get(number)
            if block is None:
                block = self._blocks[number] = _Block()
            block.add(part)

    def settle(self) -> "Iterator[None]":
        """Add up what was added, block by block; others may add more and take meanwhile."""
        for block in tuple(self._blocks.values()):
            block.added_up()
            yield

    def take(self) -> Cells:
        """All of them; none are left."""
        taken = [self._blocks[number].added_up() for number in sorted(self._blocks)]
        self._blocks.clear()
        if not taken:
            return Cells.together(())
        # Their keys rise from block to block.
        return Cells(
            np.concatenate([one.keys for one in taken]), np.concatenate([one.counts for one in taken])
        )


class _Block:
    """Cells of a few series: what is added up, and what is not yet."""

    __slots__ = ("_cells", "_loose", "_loose_cells")

    def __init__(self) -> None:
        self._cells = Cells.together(())
        self._loose: list[Cells] = []
        self._loose_cells = 0

    def add(self, cells: Cells) -> None:
        self._loose.append(cells)
        self._loose_cells += len(cells.keys)
        if self._loose_cells > _LOOSE + len(self._cells.keys):
            self.added_up()

    def added_up(self) -> Cells:
        if not self._loose:
            return self._cells
        self._cells = Cells.together((self._cells, *self._loose))
        self._loose, self._loose_cells = [], 0
        return self._cells


def _parts(cells: Cells) -> "Iterator[tuple[int, Cells]]":
    """The cells of each block, with its number."""
    if not len(cells.keys):
        return
    shift = BITS + _BLOCK_BITS
    first, last = int(cells.keys[0]) >> shift, int(cells.keys[-1]) >> shift
    if first == last:
        yield first, cells
        return
    numbers = cells.keys >> shift
    begins = np.flatnonzero(np.diff(numbers, prepend=-1))
    for begin, end in zip(begins, [*begins[1:], len(numbers)], strict=True):
        yield int(numbers[begin]), Cells(cells.keys[begin:end], cells.counts[begin:end])
