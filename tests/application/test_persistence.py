"""What a node writes each minute, and how the next one goes on from there."""

import sqlite3
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from actors.application.persistence import restore, write_state, write_tick
from actors.node import Pushes
from actors.recording import Levels, SeriesKey, Tables, Taken
from actors.storage import DamagedError
from tests.recording.kept import database

MINUTE = 29_000_000
ONE = SeriesKey("fraud", "1")


@dataclass(frozen=True)
class Evaluated:
    tallies: bytes


class Judge:
    """Stands for an evaluator: it has the total of all requests at each minute that it has judged."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.judged: dict[int, int] = {}
        self.tallies: list[tuple[int, bytes]] = []
        self.loaded_at: int | None = None

    @property
    def minute(self) -> int | None:
        return max(self.judged, default=None)

    def load(self, stored: bytes) -> None:
        if stored != b"state":
            raise ValueError("of a later format")
        self.loaded_at = self.tables.minute

    def load_tallies(self, minute: int, told: bytes) -> None:
        self.tallies.append((minute, told))

    def evaluate(self) -> Evaluated:
        assert self.tables.minute is not None
        self.judged[self.tables.minute] = int(self.tables.all_sli_counts(60, None)[1].sum())
        return Evaluated(b"caught up")

    def dump(self) -> bytes:
        return b"state"


class Node:
    """Closes and writes minutes, of which some are judged."""

    def __init__(self) -> None:
        self.connection = database()
        self.tables = Tables([0.1])
        self.levels = Levels(self.tables)

    def live(self, minute: int) -> None:
        self.tables.add_taken(ONE, Taken([0.05], [0.1]))
        self.tables.close_minutes(minute + 1)
        write = self.levels.write_of(minute)
        write_tick(self.connection, tick=write, baselines={})
        self.levels.written(write)

    def judged(self, minute: int, state: bytes = b"state", **tallies: bytes) -> bool:
        told = {int(at[1:]): one for at, one in tallies.items()}
        return write_state(self.connection, minute=minute, state=state, tallies=told)

    def restart(self) -> Judge:
        judge = Judge(Tables([0.1]))
        restore(self.connection, judge.tables, (), Pushes(0), judge)
        return judge


def test_minutes_that_were_not_judged_are_judged_one_by_one_at_the_start() -> None:
    node = Node()
    for minute in (MINUTE, MINUTE + 1, MINUTE + 2, MINUTE + 9):
        node.live(minute)
        if minute == MINUTE + 1:
            assert node.judged(minute)
    judge = node.restart()
    assert judge.loaded_at == MINUTE + 1
    assert judge.judged == {MINUTE + 2: 6, MINUTE + 9: 8}


def test_what_was_judged_at_the_start_is_written_there() -> None:
    """A second kill soon after would else lose what only its evaluation told."""
    node = Node()
    for minute in (MINUTE, MINUTE + 1):
        node.live(minute)
    node.judged(MINUTE)
    node.restart()
    judge = node.restart()
    assert (judge.loaded_at, judge.judged) == (MINUTE + 1, {})
    assert judge.tallies == [(MINUTE + 1, b"caught up")]


def test_all_that_was_judged_is_not_judged_again() -> None:
    node = Node()
    node.live(MINUTE)
    node.judged(MINUTE)
    judge = node.restart()
    assert (judge.loaded_at, judge.judged) == (MINUTE, {})


def test_state_is_not_written_before_its_minute() -> None:
    """After a crash it would know of a minute that the tables never see again."""
    node = Node()
    node.live(MINUTE)
    assert not node.judged(MINUTE + 1)
    assert node.restart().loaded_at is None


def test_tallies_go_with_the_state_and_come_back_in_order() -> None:
    node = Node()
    for minute in (MINUTE, MINUTE + 1):
        node.live(minute)
    node.judged(MINUTE + 1, **{f"m{MINUTE + 1}": b"second", f"m{MINUTE}": b"first"})
    assert node.restart().tallies == [(MINUTE, b"first"), (MINUTE + 1, b"second")]


def test_state_of_a_later_format_is_said_and_the_rules_begin_anew() -> None:
    node = Node()
    node.live(MINUTE)
    node.judged(MINUTE, b"written by a later slokeeper")
    with capture_logs() as logs:
        judge = node.restart()
    assert [one["event"] for one in logs] == ["state of the rules cannot be read"]
    assert judge.tables.minute == MINUTE


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("minutes", "counts"),
        ("hours", "counts"),
        ("hours", "minutes"),
        ("sketches", "cells"),
        ("evaluator", "state"),
        ("tallies", "told"),
        ("series", "model"),
    ],
)
def test_what_was_not_written_by_us_is_damage(table: str, column: str) -> None:
    node = Node()
    for minute in range(MINUTE, MINUTE + 500, 5):
        node.live(minute)
    for minute in (MINUTE + 8000, MINUTE + 9000):  # so that one hour is read as a whole, and one by minutes
        node.live(minute)
    node.judged(minute, **{f"m{minute}": b"told"})
    change(node.connection, table, column)
    with pytest.raises(DamagedError):
        node.restart()


def change(connection: sqlite3.Connection, table: str, column: str) -> None:
    """Flip one bit in the middle of the newest value."""
    row, value = connection.execute(
        f"SELECT rowid, CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL "  # noqa: S608  of the table above
        f"ORDER BY rowid {'ASC' if column == 'counts' else 'DESC'} LIMIT 1"
    ).fetchone()
    changed = bytearray(value)
    changed[len(changed) // 2] ^= 1
    kind = "TEXT" if table == "series" else "BLOB"
    connection.execute(
        f"UPDATE {table} SET {column} = CAST(? AS {kind}) WHERE rowid = ?",  # noqa: S608
        (bytes(changed), row),
    )
