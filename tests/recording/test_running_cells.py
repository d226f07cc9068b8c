"""What the running minute holds is what was added to it, whatever of it has been added up already."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.recording.cells import Cells
from actors.recording.running_cells import RunningCells

KEYS = st.integers(0, 500 << 12)
ADDED = st.lists(st.dictionaries(KEYS, st.integers(1, 9), max_size=50), max_size=8)


def cells(counts: dict[int, int]) -> Cells:
    keys = sorted(counts)
    return Cells(np.array(keys, np.int64), np.array([counts[key] for key in keys], np.int64))


def as_dict(found: Cells) -> dict[int, int]:
    assert (np.diff(found.keys) > 0).all()
    return dict(zip(found.keys.tolist(), found.counts.tolist(), strict=True))


@given(minutes=st.lists(ADDED, max_size=3))
def test_all_that_was_added_is_taken_in_order_and_once(minutes: list[list[dict[int, int]]]) -> None:
    running = RunningCells()
    for added in minutes:
        expected: Counter[int] = Counter()
        for one in added:
            running.add(cells(one))
            expected.update(one)
        assert as_dict(running.take()) == expected


def test_a_series_that_is_added_to_for_long_is_added_up_on_the_way() -> None:
    running, times = RunningCells(), 10_000
    for _ in range(times):
        running.add(cells({1: 1, 2: 3}))
    assert sum(len(block._loose) for block in running._blocks.values()) < 2_000
    assert as_dict(running.take()) == {1: times, 2: 3 * times}
