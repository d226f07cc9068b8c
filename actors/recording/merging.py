"""What many stretches hold added up, some neighbouring series at a time.

So others get their turn in between, and what is worked on fits into the processor's cache.
"""

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from actors.recording.cells import BITS, GROUP_BITS, Cells
from actors.recording.packed import PackedCells
from actors.recording.tallies import GROUP_ROWS, ROW, ROW_BITS, Tallies, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

CELLS_A_STEP: Final = 32768
"""Cells that a step adds up, about."""
_GROUPS_A_STEP: Final = 32
"""And no more groups of 64 series, each of which has a place for every row that there could be."""
CELLS_A_ROW: Final = 3
"""A row of the base takes about as long as so many cells."""

Held: TypeAlias = Cells | PackedCells | Tallies
_Piece: TypeAlias = "Cells | PackedCells | list[Tally]"


def added_up(
    parts: "Sequence[Held]",
    but: "Sequence[Held]" = (),
    *,
    base: "Tallies | None" = None,
    cells_a_step: int = CELLS_A_STEP,
) -> "Iterator[Tally]":
    """What some hold together, a few series after the other.

    Args:
        parts: Whose cells are added up.
        but: Whose cells are taken off; all of them must be in `parts` and `base`.
        base: What to add all of that to.
        cells_a_step: So many are looked at for one step, about.

    Yields:
        Counts of series that come after all those before; none twice.
    """
    base = base or Tallies()
    sizes = [one.sizes() for one in (*parts, *but)]
    rows_of, rows = base.sizes()
    sizes.append((rows_of, rows * CELLS_A_ROW))
    groups = np.sort(np.concatenate([one for one, _ in sizes]))
    groups = groups[np.diff(groups, prepend=-1) > 0]
    work = np.full(len(groups), -(-cells_a_step // _GROUPS_A_STEP))
    for some, size in sizes:
        work[np.searchsorted(groups, some) if len(some) < len(groups) else np.s_[:]] += size
    firsts = _firsts(work, cells_a_step)
    cuts = groups[firsts[1:]]
    came: list[Iterator[_Piece]] = [one.split(cuts) for one in parts]
    went: list[Iterator[_Piece]] = [one.split(cuts) for one in but]
    for tallies, some in zip(base.split(cuts), np.split(groups, firsts[1:]), strict=True):
        if not len(some):
            return
        yield _tally(some, tallies, [next(one) for one in came], [next(one) for one in went])


def packed(held: Held, *, cells_a_step: int = CELLS_A_STEP) -> "Iterator[PackedCells]":
    """The same packed, a few series after the other."""
    groups, sizes = held.sizes()
    for piece in held.split(groups[_firsts(sizes, cells_a_step)[1:]]):
        if isinstance(piece, list):
            yield PackedCells.of(Tallies(piece).cells())
        else:
            yield piece if isinstance(piece, PackedCells) else PackedCells.of(piece)


def _firsts(work: "NDArray[np.int64]", a_step: int) -> "NDArray[np.int64]":
    """Where steps begin, so that each has about so much of it."""
    return np.flatnonzero(np.diff((np.cumsum(work) - work) // a_step, prepend=-1))


def _tally(
    groups: "NDArray[np.int64]", base: "list[Tally]", parts: "list[_Piece]", but: "list[_Piece]"
) -> Tally:
    """Add up what is of these groups; no two of `base` have a row in common."""
    keys, came = _loose(parts, groups)
    places = [_without_gaps(one.rows, one.groups, one.sizes, groups, GROUP_ROWS) for one in base]
    is_there = np.zeros(len(groups) << GROUP_ROWS, np.bool_)
    for there in (keys >> ROW_BITS, *places):
        is_there[there] = True
    (rows,) = is_there.nonzero()
    place = np.empty(len(is_there), np.int64)
    place[rows] = np.arange(0, len(rows) << ROW_BITS, ROW)

    most = sum(int(one.counts.sum(dtype=np.int64)) for one in base) + int(came.sum())
    counts = np.zeros((len(rows), ROW), np.uint32 if most >> 32 == 0 else np.int64)
    for one, there in zip(base, places, strict=True):
        counts[place[there] >> ROW_BITS] = one.counts
    flat = counts.ravel()
    np.add.at(flat, place[keys >> ROW_BITS] + (keys & (ROW - 1)), came.astype(flat.dtype))
    if not but:
        return _of_groups(rows, counts, groups)
    keys, went = _loose(but, groups)
    np.subtract.at(flat, place[keys >> ROW_BITS] + (keys & (ROW - 1)), went.astype(flat.dtype))
    kept = np.einsum("ij->i", counts) > 0
    if kept.all():
        return _of_groups(rows, counts, groups)
    return _of_groups(rows[kept], counts[kept], groups)


def _of_groups(rows: "NDArray[np.int64]", counts: "NDArray[Any]", groups: "NDArray[np.int64]") -> Tally:
    """With the numbers of the groups, where the rows were counted on from group to group."""
    sizes = np.bincount(rows >> GROUP_ROWS, minlength=len(groups))
    rows += np.repeat((groups - np.arange(len(groups))) << GROUP_ROWS, sizes)
    is_there = sizes > 0
    return Tally(rows, counts, groups[is_there], sizes[is_there])


def _loose(
    parts: "Sequence[_Piece]", groups: "NDArray[np.int64]"
) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Keys and counts of all of them in any order, the keys counted on from group to group."""
    packed = PackedCells.together([one for one in parts if isinstance(one, PackedCells)])
    keys, counts = packed.unpacked(np.searchsorted(groups, packed.groups))
    plain = [one for one in parts if isinstance(one, Cells)]
    plain += [piece.cells() for one in parts if isinstance(one, list) for piece in one]
    if not plain:
        return keys, counts
    shift = BITS + GROUP_BITS
    return (
        np.concatenate([keys, *(_without_gaps(one.keys, *one.sizes(), groups, shift) for one in plain)]),
        np.concatenate([counts, *(one.counts for one in plain)]),
    )


def _without_gaps(
    ids: "NDArray[np.int64]",
    of: "NDArray[np.int64]",
    sizes: "NDArray[np.int64]",
    groups: "NDArray[np.int64]",
    bits: int,
) -> "NDArray[np.int64]":
    """Keys or rows of some of the groups, as if each group came right after the one before it."""
    return ids + np.repeat((np.searchsorted(groups, of) - of) << bits, sizes)
