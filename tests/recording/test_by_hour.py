"""Events hour by hour, for forecasts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording.counts import Counts
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables

HOUR = 60
MIDNIGHT = 29_000_160 // HOUR * HOUR
ONE, TWO = SeriesKey("fraud", "1"), SeriesKey("fraud", "2")

events = st.lists(
    st.tuples(st.integers(0, 720 * HOUR), st.sampled_from([ONE, TWO]), st.integers(0, 2**31)),
    max_size=12,
    unique_by=lambda one: one[0],
)


def filled(happened: list[tuple[int, SeriesKey, int]], until: int) -> Tables:
    tables = Tables([0.1])
    tables.close_minutes(MIDNIGHT)
    for minute, key, requests in sorted(happened, key=lambda one: one[0]):
        tables.close_minutes(MIDNIGHT + minute)
        tables.add_counts(key, Counts(requests, requests // 3, {0.1: requests // 2}))
        tables.close_minutes(MIDNIGHT + minute + 1)
    tables.close_minutes(MIDNIGHT + until)
    return tables


@settings(max_examples=50)
@given(happened=events, until=st.integers(720 * HOUR + 1, 722 * HOUR), both=st.booleans())
def test_hours_are_what_happened_in_them(
    happened: list[tuple[int, SeriesKey, int]], until: int, both: bool
) -> None:
    """Also over counters that have wrapped around; the newest has what has gone by of the running hour."""
    tables = filled(happened, until)
    rows = np.array([row for row, key in tables.select({}) if both or key == ONE], np.int64)
    _, total = tables.sli_by_hour(rows, None)
    expected, last = [0] * 720, until // HOUR - 1
    for minute, key, requests in happened:
        at = min(minute // HOUR, last) - (last - 719)
        if at >= 0 and (both or key == ONE):
            expected[at] += requests
    assert total.tolist() == expected


@pytest.mark.parametrize("threshold", [None, 0.1])
def test_hours_together_are_the_window(threshold: float | None) -> None:
    tables = filled([(minute, ONE, 1000 + minute) for minute in range(0, 720 * HOUR, 97)], 720 * HOUR - 13)
    rows = np.array([0], np.int64)
    good, total = tables.sli_by_hour(rows, threshold)
    assert (int(good.sum()), int(total.sum())) == tables.sli_counts(rows, 720 * HOUR, threshold)
    good, total = tables.sli_by_hour(rows, threshold, hours=24 * 7)
    assert (int(good.sum()), int(total.sum())) == tables.sli_counts(rows, 24 * 7 * HOUR, threshold)


def test_tables_that_have_closed_nothing_have_no_events() -> None:
    good, total = Tables([]).sli_by_hour(np.zeros(0, np.int64), None, hours=3)
    assert (good.tolist(), total.tolist()) == ([0, 0, 0], [0, 0, 0])


@pytest.mark.parametrize("hours", [0, 721])
def test_window_beyond_what_is_kept_is_refused(hours: int) -> None:
    with pytest.raises(ValueError, match="window"):
        Tables([]).sli_by_hour(np.zeros(0, np.int64), None, hours=hours)
