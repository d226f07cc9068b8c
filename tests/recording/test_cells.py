"""Cells of many series: sums, differences, quantiles, and packed ones."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.recording.cells import Cells, cells_of
from actors.recording.histogram import Histogram
from actors.recording.packed import PackedCells

HALF_A_BUCKET = 2 ** (1 / 128) - 1
QS = (0.0, 0.5, 0.99, 1.0)

keys = st.one_of(st.integers(0, 20_000), st.integers(0, 2**45))
counts = st.one_of(st.integers(1, 100), st.integers(1, 2**40))
held = st.dictionaries(keys, counts, max_size=60)
timed = st.dictionaries(
    st.integers(0, 1000), st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=30), max_size=8
)


def cells(held: dict[int, int]) -> Cells:
    return Cells.of(np.array(list(held), np.int64), np.array(list(held.values()), np.int64))


def told(cells: Cells) -> dict[int, int]:
    assert np.all(np.diff(cells.keys) > 0)
    return dict(zip(cells.keys.tolist(), cells.counts.tolist(), strict=True))


def of_durations(by_series: dict[int, list[float]]) -> Cells:
    return Cells.together(
        [cells_of(one, *Histogram.of(np.array(values)).filled()) for one, values in by_series.items()]
    )


@given(parts=st.lists(held, max_size=5))
def test_together_they_hold_what_each_of_them_did(parts: list[dict[int, int]]) -> None:
    expected: Counter[int] = Counter()
    for part in parts:
        expected.update(part)
    assert told(Cells.together([cells(part) for part in parts])) == expected


@given(held)
def test_packed_cells_come_back_as_they_were(held: dict[int, int]) -> None:
    assert told(PackedCells.of(cells(held)).all()) == held


@given(held=held.filter(bool), groups=st.lists(st.integers(0, 6), unique=True).map(sorted))
def test_packed_cells_may_be_split_and_joined_again(held: dict[int, int], groups: list[int]) -> None:
    packed = PackedCells.of(cells(held))
    parts = list(packed.split(np.array(groups, np.int64)))
    assert PackedCells.joined(parts).encode() == packed.encode()


@given(held=held, wanted=st.lists(st.integers(0, 10)))
def test_packed_cells_of_some_series_are_read_alone(held: dict[int, int], wanted: list[int]) -> None:
    packed = PackedCells.of(cells(held))
    series = wanted + [key >> 12 for key in list(held)[::3]]
    expected = {key: count for key, count in held.items() if key >> 12 in series}
    assert told(packed.of_series(np.array(series, np.int64))) == expected


def test_packed_cells_take_two_bytes_where_they_lie_together() -> None:
    values = np.random.default_rng(1).lognormal(-4.0, 0.5, 2000)
    packed = PackedCells.of(cells_of(3, *Histogram.of(values).filled()))
    assert packed.packed.nbytes <= 2.2 * int(packed.cells.sum())


@given(timed)
def test_quantile_of_each_series_is_its_nearest_rank(by_series: dict[int, list[float]]) -> None:
    found = of_durations(by_series)
    assert found.series().tolist() == sorted(by_series)
    quantiles = found.quantiles(QS)
    for column, one in enumerate(sorted(by_series)):
        values = sorted(by_series[one])
        for line, q in enumerate(QS):
            exact = values[max(1, math.ceil(q * len(values))) - 1]
            assert quantiles[line, column] == pytest.approx(exact, rel=HALF_A_BUCKET + 1e-9)


@given(timed.filter(bool))
def test_series_taken_for_one_have_the_quantiles_of_all_their_values(
    by_series: dict[int, list[float]],
) -> None:
    values = sorted(value for one in by_series.values() for value in one)
    exact = values[max(1, math.ceil(0.5 * len(values))) - 1]
    found = of_durations(by_series).as_one().quantiles([0.5])
    assert found[0, 0] == pytest.approx(exact, rel=HALF_A_BUCKET + 1e-9)


def test_moved_cells_are_those_of_the_other_series() -> None:
    one = of_durations({0: [0.1], 1: [0.2, 0.3], 7: [0.4]})
    moved = one.moved(np.array([9, 4, 5]))
    assert moved.series().tolist() == [4, 5, 9]
    assert moved.quantiles([0.0])[0] == pytest.approx([0.2, 0.4, 0.1], rel=HALF_A_BUCKET)


@pytest.mark.parametrize("first", [-5000, -2050, 2046, 5000])
def test_buckets_out_of_all_bounds_are_counted_at_the_end(first: int) -> None:
    found = cells_of(5, first, np.array([1, 0, 2, 4]))
    assert found.series().tolist() == [5]
    assert int(found.counts.sum()) == 7
    assert np.all(np.diff(found.keys) > 0)


@given(
    by_series=timed,
    pairs=st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 5)), unique=True, max_size=30),
)
def test_groups_have_what_their_series_have(
    by_series: dict[int, list[float]], pairs: list[tuple[int, int]]
) -> None:
    known = sorted(by_series)
    pairs = sorted((known[at % len(known)], group) for at, group in pairs) if known else []
    series, groups = (np.array([pair[at] for pair in pairs], np.int64) for at in (0, 1))
    shared = of_durations(by_series).shared_out(series, groups)
    expected: Counter[int] = Counter()
    for one, group in pairs:
        for key, count in told(of_durations({group: by_series[one]})).items():
            expected[key] += count
    assert told(shared) == expected
