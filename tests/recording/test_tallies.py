"""Counts with a place for each bucket, against the same as cells."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.recording.cells import BITS, Cells
from actors.recording.merging import added_up
from actors.recording.tallies import Tallies

QS = (0.0, 0.5, 0.99, 1.0)

held = st.dictionaries(
    st.one_of(st.integers(0, 600_000), st.integers(0, 2**45)),
    st.one_of(st.integers(1, 100), st.integers(1, 2**40)),
    max_size=60,
)


def cells_of(counts: dict[int, int]) -> Cells:
    return Cells.of(np.array(list(counts), np.int64), np.array(list(counts.values()), np.int64))


def tallied(*parts: Cells) -> Tallies:
    return Tallies(list(added_up(parts, cells_a_step=8)))


@given(held)
def test_quantiles_are_those_of_the_cells(counts: dict[int, int]) -> None:
    cells = cells_of(counts)
    tallies = tallied(cells)
    assert tallies.series().tolist() == cells.series().tolist()
    assert tallies.quantiles(QS).tolist() == cells.quantiles(QS).tolist()


@given(counts=held, wanted=st.lists(st.integers(0, 150)))
def test_some_series_are_read_alone(counts: dict[int, int], wanted: list[int]) -> None:
    cells = cells_of(counts)
    series = np.array([*wanted, *(cells.keys >> BITS).tolist()[::3]], np.int64)
    found, expected = tallied(cells).of_series(series), cells.of_series(series)
    assert found.keys.tolist() == expected.keys.tolist()
    assert found.counts.tolist() == expected.counts.tolist()


def test_counts_beyond_32_bits_are_held_as_they_are() -> None:
    """Four billion of one series take a month at 1,700 a second."""
    half, one = cells_of({5: 2**31}), cells_of({5: 1, 6: 2})
    assert [piece.counts.dtype for piece in tallied(half, one).pieces] == [np.uint32]
    whole = tallied(half, half, one)
    assert whole.cells().counts.tolist() == [2**32 + 1, 2]
    (lesser,) = added_up((), [half, one], base=whole)
    assert lesser.cells().counts.tolist() == [2**31]


def test_little_room_is_taken_by_what_is_left_over() -> None:
    """Rows in which nothing is left are dropped, so series that have gone are not told any more."""
    some, others = cells_of({1: 1, 4096: 1, 1 << 30: 3}), cells_of({70_000: 2})
    left = Tallies(list(added_up((), [some], base=tallied(some, others))))
    assert len(left) == 1
    assert left.series().tolist() == [70_000 >> BITS]
