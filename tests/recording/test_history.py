"""History is told as finely as it is stored, and tables that replay it are those that lived it."""

import numpy as np

from actors.recording import SeriesKey, Tables, Taken, history, newest_end
from actors.recording.levels import fold, forget, read_series
from tests.recording.kept import Keeper

MINUTE = 29_000_040
DAY = 1440
ONE = SeriesKey("fraud", "1", (("region", "east"),))


def lived(minutes: range) -> Keeper:
    keeper = Keeper(Tables([0.1]))
    for minute in minutes:
        keeper.tables.add_taken(ONE, Taken([0.05, 0.3][: minute % 3], [0.1] * (minute % 7 == 0)))
        keeper.tables.close_minutes(minute + 1)
        keeper.write(minute)
    return keeper


def test_every_minute_is_told_while_there_is_room() -> None:
    keeper = lived(range(MINUTE, MINUTE + 12 * DAY, 97))
    told = [
        (minute, minutes, counted.counts[0].sum()) for minute, minutes, counted in history(keeper.connection)
    ]
    assert told == [
        (minute, 1, minute % 3 + (minute % 7 == 0))
        for minute in range(MINUTE, MINUTE + 12 * DAY, 97)
        if minute % 3 or minute % 7 == 0
    ]


def test_without_room_older_hours_are_told_as_a_whole() -> None:
    keeper = lived(range(MINUTE, MINUTE + 5 * DAY, 7))
    whole = sum(int(counted.counts[0].sum()) for _, _, counted in history(keeper.connection))
    newest = newest_end(keeper.connection)
    assert newest is not None
    fold(keeper.connection, newest)
    forget(keeper.connection, newest, most_history=0)
    told = list(history(keeper.connection))
    assert sum(int(counted.counts[0].sum()) for _, _, counted in told) == whole
    assert {minutes for minute, minutes, _ in told if minute < newest - 3 * DAY - 60} == {60}
    assert {minutes for minute, minutes, _ in told if minute >= newest - 3 * DAY - 60} == {1}


def test_good_events_are_told_against_any_threshold_that_was_counted() -> None:
    keeper = lived(range(MINUTE, MINUTE + 3))
    told = [
        [[int(each.sum()) for each in counted.events(threshold)] for threshold in (None, 0.1, 0.7)]
        for _, _, counted in history(keeper.connection)
    ]
    assert (MINUTE % 3, MINUTE % 7) == (0, 6)
    assert told == [[[1, 2], [1, 1], [0, 0]], [[2, 2], [1, 2], [0, 0]]]


def test_tables_that_replay_it_have_the_windows_of_those_that_lived_it() -> None:
    keeper, replayed = lived(range(MINUTE, MINUTE + 2 * DAY, 11)), Tables([0.1])
    newest = newest_end(keeper.connection)
    assert newest is not None
    replayed.load_series(read_series(keeper.connection), (), newest)
    for minute, minutes, counted in history(keeper.connection):
        replayed.load_counts(counted, minute, minutes, newest)
    replayed.close_minutes(newest)
    for minutes in (1, 60, 360, 361, DAY):
        for threshold in (None, 0.1):
            told = [one.sli_counts(np.array([0]), minutes, threshold) for one in (keeper.tables, replayed)]
            assert told[0] == told[1]
