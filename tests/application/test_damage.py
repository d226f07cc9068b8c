"""A database that was damaged: set aside, said, and survived; and nothing in it taken for what it is not."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from actors.alerting import AlertSignal
from actors.alerting.decision import Decision
from actors.application.persistence import restore, write_state, write_tick
from actors.application.salvage import node_database
from actors.config import RouteSettings
from actors.node import Pushes
from actors.recording import Levels, SeriesKey, Tables, Taken
from actors.storage import StorageError
from actors.storage.database import FILE_NAME
from supervisor import telemetry

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 29_000_040
MINUTES = 700
KEYS = [SeriesKey("fraud", str(version)) for version in range(30)]
EXACT = {
    "series": "*",
    "minutes": "*",
    "hours": "*",
    "sketches": "*",
    "evaluator": "*",
    "tallies": "*",
    "baselines": "*",
    "alerts": "dedup_key, labels",
    "outbox": "id, receiver, dedup_key, status, labels, fired_at",
}
"""What is held against a checksum, or a key that follows from it."""


def signal(number: int) -> AlertSignal:
    labels = {"slo": "fraud", "version": str(number), "severity": "page"}
    return AlertSignal(labels, {"summary": "burns"}, True, 1_700_000_000.0 + number, 0.0)


def live(directory: Path) -> None:
    """Some hours of a node: folded ones, minutes, a state, baselines, alerts and what is owed of them."""
    database, tables = node_database(directory), Tables([0.1])
    database.open()
    restore(database.connection, tables, (), Pushes(0))
    levels = Levels(tables)
    database.connection.execute("PRAGMA synchronous = OFF")
    for minute in range(MINUTE, MINUTE + MINUTES, 7):
        for key in KEYS[: 1 + minute % 30]:
            tables.add_taken(key, Taken([0.05, 0.2], [0.1]))
        tables.close_minutes(minute + 1)
        write = levels.write_of(minute)
        database.transact(lambda to, tick=write: write_tick(to, tick=tick, baselines={"peer": b"counters"}))  # type: ignore[misc]
        levels.written(write)
    database.transact(lambda to: write_state(to, minute=minute, state=b"state" * 100, tallies={minute: b"t"}))
    decision = Decision(tuple(map(signal, range(20))), RouteSettings(receiver="oncall"), 1_700_000_100.0)
    database.transact(decision)
    database.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    directory = tmp_path_factory.mktemp("whole")
    live(directory)
    return (directory / FILE_NAME).read_bytes()


def contents(connection: sqlite3.Connection) -> dict[str, set[object]]:
    return {
        table: set(connection.execute(f"SELECT {columns} FROM {table}"))  # noqa: S608  of the table above
        for table, columns in EXACT.items()
    }


def contents_of(file: bytes, directory: Path) -> dict[str, set[object]]:
    (directory / "whole.db").write_bytes(file)
    with closing(sqlite3.connect(directory / "whole.db")) as connection:
        return contents(connection)


def start(directory: Path) -> tuple[str, dict[str, set[object]]]:
    """How a node takes what lies there: "read" or "set aside", and what it has then."""
    database, tables = node_database(directory), Tables([0.1])
    database.open()
    try:
        restore(database.connection, tables, (), Pushes(0))
        return "read" if database.set_aside is None else "set aside", contents(database.connection)
    finally:
        database.close()


def cut(file: bytes) -> bytes:
    return file[: len(file) // 2]


def cut_within_a_page(file: bytes) -> bytes:
    return file[: len(file) * 3 // 4 + 100]


def zeroed_pages(file: bytes) -> bytes:
    middle = len(file) // 2 // 4096 * 4096
    return file[:middle] + bytes(3 * 4096) + file[middle + 3 * 4096 :]


def garbage_header(file: bytes) -> bytes:
    return b"\x17" * 100 + file[100:]


def another_version_of_the_format(file: bytes) -> bytes:
    return file[:18] + b"\x09\x09" + file[20:]


def without_its_name(file: bytes) -> bytes:
    return file[:68] + b"\x00\x00\x00\x00" + file[72:]


def a_few_bytes(file: bytes) -> bytes:
    return file[:50]


DAMAGES = [
    cut,
    cut_within_a_page,
    zeroed_pages,
    garbage_header,
    another_version_of_the_format,
    without_its_name,
    a_few_bytes,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_file_is_set_aside_and_said_and_the_node_starts(
    whole: bytes, tmp_path: Path, damage: "Callable[[bytes], bytes]"
) -> None:
    broken = damage(whole)
    (tmp_path / FILE_NAME).write_bytes(broken)
    told: list[object] = []
    name = ("storage", "database", "set_aside")
    telemetry.attach("damage", name, lambda *event: told.append(event))
    with capture_logs() as logs:
        how, found = start(tmp_path)
    telemetry.detach("damage")
    assert how == "set aside"
    assert [one["event"] for one in logs] == ["database is damaged and was set aside"]
    assert len(told) == 1
    (kept,) = tmp_path.glob(f"{FILE_NAME}.damaged-*Z")
    assert kept.read_bytes()[100:8192] == broken[100:8192]
    for table, rows in found.items():
        assert rows <= contents_of(whole, tmp_path)[table], table
    assert start(tmp_path)[0] == "read"


def test_alerts_and_counts_of_pages_that_are_whole_are_saved(whole: bytes, tmp_path: Path) -> None:
    """One blob is not what was written: all else is."""
    (tmp_path / FILE_NAME).write_bytes(whole)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        hour, counts = connection.execute("SELECT hour, counts FROM hours LIMIT 1 OFFSET 1").fetchone()
        connection.execute(
            "UPDATE hours SET counts = ? WHERE hour = ?", (counts[:-1] + bytes([counts[-1] ^ 1]), hour)
        )
        connection.commit()
    how, found = start(tmp_path)
    before = contents_of(whole, tmp_path)
    assert how == "set aside"
    assert len(found["hours"]) == len(before["hours"]) - 1
    for table in set(EXACT) - {"hours", "baselines"}:
        assert found[table] == before[table], table


def test_write_ahead_log_that_is_torn_has_the_transactions_before(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(whole)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as connection:
        connection.execute("INSERT OR REPLACE INTO baselines SELECT 'first', counters FROM baselines")
        before = (tmp_path / f"{FILE_NAME}-wal").stat().st_size
        connection.execute("UPDATE alerts SET state = 'resolved'")
        log, file = (tmp_path / f"{FILE_NAME}-wal").read_bytes(), (tmp_path / FILE_NAME).read_bytes()
    other = tmp_path / "other"
    other.mkdir()
    (other / FILE_NAME).write_bytes(file)
    (other / f"{FILE_NAME}-wal").write_bytes(log[: before + (len(log) - before) // 2])
    with closing(sqlite3.connect(other / FILE_NAME)) as connection:
        assert connection.execute("SELECT DISTINCT state FROM alerts").fetchall() == [("firing",)]
        assert connection.execute("SELECT count(*) FROM baselines").fetchone() == (2,)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(places=st.lists(st.tuples(st.floats(0, 0.999999), st.integers(1, 255)), min_size=1, max_size=4))
def test_flipped_bytes_are_never_a_crash_and_never_taken_for_what_was_written(
    whole: bytes, places: list[tuple[float, int]]
) -> None:
    broken = bytearray(whole)
    for share, flip in places:
        broken[int(share * len(whole))] ^= flip
    with TemporaryDirectory() as place, capture_logs():
        directory = Path(place)
        (directory / FILE_NAME).write_bytes(bytes(broken))
        before = contents_of(whole, directory)
        try:
            how, found = start(directory)
        except StorageError as error:
            how, found = str(error), {}
        if "written by a later slokeeper" in how:
            return
        if how == "read":
            assert found == before
        else:
            assert how == "set aside"
            for table, rows in found.items():
                assert rows <= before[table], table
