"""Windows of up to three days begin with any minute: against plain lists of minutes."""

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording.counted import Counted
from actors.recording.counts import Counts
from actors.recording.old_minutes import HOUR, OLDEST, OldMinutes, PackedHour
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables
from actors.recording.windows import Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEGIN = 29_000_003
WRAP = 2**32
LONG_AGO = OLDEST + 3 * HOUR
LENGTHS = (1, 59, 60, 360, 361, 599, 720, 1440, 2880, 4319, 4320)

levels = st.sampled_from([0, 1, 3, 200, 255, 256, 70_000, WRAP // 8000, WRAP - 1])
stretches = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 150), st.integers(1, 700)),  # minutes of traffic
        st.one_of(st.just(0), st.integers(1, 400), st.integers(1, 6000)),  # and then minutes at one go
        st.lists(levels, min_size=1, max_size=4),  # about so many events of each row, of which some are new
        st.sampled_from([0.02, 0.5, 1.0]),  # the share of minutes that have any
    ),
    min_size=1,
    max_size=5,
)


class Lists:
    """Every minute of every row."""

    def __init__(self, rows: int) -> None:
        self.minutes: list[list[int]] = [[] for _ in range(rows)]

    def within(self, row: int, minutes: int) -> int:
        return sum(self.minutes[row][-minutes:])


def live(windows: Windows, lists: Lists, plan: list[tuple[int, int, list[int], float]], seed: int) -> None:
    """Let stretches of traffic pass, and compare every window of LENGTHS a few times on the way."""
    dice, until = np.random.default_rng(seed), BEGIN
    for minutes, pause, rows, share in plan:
        for at in range(minutes):
            later = pause + 1 if at + 1 == minutes else 1
            for row, minutes_of in enumerate(lists.minutes):
                level = rows[row] if row < len(rows) else 0
                count = int(dice.integers(level // 2, level + 1)) if level and dice.random() < share else 0
                windows.add(row, 0, count)
                minutes_of.extend([0] * (later - 1) + [count])
            until += later
            windows.close(until)
            if dice.random() < 0.1:
                # Edges move on by one minute, by a few, or not at all: these lengths are asked for at random.
                for length in dice.choice(LENGTHS, 3).tolist():
                    found = windows.within(0, length).tolist()
                    assert found == [lists.within(row, length) for row in range(len(found))], (until, length)


@settings(max_examples=40, deadline=None)
@given(plan=stretches, seed=st.integers(0, 99), others=st.lists(st.integers(1, OLDEST), max_size=20))
def test_window_up_to_three_days_is_what_its_minutes_add_up_to(
    plan: list[tuple[int, int, list[int], float]], seed: int, others: list[int]
) -> None:
    """Over minutes closed several at once, columns that come late, and counts beyond 32 bits."""
    windows, lists = Windows(1), Lists(4)
    for _ in lists.minutes:
        windows.add_row()
    live(windows, lists, plan, seed)
    for length in (*LENGTHS, *others):
        assert windows.within(0, length).tolist() == [lists.within(row, length) for row in range(4)]


def test_every_window_is_exact_at_every_minute_of_the_hour() -> None:
    """After three days of traffic: every seventh length, at 61 minutes that follow each other."""
    dice, windows = np.random.default_rng(1), Windows(1)
    windows.add_row()
    counts = dice.poisson(3, LONG_AGO + 61).tolist()
    totals = list(accumulate(counts, initial=0))
    wrong = []
    for minute, count in enumerate(counts):
        windows.add(0, 0, count)
        windows.close(BEGIN + minute)
        if minute >= LONG_AGO:
            wrong += [
                (minute, length)
                for length in range(1 + minute % 7, OLDEST + 1, 7)
                if windows.within(0, length)[0] != totals[minute + 1] - totals[minute + 1 - length]
            ]
    assert wrong == []


@settings(max_examples=5, deadline=None)
@given(
    seed=st.integers(0, 999),
    phase=st.integers(0, 59),
    minutes=st.integers(300, OLDEST + 500),
    share=st.sampled_from([0.03, 1.0]),
)
def test_tables_that_were_dumped_and_loaded_know_every_window_as_before(
    seed: int, phase: int, minutes: int, share: float
) -> None:
    """And go on so: another hour and more of minutes moves every edge over the seam."""
    dice, key, newest = np.random.default_rng(seed), SeriesKey("fraud", "1"), BEGIN + phase + minutes
    before, after = Tables([0.1]), Tables([0.1])
    after.load_series({0: key}, (), newest)
    dumped: list[Counted] = []

    def count(tables: Tables, requests: int) -> None:
        tables.add_counts(key, Counts(requests, requests // 2, {}))

    for minute in range(newest - minutes, newest):
        if dice.random() < share:
            count(before, int(dice.integers(1, 900)))
        before.close_minutes(minute + 1)
        dumped.append(before.dump_minute(minute))
        if (minute + 1) % HOUR == 0 or minute + 1 == newest:  # as they are stored: by the hour
            stretch = Counted.one_after_the_other(dumped)
            after.load_counts(stretch, minute + 1 - len(dumped), len(dumped), newest)
            dumped.clear()
    after.loaded(np.zeros(1, np.int64))
    for minute in range(newest, newest + 70):
        for length in range(1 + minute % 97, OLDEST + 1, 97):
            assert after.all_sli_counts(length, None)[1][0] == before.all_sli_counts(length, None)[1][0]
        for tables in (before, after):
            count(tables, minute % 5)
            tables.close_minutes(minute + 1)


@pytest.mark.parametrize("dtype", [np.uint32, np.int64])
@given(seed=st.integers(0, 999), shares=st.lists(st.sampled_from([0.0, 0.01, 0.3, 1.0]), min_size=1))
def test_packed_hour_gives_back_its_minutes(dtype: type, seed: int, shares: list[float]) -> None:
    dice, width = np.random.default_rng(seed), len(shares)
    sizes = dice.choice([1, 255, 256, 65_535, 65_536, WRAP - 1], width)
    added = (dice.random((HOUR, width)) < shares) * dice.integers(0, sizes + 1, (HOUR, width))
    begin, end = sorted(dice.integers(0, HOUR + 1, 2).tolist())
    found: NDArray[np.int64] = np.zeros(width + 3, dtype)
    PackedHour(added.astype(dtype)).add_to(found, begin, end)
    expected = [*added[begin:end].sum(axis=0).astype(dtype).tolist(), 0, 0, 0]
    assert found.tolist() == expected


@pytest.mark.parametrize(("counts", "bytes_a_minute"), [("nothing", 0.1), ("rare", 0.1), ("busy", 1.2)])
def test_packed_minutes_take_few_bytes(counts: str, bytes_a_minute: float) -> None:
    dice, shape = np.random.default_rng(1), (HOUR, 4096)
    added = {
        "nothing": np.full(shape, 7),
        "rare": dice.poisson(0.01, shape),
        "busy": dice.poisson(1000, shape),
    }[counts]
    assert PackedHour(added.astype(np.uint32)).nbytes <= bytes_a_minute * added.size


def test_edges_that_nobody_asks_for_any_more_are_forgotten() -> None:
    old, by_hour = OldMinutes(), np.zeros(1000, np.uint32)
    for length in range(500):
        old.totals_at(BEGIN, 1000 + length, by_hour)
    assert old.nbytes <= 8 * by_hour.nbytes


def test_edge_that_was_asked_for_holds_when_columns_come_and_totals_outgrow_32_bits() -> None:
    windows, lists = Windows(1), Lists(20)
    for _ in lists.minutes:
        windows.add_row()
    for months in range(6, 0, -1):  # More than 32 bits in all, and in no thirty days.
        windows.add(0, 0, WRAP // 4)
        windows.close(BEGIN - months * (31 * 1440))
    plan = [*[[1]] * 1500, [1] * 20, *[[WRAP - 1] * 20] * 5]
    for minute, counts in enumerate(plan):
        for row, minutes_of in enumerate(lists.minutes):
            count = counts[row] if row < len(counts) else 0
            windows.add(row, 0, count)
            minutes_of.append(count)
        windows.close(BEGIN + minute + 1)
        if minute >= 1499:
            assert windows.within(0, 1400).tolist() == [lists.within(row, 1400) for row in range(20)]
