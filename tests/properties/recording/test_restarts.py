"""Tables that were restarted at any minutes answer as those do that never were."""

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording import Counts, SeriesKey, Tables, Taken
from tests.recording.kept import Keeper

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEGIN = 29_000_000
WINDOWS = (1, 5, 30, 60, 119, 120, 360, 361, 1439, 1440, 4319, 4320, 4321, 10_000, 43_200)
KEYS = [SeriesKey("fraud", str(version)) for version in range(4)]

STEPS = st.lists(
    st.tuples(
        st.lists(  # who counts what
            st.tuples(
                st.sampled_from(KEYS),
                st.lists(st.sampled_from([0.01, 0.1, 0.3, 2.0]), max_size=4),
                st.integers(0, 2),  # errors
                st.integers(0, 2),  # cancelled
                st.booleans(),  # and a peer that times nothing
            ),
            max_size=3,
        ),
        st.one_of(st.just(1), st.just(1), st.integers(1, 90), st.integers(1, 3000)),  # minutes until the end
        st.sampled_from(["", "", "", "restart", "retire", "lose"]),
    ),
    min_size=1,
    max_size=20,
)


def count(tables: Tables, key: SeriesKey, values: list[float], errors: int, cancelled: int) -> None:
    tables.add_taken(key, Taken(values, [0.1] * errors, cancelled=[0.1] * cancelled))


def row_of(tables: Tables, key: SeriesKey) -> "NDArray[np.int64]":
    return np.array([row for row, other in tables.select({}) if other == key], np.int64)


def answers(tables: Tables, key: SeriesKey) -> list[object]:
    rows = row_of(tables, key)
    counts = [tables.sli_counts(rows, minutes, at) for minutes in WINDOWS for at in (None, 0.1)]
    quantiles = [tables.latency_quantile(rows, q, minutes) for minutes in WINDOWS[::3] for q in (0.5, 0.99)]
    return [counts, quantiles, tables.latency_quantile(rows, 0.99)]


@settings(max_examples=40)
@given(steps=STEPS, sketch_bytes=st.sampled_from([500, 1 << 20]))
def test_every_window_is_the_one_of_tables_that_never_stopped(
    steps: "list[tuple[list[tuple[SeriesKey, list[float], int, int, bool]], int, str]]", sketch_bytes: int
) -> None:
    """A write that is lost is made good by the next; one that came through may have been told as lost."""
    whole = Tables([0.1], sketch_bytes=sketch_bytes)
    keeper = Keeper(Tables([0.1], sketch_bytes=sketch_bytes))
    now, owed = BEGIN, list[int]()
    for counting, minutes, then in steps:
        now += minutes
        for one in (whole, keeper.tables):
            for key, values, errors, cancelled, has_peer in counting:
                count(one, key, values, errors, cancelled)
                if has_peer:
                    one.add_counts(key, Counts(3, 1))
            if then == "retire" and counting:
                one.retire(counting[0][0])
            one.close_minutes(now)
        owed = [minute for minute in owed if minute > now - 360]
        owed.append(now - 1)
        if then == "lose":
            keeper.levels.write_of(now - 1)(keeper.connection)  # and nobody heard of it
            continue
        for minute in owed:
            keeper.write(minute)
        owed.clear()
        if then == "restart":
            keeper = keeper.restart(sketch_bytes=sketch_bytes)
    last = keeper.restart(sketch_bytes=sketch_bytes).tables
    for key in KEYS:
        assert answers(keeper.tables, key) == answers(whole, key)
        assert answers(last, key) == answers(whole, key)


@given(steps=STEPS, early=st.lists(st.sampled_from(KEYS), max_size=3))
@settings(max_examples=20)
def test_what_was_counted_before_the_tables_were_restored_is_counted(
    steps: "list[tuple[list[tuple[SeriesKey, list[float], int, int, bool]], int, str]]",
    early: list[SeriesKey],
) -> None:
    """A program may predict, and be scraped, before its node runs."""
    whole, now = Keeper(Tables([0.1])), BEGIN
    for counting, minutes, _ in steps:
        now += minutes
        for key, values, errors, cancelled, _ in counting:
            count(whole.tables, key, values, errors, cancelled)
        whole.tables.close_minutes(now)
        whole.write(now - 1)
    tables = Tables([0.1])
    for one in (whole.tables, tables):
        for key in early:
            count(one, key, [0.05, 0.2], 1, 0)
    after = whole.restart_into(tables)
    for each in (whole, after):
        each.tables.close_minutes(now + 1)
    for key in KEYS:
        assert answers(after.tables, key) == answers(whole.tables, key)
