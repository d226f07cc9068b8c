"""Running totals in a cascade of rings, against counting again by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording.windows import FINEST, LONGEST, Windows

BEGIN = 29_000_003  # no multiple of any ring's step
DAY = 24 * 60


def edge(until: int, minutes: int) -> int:
    """Where a window begins that ends at `until`: at the end of a minute, of 5 minutes, or of an hour."""
    step = 1 if minutes <= 6 * 60 else 5 if minutes <= 3 * DAY else 60
    return (until - minutes) // step * step


class ByHand:
    """Every event with its minute, counted anew at each question."""

    def __init__(self) -> None:
        self.events: list[tuple[int, int]] = []

    def within(self, until: int, minutes: int) -> int:
        return sum(count for minute, count in self.events if edge(until, minutes) <= minute < until)


def counted(windows: Windows, column: int, minutes: int) -> int:
    return int(windows.within(np.array([column]), minutes)[0, 0])


@settings(max_examples=60)
@given(
    steps=st.lists(
        st.tuples(st.one_of(st.integers(1, 90), st.integers(1, 50_000)), st.integers(0, 1_000)),
        min_size=1,
        max_size=40,
    ),
    minutes=st.one_of(st.integers(1, FINEST), st.integers(1, LONGEST)),
)
def test_any_window_at_any_time_is_what_a_recount_gives(steps: list[tuple[int, int]], minutes: int) -> None:
    """With gaps, also such as are longer than any ring."""
    windows, by_hand, until = Windows(1), ByHand(), BEGIN
    column = windows.add_series()
    for minutes_later, count in steps:
        until += minutes_later
        windows.open[0, column] += count
        windows.close(until)
        by_hand.events.append((until - 1, count))
        assert counted(windows, column, minutes) == by_hand.within(until, minutes)


def test_windows_slide_over_thirty_days_of_steady_traffic() -> None:
    windows, wrong = Windows(1), []
    column = windows.add_series()
    for until in range(BEGIN, BEGIN + LONGEST + 200):
        windows.open[0, column] += 3
        windows.close(until)
        for minutes in (1, 5, 60, 360, 361, 1440, 4320, 4321, 43_200):
            expected = 3 * min(until - edge(until, minutes), until - BEGIN + 1)
            if counted(windows, column, minutes) != expected:
                wrong.append((until, minutes))
    assert wrong == []


def test_nothing_is_counted_before_its_minute_is_closed() -> None:
    windows = Windows(1)
    column = windows.add_series()
    windows.open[0, column] += 1
    assert counted(windows, column, 60) == 0
    windows.close(BEGIN)
    windows.open[0, column] += 1
    assert counted(windows, column, 60) == 1


def test_series_that_come_later_keep_the_others_as_they_were() -> None:
    """Room for more is made several times over."""
    windows = Windows(2)
    for later in range(40):
        column = windows.add_series()
        windows.open[:, column] += [later + 1, 10 * (later + 1)]
        windows.close(BEGIN + later)
    taken = windows.within(np.arange(40), 60).tolist()
    assert taken == [[later + 1 for later in range(40)], [10 * (later + 1) for later in range(40)]]


def test_one_minute_is_told_alone() -> None:
    windows = Windows(1)
    windows.add_series()
    for count in (5, 7):
        windows.open[0, 0] += count
        windows.close(BEGIN + count)
    assert [windows.added_by(BEGIN + after).tolist() for after in (5, 6, 7)] == [[[5]], [[0]], [[7]]]


@pytest.mark.parametrize("until", [BEGIN + 1, BEGIN - FINEST])
def test_minute_that_is_open_or_too_old_cannot_be_told(until: int) -> None:
    windows = Windows(1)
    windows.close(BEGIN)
    with pytest.raises(LookupError, match=f"minute {until - 1} is not among the last 360"):
        windows.added_by(until)


def test_counts_beyond_what_a_float_can_hold_stay_exact() -> None:
    windows, many = Windows(1), 2**53
    column = windows.add_series()
    for later, count in enumerate([many, 1]):
        windows.open[0, column] += count
        windows.close(BEGIN + later)
    assert counted(windows, column, 60) == many + 1
