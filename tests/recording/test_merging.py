"""Adding up in steps, against adding up at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.recording.cells import BITS, Cells
from actors.recording.merging import added_up
from actors.recording.packed import PackedCells
from actors.recording.tallies import Tallies, Tally

some_cells = st.dictionaries(st.integers(0, 1000 << BITS), st.integers(1, 300), min_size=1, max_size=200)


def cells_of(counts: dict[int, int]) -> Cells:
    return Cells.of(np.array(list(counts), np.int64), np.array(list(counts.values()), np.int64))


@given(
    parts=st.lists(st.tuples(some_cells, st.booleans()), max_size=5),
    before=st.integers(0, 5),
    size=st.integers(1, 300),
)
def test_steps_together_are_all_that_the_parts_hold(
    parts: list[tuple[dict[int, int], bool]], before: int, size: int
) -> None:
    """Some of them added up before, and any of them taken off again."""
    plain = [cells_of(counts) for counts, _ in parts]
    held = [PackedCells.of(one) if packed else one for one, (_, packed) in zip(plain, parts, strict=True)]
    base = Tallies(list(added_up(held[:before], cells_a_step=2 * size)))
    for gone in range(len(parts)):
        found = Tallies(list(added_up(held[before:], held[:gone], base=base, cells_a_step=size))).cells()
        wanted = Cells.together(plain[gone:])
        assert found.keys.tolist() == wanted.keys.tolist()
        assert found.counts.tolist() == wanted.counts.tolist()


@given(counts=some_cells, size=st.integers(1, 50))
def test_packing_step_by_step_gives_what_packing_at_once_does(counts: dict[int, int], size: int) -> None:
    cells = cells_of(counts)
    pieces = [PackedCells.of(one.cells()) for one in added_up([cells], cells_a_step=size)]
    assert PackedCells.joined(pieces).encode() == PackedCells.of(cells).encode()


def test_step_is_no_longer_than_it_was_told_but_by_one_group() -> None:
    cells = Cells(np.arange(0, 6400 << BITS, 1 << (BITS - 4)), np.ones(6400 << 4, np.int64))
    for held in (cells, PackedCells.of(cells)):
        assert max(map(counted_by, added_up([held, held], cells_a_step=8192))) <= 8192 + 2 * 64 * 16


def test_step_over_far_apart_series_has_few_of_them() -> None:
    """Each group of 64 takes room for all buckets there could be, however little it holds."""
    cells = Cells(np.arange(0, 6400 << BITS, 64 << BITS), np.ones(100, np.int64))
    assert max(map(counted_by, added_up([cells]))) <= 32


def counted_by(tally: Tally) -> int:
    return int(tally.counts.sum())


def test_nothing_takes_no_step() -> None:
    assert list(added_up([])) == []
