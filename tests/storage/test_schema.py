"""Versions of the schema: each step is taken once, and wholly."""

import sqlite3
from typing import TYPE_CHECKING

import pytest

from actors.storage.schema import MIGRATIONS, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND = "CREATE TABLE later (a INTEGER);\nINSERT INTO later VALUES (1);\n"
BROKEN = "CREATE TABLE half (a INTEGER);\nINSERT INTO missing VALUES (1);\n"


@pytest.fixture
def connection() -> "Iterator[sqlite3.Connection]":
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def tables(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    )
    return {name for (name,) in rows}


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_new_database_has_all_tables(connection: sqlite3.Connection) -> None:
    migrate(connection)
    assert tables(connection) >= {
        "series",
        "minutes",
        "hours",
        "sketches",
        "evaluator",
        "baselines",
        "alerts",
        "outbox",
        "annotations",
        "maintenance",
        "action_edges",
        "action_runs",
    }
    assert version(connection) == len(MIGRATIONS)


def test_second_time_changes_nothing(connection: sqlite3.Connection) -> None:
    migrate(connection)
    changes = connection.total_changes
    migrate(connection)
    assert connection.total_changes == changes


def test_older_database_takes_the_steps_it_lacks(connection: sqlite3.Connection) -> None:
    migrate(connection)
    connection.execute("INSERT INTO minutes VALUES (1, x'00')")
    migrate(connection, (*MIGRATIONS, SECOND))
    assert version(connection) == len(MIGRATIONS) + 1
    assert connection.execute("SELECT (SELECT count(*) FROM minutes), a FROM later").fetchall() == [(1, 1)]


def test_step_that_fails_leaves_the_version_before_it(connection: sqlite3.Connection) -> None:
    migrate(connection)
    with pytest.raises(sqlite3.OperationalError, match="missing"):
        migrate(connection, (*MIGRATIONS, BROKEN))
    assert version(connection) == len(MIGRATIONS)
    assert "half" not in tables(connection)
