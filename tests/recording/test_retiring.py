"""Series that come and go: what windows hold of them, and that nothing stays for ever."""

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording.counts import Taken
from actors.recording.rings import LONGEST, begin_of
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables
from tests.recording.kept import Keeper

if TYPE_CHECKING:
    from numpy.typing import NDArray

MINUTE = 29_000_040  # the begin of an hour
DAY = 24 * 60
MONTH = 30 * DAY
OLD, NEW = SeriesKey("fraud", "1"), SeriesKey("fraud", "2")


def rows(tables: Tables, **match: str) -> "NDArray[np.int64]":
    return np.array([row for row, _ in tables.select(match)], np.int64)


def availability(tables: Tables, minutes: int, **match: str) -> tuple[int, int]:
    return tables.sli_counts(rows(tables, **match), minutes, None)


def deployed() -> Tables:
    """The old version has counted two and failed at one; the new one counts since."""
    tables = Tables([0.1])
    tables.add_taken(OLD, Taken([0.05, 0.3], [0.1]))
    tables.close_minutes(MINUTE)
    tables.retire(OLD)
    tables.add_taken(NEW, Taken([0.05]))
    tables.close_minutes(MINUTE + 1)
    return tables


def shown(tables: Tables) -> list[SeriesKey]:
    return [key for key, _ in tables.series()]


def test_what_a_retired_series_counted_stays_in_the_windows_of_its_model() -> None:
    tables = deployed()
    tables.close_minutes(MINUTE + MONTH - 1)
    assert availability(tables, MONTH, model="fraud") == (3, 4)
    assert tables.sli_counts(rows(tables), MONTH, 0.1) == (2, 3)
    assert tables.latency_quantile(rows(tables), 1.0, MONTH) == pytest.approx(0.3, rel=0.0055)


def test_retired_series_is_forgotten_when_no_window_reaches_it() -> None:
    tables = deployed()
    version = tables.series_version
    tables.close_minutes(MINUTE + MONTH + 60)
    assert len(tables.select({})) == 2
    tables.close_minutes(MINUTE + MONTH + 61)
    assert [key for _, key in tables.select({})] == [NEW]
    assert tables.series_version == version + 1


def test_totals_are_shown_until_everybody_has_read_them() -> None:
    tables = deployed()
    tables.close_minutes(MINUTE + 5)
    assert shown(tables) == [OLD, NEW]
    tables.close_minutes(MINUTE + 6)
    assert shown(tables) == [NEW]


@pytest.mark.parametrize("minutes", [3, 1000])
def test_retired_series_that_counts_again_goes_on_in_the_windows(minutes: int) -> None:
    tables = deployed()
    tables.close_minutes(MINUTE + minutes)
    tables.add_taken(OLD, Taken([0.05]))
    tables.close_minutes(MINUTE + 3 * MONTH)
    assert shown(tables) == [OLD, NEW] or shown(tables) == [NEW, OLD]
    assert availability(tables, MONTH, version="1") == (1, 1)
    assert len(tables.select({})) == 2


def test_series_that_comes_back_late_begins_its_totals_anew() -> None:
    """With a later beginning, which tells whoever reads them that they do."""
    tables = deployed()
    (first, _) = tables.series()
    tables.close_minutes(MINUTE + 100)
    tables.add_taken(OLD, Taken([0.05]))
    totals = dict(tables.series())[OLD]
    assert totals.requests == 1
    assert totals is not first[1]


def test_series_that_is_not_known_cannot_be_retired_and_one_twice_is_retired_once() -> None:
    tables = deployed()
    tables.retire(SeriesKey("nobody", "1"))
    tables.close_minutes(MINUTE + 100)
    tables.retire(OLD)
    tables.close_minutes(MINUTE + MONTH + 61)
    assert [key for _, key in tables.select({})] == [NEW]


def test_idle_series_are_those_that_counted_nothing_for_so_long() -> None:
    tables = Tables([])
    for key in (OLD, NEW):
        tables.add_taken(key, Taken([0.1]))
    tables.add_taken(SeriesKey("refuses", ""), Taken(invalid=[0.1]))
    tables.close_minutes(MINUTE)
    tables.add_taken(NEW, Taken([0.1]))
    tables.close_minutes(MINUTE + 10)
    assert tables.retire_idle(11) == []
    tables.add_taken(SeriesKey("refuses", ""), Taken(cancelled=[0.1]))
    assert tables.retire_idle(10, but=[OLD]) == []
    assert tables.retire_idle(10) == [OLD]
    tables.close_minutes(MINUTE + 11)
    tables.close_minutes(MINUTE + 16)
    assert shown(tables) == [NEW, SeriesKey("refuses", "")]


def test_row_that_is_given_to_another_series_tells_nothing_of_the_first() -> None:
    tables = deployed()
    (old,) = rows(tables, version="1").tolist()
    tables.close_minutes(MINUTE + MONTH + 61)
    other = SeriesKey("other", "1")
    tables.add_taken(other, Taken(cancelled=[0.1]))
    tables.close_minutes(MINUTE + MONTH + 62)
    assert rows(tables, model="other").tolist() == [old]
    assert availability(tables, MONTH, model="other") == (0, 0)
    assert tables.sli_counts(rows(tables, model="other"), MONTH, 0.1) == (0, 0)
    assert tables.latency_quantile(rows(tables, model="other"), 0.5) is None
    assert tables.latency_quantile(rows(tables, model="other"), 0.5, MONTH) is None
    assert np.isnan(tables.latency_quantiles([0.5], MONTH)[0, old])


def test_series_of_before_a_restart_age_out_though_they_never_count_again() -> None:
    keeper = Keeper(deployed())
    for minute in (MINUTE - 1, MINUTE):
        keeper.write(minute)
    after = keeper.restart().tables
    after.close_minutes(MINUTE + MONTH)
    assert availability(after, MONTH) == (1, 1)
    after.close_minutes(MINUTE + MONTH + 100)
    after.close_minutes(MINUTE + 2 * MONTH + 200)
    assert after.select({}) == ()


@settings(max_examples=40)
@given(
    story=st.lists(
        st.tuples(
            st.integers(0, 5),  # which version
            st.sampled_from(["count", "count", "retire", "idle"]),
            st.one_of(st.integers(1, 10), st.integers(1, 20_000)),  # minutes until the next
        ),
        max_size=40,
    ),
    minutes=st.integers(1, LONGEST),
)
def test_windows_over_all_versions_are_a_recount_whoever_came_and_went(
    story: list[tuple[int, str, int]], minutes: int
) -> None:
    tables, now, events = Tables([0.1]), MINUTE, defaultdict[int, int](int)
    for version, deed, later in story:
        key = SeriesKey("fraud", str(version))
        if deed == "count":
            tables.add_taken(key, Taken([0.05] * (version + 1)))
        elif deed == "retire":
            tables.retire(key)
        else:
            tables.retire_idle(60)
        now += later
        if deed == "count":
            events[now - 1] += version + 1
        tables.close_minutes(now)
        since = begin_of(now, minutes)
        recount = sum(count for minute, count in events.items() if minute >= since)
        assert availability(tables, minutes) == (recount, recount)
        assert tables.sli_counts(rows(tables), minutes, 0.1) == (recount, recount)


def test_size_stays_where_it_is_over_a_year_of_deploys() -> None:
    """A version each six hours, retired at the next: after two months nothing grows any more."""
    tables, sizes = Tables([0.1]), []
    dice = np.random.default_rng(1)
    for version in range(4 * 365):
        key, now = SeriesKey("fraud", str(version)), MINUTE + version * 360
        tables.add_taken(key, Taken(dice.lognormal(-3.0, 0.3, 20).tolist(), [0.1]))
        tables.close_minutes(now + 1)
        tables.close_minutes(now + 360)
        tables.retire(key)
        if version > 4 * 62 and version % 4 == 0:
            sizes.append((len(tables.select({})), len(shown(tables)), tables.nbytes))
    known, totals, nbytes = zip(*sizes, strict=True)
    assert set(known) == {known[0]}
    assert set(totals) == {1}
    assert max(nbytes) <= 1.02 * min(nbytes)
