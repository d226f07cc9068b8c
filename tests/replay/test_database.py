"""A node's own database, as traffic."""

import sqlite3
from pathlib import Path

import pytest

from actors.recording import SeriesKey, Tables, Taken
from actors.replay import SourceError
from actors.replay.database import DatabaseTraffic, database_at
from actors.storage.schema import migrate
from tests.recording.kept import Keeper
from tests.replay.traffics import BEGIN

ONE, OTHER = SeriesKey("fraud", "1"), SeriesKey("fraud", "2", (("region", "eu"),))
MINUTES = 500
"""So many that the first hours are rows of their own."""


def written(folder: Path) -> Path:
    """What a node has counted: both in every minute but the tenth, the other one in every second."""
    path = folder / "slokeeper.db"
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection)
    keeper = Keeper(Tables([0.1, 0.5]), connection)
    for minute in range(BEGIN, BEGIN + MINUTES):
        if minute != BEGIN + 10:
            keeper.tables.add_taken(ONE, Taken([0.05, 0.3], [0.1]))
            if minute % 2:
                keeper.tables.add_taken(OTHER, Taken([0.05]))
        keeper.tables.close_minutes(minute + 1)
        keeper.write(minute)
    connection.close()
    return path


def read(path: Path, *thresholds: float, since: float = 0, until: float = 1e9) -> DatabaseTraffic:
    return DatabaseTraffic(path, thresholds, since=since, until=until)


def test_minutes_are_what_the_node_counted(tmp_path: Path) -> None:
    traffic = read(written(tmp_path), 0.1)
    found = {
        (one.minute - BEGIN, key): one.counts[:, at].tolist()
        for one in traffic.minutes()
        for at, key in enumerate(one.keys)
        if one.counts[:, at].any()
    }
    expected = {(at, ONE): [3, 1, 1, 2] for at in range(MINUTES) if at != 10}
    expected |= {(at, OTHER): [1, 0, 1, 1] for at in range(MINUTES) if (BEGIN + at) % 2}
    assert found == expected
    assert traffic.span() == (BEGIN, BEGIN + MINUTES - 1)
    assert set(traffic.keys()) == {ONE, OTHER}
    assert not traffic.unknown


def test_threshold_that_was_not_counted_is_unmeasured_and_told(tmp_path: Path) -> None:
    traffic = read(written(tmp_path), 0.2, since=BEGIN + MINUTES - 1)
    (minute,) = traffic.minutes()
    assert minute.counts[:, 0].tolist() == [3, 1, 0, 0]
    assert traffic.unknown == {0.2}


def test_range_leaves_out_what_lies_before_and_after(tmp_path: Path) -> None:
    traffic = read(written(tmp_path), since=BEGIN + 5, until=BEGIN + 12)
    assert [one.minute - BEGIN for one in traffic.minutes()] == [5, 6, 7, 8, 9, 11]


def test_hours_that_are_known_as_a_whole_only_count_in_their_last_minute_and_are_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE hours SET minutes = NULL WHERE hour = ?", (BEGIN,))
    connection.close()
    traffic = read(path)
    assert next(traffic.minutes()).minute == BEGIN + 59
    assert next(traffic.minutes()).counts[:, 0].tolist() == [59 * 3, 59]
    assert traffic.whole_hours == 1


def test_folder_and_file_are_found_and_others_are_none(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert database_at(str(tmp_path)) == database_at(str(path)) == path
    (tmp_path / "trace.csv").write_text("timestamp,good,total\n")
    assert database_at(str(tmp_path / "trace.csv")) is None
    assert database_at(str(tmp_path / "nothing")) is None


def test_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "slokeeper.db").close()
    with pytest.raises(SourceError, match="must be the database of a slokeeper node"):
        read(tmp_path / "slokeeper.db")


def test_folder_without_a_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"slokeeper\.db must be the database of a slokeeper node"):
        read(tmp_path / "slokeeper.db")
