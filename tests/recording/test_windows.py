"""Running totals in a cascade of rings, against counting again by hand."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording.counter import MOST_COLUMNS
from actors.recording.rings import FINEST, LONGEST, begin_of
from actors.recording.windows import Windows

BEGIN = 29_000_003  # no multiple of any ring's step
DAY = 24 * 60
WRAP = 2**32


def edge(until: int, minutes: int) -> int:
    """Where a window begins that ends at `until`: at the end of a minute, or of an hour."""
    step = 1 if minutes <= 3 * DAY else 60
    return (until - minutes) // step * step


class ByHand:
    """Every event with its minute, counted anew at each question."""

    def __init__(self) -> None:
        self.events: list[tuple[int, int, int]] = []

    def within(self, row: int, until: int, minutes: int) -> int:
        since = edge(until, minutes)
        return sum(count for minute, of, count in self.events if of == row and since <= minute < until)


def counted(windows: Windows, row: int, minutes: int, counter: int = 0) -> int:
    return int(windows.within(counter, minutes)[row])


def one_row() -> Windows:
    windows = Windows(1)
    windows.add_row()
    return windows


@settings(max_examples=60)
@given(
    steps=st.lists(
        st.tuples(
            st.one_of(st.integers(1, 90), st.integers(1, 50_000)),
            st.integers(0, 2),
            st.one_of(st.integers(0, 1_000), st.integers(0, 2 * WRAP), st.sampled_from([WRAP - 1, WRAP])),
        ),
        min_size=1,
        max_size=40,
    ),
    minutes=st.one_of(st.integers(1, FINEST), st.integers(1, 3 * DAY), st.integers(1, LONGEST)),
)
def test_any_window_at_any_time_is_what_a_recount_gives(
    steps: list[tuple[int, int, int]], minutes: int
) -> None:
    """With gaps, also such as are longer than any ring, and with counts beyond 32 bits."""
    windows, by_hand, until = Windows(1), ByHand(), BEGIN
    for _ in range(3):
        windows.add_row()
    for minutes_later, row, count in steps:
        until += minutes_later
        windows.add(row, 0, count)
        windows.close(until)
        by_hand.events.append((until - 1, row, count))
        for each in range(3):
            assert counted(windows, each, minutes) == by_hand.within(each, until, minutes)


def test_windows_slide_over_thirty_days_of_steady_traffic() -> None:
    windows, wrong = one_row(), []
    for until in range(BEGIN, BEGIN + LONGEST + 200):
        windows.add(0, 0, 3)
        windows.close(until)
        for minutes in (1, 5, 60, 360, 361, 1440, 4320, 4321, 43_200):
            expected = 3 * min(until - edge(until, minutes), until - BEGIN + 1)
            if counted(windows, 0, minutes) != expected:
                wrong.append((until, minutes))
    assert wrong == []


def test_totals_that_wrap_around_and_around_stay_exact() -> None:
    """Two thousand million an hour for two hundred days, which is more than 32 bits in any three."""
    windows, each = one_row(), 2 * 10**9
    for hour in range(200 * 24):
        windows.add(0, 0, each)
        windows.close(60 * (hour + 1))
    found = [counted(windows, 0, 60 * hours) for hours in (1, 6, 72, 720)]
    assert found == [each * hours for hours in (1, 6, 72, 720)]


def test_series_with_few_keep_half_the_memory_that_one_beyond_32_bits_takes() -> None:
    windows = one_row()
    before = windows.nbytes
    for later in range(3):
        windows.add(0, 0, WRAP // 2 + 1)
        windows.close(BEGIN + later)
    assert windows.nbytes > 1.9 * before
    assert counted(windows, 0, 2) == WRAP + 2


@given(until=st.integers(0, 10**8), minutes=st.integers(1, LONGEST))
def test_beginning_of_a_window_is_told(until: int, minutes: int) -> None:
    assert begin_of(until, minutes) == edge(until, minutes)


def test_nothing_is_counted_before_its_minute_is_closed() -> None:
    windows = one_row()
    windows.add(0, 0, 1)
    assert (counted(windows, 0, 60), windows.running(0).tolist()) == (0, [1])
    windows.close(BEGIN)
    windows.add(0, 0, 1)
    assert counted(windows, 0, 60) == 1
    windows.close(BEGIN + 1)
    assert (counted(windows, 0, 60), windows.is_open) == (2, False)


def test_series_that_come_later_keep_the_others_as_they_were() -> None:
    """Room for more is made several times over, also by the page."""
    windows, many = Windows(2), 3 * MOST_COLUMNS + 3
    for row in range(many):
        windows.add_row()
        windows.add(row, 0, row + 1)
        windows.add(row, 1, 10 * row)
        if row.bit_count() == 1:
            windows.close(BEGIN + row)
    windows.close(BEGIN + many)
    assert windows.within(0, LONGEST).tolist() == list(range(1, many + 1))
    assert windows.within(1, LONGEST).tolist() == list(range(0, 10 * many, 10))


def test_series_that_come_move_none_of_those_there_were() -> None:
    """What making room for thousands of them takes for a moment is less than what one copy of the rest is."""
    windows = Windows(1)
    for _ in range(2 * MOST_COLUMNS):
        windows.add_row()
    tracemalloc.start()
    for row in range(2 * MOST_COLUMNS):
        windows.add(row, 0, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < windows.nbytes / 20


def test_columns_that_come_late_begin_with_nothing_in_slots_that_are_used_again() -> None:
    """One more series every few minutes, over several pages and rounds of the rings."""
    windows, came = Windows(1), []
    for until in range(BEGIN, BEGIN + 3 * FINEST):
        if until % 4 == 0:
            came.append(until)
            windows.add_row()
        for row in range(len(came)):
            windows.add(row, 0, row + 1)
        windows.close(until + 1)
        for minutes in (1, 100, FINEST, FINEST + 100, LONGEST):
            expected = [min(minutes, until + 1 - at) * (row + 1) for row, at in enumerate(came)]
            assert windows.within(0, minutes).tolist() == expected


def test_rows_may_begin_to_count_in_any_order() -> None:
    windows = Windows(1)
    for _ in range(5):
        windows.add_row()
    for row in (3, 0, 4):
        windows.add(row, 0, row + 1)
    windows.close(BEGIN)
    assert windows.within(0, 1).tolist() == windows.added_by(BEGIN)[0].tolist() == [1, 0, 0, 4, 5]


def test_row_that_is_new_since_a_question_is_in_the_next_answer() -> None:
    windows = one_row()
    windows.close(BEGIN)
    assert windows.within(0, 1).tolist() == [0]
    windows.add_row()
    assert windows.within(0, 1).tolist() == [0, 0]


def test_counter_that_counts_nothing_takes_no_memory() -> None:
    windows = Windows(10)
    for row in range(100):
        windows.add_row()
        windows.add(row, 0, 1)
        windows.add(row, 1, 0)
    few = Windows(1)
    for row in range(100):
        few.add_row()
        few.add(row, 0, 1)
    assert windows.nbytes == few.nbytes


def test_one_minute_is_told_alone() -> None:
    windows = one_row()
    for count in (5, 7):
        windows.add(0, 0, count)
        windows.close(BEGIN + count)
    assert [windows.added_by(BEGIN + after).tolist() for after in (5, 6, 7)] == [[[5]], [[0]], [[7]]]


@pytest.mark.parametrize("until", [BEGIN + 1, BEGIN - FINEST])
def test_minute_that_is_open_or_too_old_cannot_be_told(until: int) -> None:
    windows = Windows(1)
    windows.close(BEGIN)
    with pytest.raises(LookupError, match=f"minute {until - 1} is not among the last 360"):
        windows.added_by(until)


def test_counts_beyond_what_a_float_can_hold_stay_exact() -> None:
    windows, many = one_row(), 2**53
    for later, count in enumerate([many, 1]):
        windows.add(0, 0, count)
        windows.close(BEGIN + later)
    assert counted(windows, 0, 60) == many + 1
    assert np.issubdtype(windows.within(0, 60).dtype, np.integer)
