"""Cells of many stretches added up, some neighbouring series at a time.

So others get their turn in between, and what is worked on fits into the processor's cache.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from actors.recording.cells import BITS, Cells
from actors.recording.packed import PackedCells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CELLS_A_STEP: Final = 32768
"""Cells that a step adds up, about."""

_END: Final = np.iinfo(np.int64).max >> BITS
"""No series has a number as high."""

Held: TypeAlias = Cells | PackedCells


def added_up(
    parts: "Sequence[Held]", but: "Sequence[Held]" = (), *, cells_a_step: int = CELLS_A_STEP
) -> "Iterator[Cells]":
    """What some hold together, a few series after the other.

    Args:
        parts: Whose cells are added up.
        but: Whose cells are taken off; all of them must be in `parts`.
        cells_a_step: So many are looked at for one step, about.

    Yields:
        Cells of series that come after all those before; none twice.
    """
    largest = max(parts, key=len, default=None)
    if largest is None:
        return
    cuts = largest.cuts(max(1, cells_a_step // (len(parts) + len(but))))
    for first, end in pairwise([0, *cuts, _END]):
        there = Cells.together([one.between(first, end) for one in parts])
        yield there.minus(Cells.together([one.between(first, end) for one in but])) if but else there
