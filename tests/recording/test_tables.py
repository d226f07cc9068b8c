"""What is counted, by series, by minute and in all."""

from math import inf, isnan
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording.counts import Counts, Taken
from actors.recording.histogram import Histogram
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables
from tests.recording.kept import Keeper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

MINUTE = 29_000_000
ONE, TWO = SeriesKey("fraud", "1"), SeriesKey("fraud", "2")
EAST = SeriesKey("fraud", "2", (("region", "east"),))


def rows(tables: Tables, **match: str) -> "NDArray[np.int64]":
    return np.array([row for row, _ in tables.select(match)], np.int64)


def availability(tables: Tables, minutes: int = 60, **match: str) -> tuple[int, int]:
    return tables.sli_counts(rows(tables, **match), minutes, None)


def latency(tables: Tables, minutes: int = 60, threshold: float = 0.1) -> tuple[int, int]:
    return tables.sli_counts(rows(tables), minutes, threshold)


def buckets(tables: Tables) -> list[list[tuple[float, int]]]:
    return [totals.within() for _, totals in tables.series()]


def test_availability_counts_successes_among_all() -> None:
    tables = Tables([0.1])
    tables.add_taken(ONE, Taken([0.01, 9.0], [0.02]))
    tables.close_minutes(MINUTE)
    assert availability(tables) == (2, 3)


def test_latency_counts_the_fast_among_the_successes() -> None:
    """A failed prediction is availability's business, however fast it failed."""
    tables = Tables([0.1])
    tables.add_taken(ONE, Taken([0.05, 0.1, 0.1000001], [0.01]))
    tables.close_minutes(MINUTE)
    assert latency(tables) == (2, 3)


@given(
    values=st.lists(st.floats(0, 2) | st.sampled_from([0.01, 0.1, 0.5]), max_size=50),
    threshold=st.sampled_from([0.01, 0.1, 0.5]),
)
def test_values_and_the_counts_they_make_are_judged_alike(values: list[float], threshold: float) -> None:
    """A peer that embeds us counts as we would have."""
    ours, peers = Tables([0.01, 0.1, 0.5]), Tables([0.01, 0.1, 0.5])
    ours.add_taken(ONE, Taken(values, [0.3]))
    within = {bound: sum(value <= bound for value in values) for bound in (*ours.bounds, inf)}
    peers.add_counts(ONE, Counts(len(values) + 1, 1, within))
    for tables in (ours, peers):
        tables.close_minutes(MINUTE)
    assert latency(ours, threshold=threshold) == latency(peers, threshold=threshold)
    assert availability(ours) == availability(peers) == (len(values), len(values) + 1)
    assert buckets(ours) == buckets(peers)


def test_peer_without_a_bucket_at_the_threshold_is_unmeasured() -> None:
    tables = Tables([0.1])
    tables.add_counts(ONE, Counts(10, 0, {0.25: 10, inf: 10}))
    tables.add_counts(TWO, Counts(5, 0, {0.1: 4, inf: 5}))
    tables.close_minutes(MINUTE)
    assert latency(tables) == (4, 5)
    assert availability(tables) == (15, 15)


def test_peer_that_times_nothing_is_unmeasured() -> None:
    tables = Tables([0.1])
    tables.add_counts(ONE, Counts(10, 1))
    tables.close_minutes(MINUTE)
    assert latency(tables) == (0, 0)
    assert tables.latency_quantile(rows(tables), 0.99) is None
    assert availability(tables) == (9, 10)


def test_threshold_that_nobody_asked_for_is_no_quiet_zero() -> None:
    tables = Tables([0.1])
    with pytest.raises(ValueError, match=r"one of \(0\.1,\) seconds, got 0\.2"):
        latency(tables, threshold=0.2)


@pytest.mark.parametrize("minutes", [0, 43_201])
def test_window_that_is_not_held_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match=rf"1\.\.43200 minutes, got {minutes}"):
        availability(Tables([]), minutes)


# --- minutes ----------------------------------------------------------------------------------------------


def test_open_minute_is_not_judged_yet() -> None:
    tables = Tables([])
    tables.add_taken(ONE, Taken([0.1]))
    assert availability(tables) == (0, 0)
    tables.close_minutes(MINUTE)
    assert tables.minute == MINUTE - 1
    assert availability(tables) == (1, 1)


def test_peer_with_buckets_like_ours_is_counted_as_we_count() -> None:
    values = [0.01, 0.05, 0.2, 0.2, 3.0]
    tables = Tables([0.1, 0.25])
    histogram = Histogram.of(np.array(values))
    tables.add_counts(ONE, Counts(7, 2, {0.1: 2}, cancelled=1, invalid=3, histogram=histogram))
    tables.close_minutes(MINUTE)
    assert (availability(tables), latency(tables)) == ((5, 7), (2, 5))
    assert tables.sli_counts(rows(tables), 1, 0.25) == (4, 5)
    assert tables.latency_quantile(rows(tables), 1.0) == pytest.approx(3.0, rel=0.0055)
    (totals,) = [totals for _, totals in tables.series()]
    assert (totals.cancelled, totals.invalid, totals.latency.count) == (1, 3, 5)
    assert totals.seconds == pytest.approx(sum(values))
    assert dict(totals.within())[0.5] == 4


def test_cancelled_and_invalid_ones_are_counted_apart() -> None:
    tables = Tables([0.1])
    tables.add_taken(ONE, Taken(ok=[0.05], cancelled=[0.01, 0.02], invalid=[0.03]))
    tables.close_minutes(MINUTE)
    (totals,) = [totals for _, totals in tables.series()]
    assert (availability(tables), totals.requests) == ((1, 1), 1)
    assert (totals.cancelled, totals.invalid) == (2, 1)


def test_gap_becomes_empty_minutes() -> None:
    tables = Tables([])
    tables.add_taken(ONE, Taken([0.1]))
    tables.close_minutes(MINUTE)
    tables.close_minutes(MINUTE + 10)
    assert availability(tables, 10) == (0, 0)
    assert availability(tables, 11) == (1, 1)


@pytest.mark.parametrize("minute", [MINUTE, MINUTE - 5])
def test_clock_that_stands_or_goes_back_closes_nothing(minute: int) -> None:
    tables = Tables([])
    tables.close_minutes(MINUTE)
    tables.add_taken(ONE, Taken([0.1]))
    tables.close_minutes(minute)
    assert (tables.minute, availability(tables)) == (MINUTE - 1, (0, 0))
    tables.close_minutes(MINUTE + 1)
    assert availability(tables, 1) == (1, 1)


# --- series -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("match", "found"),
    [
        pytest.param({}, [ONE, TWO, EAST], id="everything"),
        pytest.param({"model": "fraud"}, [ONE, TWO, EAST], id="model"),
        pytest.param({"version": "2"}, [TWO, EAST], id="version"),
        pytest.param({"region": "east"}, [EAST], id="further-label"),
        pytest.param({"region": "east", "version": "1"}, [], id="all-must-match"),
        pytest.param({"model": "frau"}, [], id="whole-value"),
    ],
)
def test_series_are_selected_by_their_labels(match: dict[str, str], found: list[SeriesKey]) -> None:
    tables = Tables([])
    for key in (ONE, TWO, EAST):
        tables.add_taken(key, Taken([0.1]))
    assert [key for _, key in tables.select(match)] == found


def test_selected_rows_are_counted_and_no_others() -> None:
    tables = Tables([])
    for key, failed in ((ONE, 1), (TWO, 2), (EAST, 4)):
        tables.add_taken(key, Taken((), [0.1] * failed))
    tables.close_minutes(MINUTE)
    assert availability(tables, version="2") == (0, 6)


def test_version_of_the_series_grows_with_each_new_one_alone() -> None:
    tables, versions = Tables([]), [0]
    for key in (ONE, ONE, TWO):
        tables.add_taken(key, Taken([0.1]))
        versions.append(tables.series_version)
    assert versions == [0, 1, 1, 2]


# --- quantiles --------------------------------------------------------------------------------------------


def test_quantile_is_of_the_newest_minute_that_timed_any() -> None:
    tables = Tables([])
    for minute, values in enumerate([[5.0], [0.2], []]):
        tables.add_taken(ONE, Taken(values))
        tables.close_minutes(MINUTE + minute)
    assert tables.latency_quantile(rows(tables), 0.99) == pytest.approx(0.2, rel=0.0055)


def test_quantile_takes_the_series_of_that_minute_together() -> None:
    tables = Tables([])
    tables.add_taken(TWO, Taken([9.0]))
    tables.close_minutes(MINUTE)
    tables.add_taken(ONE, Taken([0.1] * 90))
    tables.add_taken(EAST, Taken([0.7] * 10))
    tables.close_minutes(MINUTE + 1)
    assert tables.latency_quantile(rows(tables), 0.90) == pytest.approx(0.1, rel=0.0055)
    assert tables.latency_quantile(rows(tables), 0.91) == pytest.approx(0.7, rel=0.0055)
    assert tables.latency_quantile(rows(tables, version="1"), 0.99) == pytest.approx(0.1, rel=0.0055)


@pytest.mark.parametrize(
    ("within", "p99"),
    [
        pytest.param({0.1: 99, 0.5: 100, inf: 100}, 0.1, id="bound-of-the-bucket"),
        pytest.param({0.1: 98, 0.5: 100, inf: 100}, 0.5, id="next-bucket"),
        pytest.param({0.1: 50, 0.5: 50, inf: 100}, 0.5, id="beyond-the-last-is-shown-at-the-last"),
        pytest.param({inf: 100}, None, id="no-bound-says-nothing"),
    ],
)
def test_quantile_of_a_peer_is_its_buckets_upper_bound(
    within: "Mapping[float, int]", p99: float | None
) -> None:
    tables = Tables([])
    tables.add_counts(ONE, Counts(100, 0, within))
    tables.close_minutes(MINUTE)
    told = tables.latency_quantile(rows(tables), 0.99)
    assert told == (None if p99 is None else pytest.approx(p99, rel=0.0055))


def test_quantile_is_of_any_window_that_is_asked_for() -> None:
    tables = Tables([])
    for minute, seconds in enumerate([5.0, 0.2, 0.1]):
        tables.add_taken(ONE, Taken([seconds]))
        tables.close_minutes(MINUTE + minute)
    for minutes, longest in ((1, 0.1), (2, 0.2), (3, 5.0), (43_200, 5.0)):
        told = tables.latency_quantile(rows(tables), 1.0, minutes)
        assert told == pytest.approx(longest, rel=0.0055)
    tables.close_minutes(MINUTE + 10)
    assert tables.latency_quantile(rows(tables), 1.0, 5) is None


def test_quantiles_of_all_series_are_told_at_once() -> None:
    tables = Tables([])
    tables.add_taken(ONE, Taken([0.1] * 99 + [0.7]))
    tables.add_taken(TWO, Taken((), [0.1]))
    tables.add_taken(EAST, Taken([0.3]))
    tables.close_minutes(MINUTE)
    told = tables.latency_quantiles([0.5, 1.0], 60)
    expected = [[0.1, np.nan, 0.3], [0.7, np.nan, 0.3]]
    assert told[:, rows(tables)] == pytest.approx(np.array(expected), rel=0.0055, nan_ok=True)


def test_nothing_closed_has_no_quantile() -> None:
    tables = Tables([])
    tables.add_taken(ONE, Taken([0.1]))
    assert tables.latency_quantile(rows(tables), 0.5) is None
    assert tables.latency_quantile(rows(tables), 0.5, 60) is None
    assert np.isnan(tables.latency_quantiles([0.5], 60)).all()


def test_counts_of_all_series_are_told_at_once() -> None:
    tables = Tables([0.1])
    tables.add_taken(ONE, Taken([0.05, 0.3], [0.1]))
    tables.add_counts(TWO, Counts(5))
    tables.close_minutes(MINUTE)
    assert [one.tolist() for one in tables.all_sli_counts(60, None)] == [[2, 5], [3, 5]]
    assert [one.tolist() for one in tables.all_sli_counts(60, 0.1)] == [[1, 0], [2, 0]]


# --- keeping ----------------------------------------------------------------------------------------------


def stored(tables: Tables, minutes: int) -> Keeper:
    """Fill some minutes, and write each."""
    keeper = Keeper(tables)
    for minute in range(MINUTE, MINUTE + minutes):
        tables.add_taken(ONE, Taken([0.05, 0.3], [0.1]))
        tables.add_taken(EAST, Taken([0.05] * (minute - MINUTE)))
        tables.close_minutes(minute + 1)
        keeper.write(minute)
    return keeper


@pytest.mark.parametrize("minutes", [1, 5, 60, 400, 10_000])
def test_tables_go_on_from_dumped_minutes(minutes: int) -> None:
    before = Tables([0.1])
    after = stored(before, 30).restart().tables
    for tables in (before, after):
        tables.close_minutes(MINUTE + 40)
        tables.add_taken(ONE, Taken([0.05], [0.1]))
        tables.close_minutes(MINUTE + 41)
    for threshold in (None, 0.1):
        counted = [one.sli_counts(rows(one), minutes, threshold) for one in (before, after)]
        assert counted[0] == counted[1]


def test_quantiles_of_windows_outlast_a_restart() -> None:
    before = Tables([])
    after = stored(before, 30).restart(()).tables
    for minutes in (None, 1, 10, 60):
        for match in ({}, {"region": "east"}):
            told = [one.latency_quantile(rows(one, **match), 0.99, minutes) for one in (before, after)]
            assert told[0] == told[1]
            assert told[0] is not None
    assert after.latency_quantiles([0.5], 60).tolist() == before.latency_quantiles([0.5], 60).tolist()


def test_minute_tells_what_was_cancelled_and_refused() -> None:
    before = Keeper(Tables([0.1]))
    before.tables.add_taken(ONE, Taken(cancelled=[0.1], invalid=[0.1, 0.1]))
    before.tables.close_minutes(MINUTE)
    written = before.write(MINUTE - 1)
    after = before.restart()
    for one in (written.counted, after.tables.dump_minute(MINUTE - 1)):
        assert one.counts[:, :, 0].tolist() == [[0], [0], [1], [2], [0], [0], [0]]
    assert availability(after.tables) == (0, 0)


@given(
    story=st.lists(
        st.tuples(
            st.sampled_from([ONE, TWO, EAST]),
            st.lists(st.floats(0, 2) | st.sampled_from([0.01, 0.1]), max_size=5),
            st.integers(0, 3),
            st.one_of(st.none(), st.fixed_dictionaries({0.1: st.just(1), inf: st.integers(1, 9)})),
            st.integers(1, 100),
        ),
        min_size=1,
        max_size=20,
    ),
    minutes=st.integers(1, 43_200),
)
def test_every_minute_that_was_dumped_and_loaded_counts_as_it_did(
    story: list[tuple[SeriesKey, list[float], int, dict[float, int] | None, int]], minutes: int
) -> None:
    """With peers that time something else than what succeeded, and with some that time nothing."""
    before, now = Tables([0.1]), MINUTE
    keeper = Keeper(before)
    for key, values, errors, within, later in story:
        before.add_taken(key, Taken(values, [0.1] * errors))
        before.add_counts(key, Counts(3, 1, within or {}))
        now += later
        before.close_minutes(now)
        keeper.write(now - 1)
    after = keeper.restart().tables
    for threshold in (None, 0.1):
        for key in (ONE, TWO, EAST):
            told = [
                one.sli_counts(np.array([row for row, of in one.select({}) if of == key]), minutes, threshold)
                for one in (before, after)
                if any(of == key for _, of in one.select({}))
            ]
            assert len(set(told)) <= 1
    assert before.latency_quantile(rows(before), 0.5, minutes) == after.latency_quantile(
        rows(after), 0.5, minutes
    )


def test_minutes_of_ten_days_ago_are_where_they_were() -> None:
    after = stored(Tables([]), 1).restart(()).tables
    after.close_minutes(MINUTE + 10 * 1440)
    assert availability(after, 9 * 1440) == (0, 0)
    assert availability(after, 11 * 1440) == (2, 3)


def test_threshold_that_is_new_was_unmeasured_and_one_that_is_gone_is_forgotten() -> None:
    after = stored(Tables([0.1, 0.2]), 1).restart([0.5, 0.1]).tables
    assert latency(after, threshold=0.1) == (1, 2)
    assert latency(after, threshold=0.5) == (0, 0)
    assert availability(after) == (2, 3)


def test_counters_for_scrapers_begin_at_zero_after_a_restart() -> None:
    """The minute that was never written would make them fall, which means that all counts again."""
    after = stored(Tables([]), 3).restart(()).tables
    assert list(after.series()) == []
    after.add_taken(ONE, Taken([0.1]))
    assert [(key, totals.requests) for key, totals in after.series()] == [(ONE, 1)]


@given(
    minutes=st.lists(
        st.dictionaries(st.sampled_from("abcd"), st.lists(st.floats(1e-4, 10.0), max_size=5)),
        min_size=1,
        max_size=6,
    ),
    groups=st.lists(st.sets(st.sampled_from("abcd"), min_size=1), max_size=6),
)
@settings(deadline=None)
def test_quantiles_of_many_groups_are_those_of_each(
    minutes: list[dict[str, list[float]]], groups: list[set[str]]
) -> None:
    tables = Tables([])
    for model in "abcd":
        tables.add_taken(SeriesKey(model, "1"), Taken([], (1.0,)))
    for at, counted in enumerate(minutes, 1):
        for model, took in counted.items():
            tables.add_taken(SeriesKey(model, "1"), Taken(took))
        tables.close_minutes(29_000_000 + at)
    rows_of = {key.model: row for row, key in tables.select({})}
    rows = [np.array([rows_of[model] for model in group], np.int64) for group in groups]
    found = tables.newest_quantiles(rows, 0.9).tolist()
    alone = [tables.latency_quantile(one, 0.9) for one in rows]
    assert [None if isnan(one) else one for one in found] == alone
