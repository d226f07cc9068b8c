"""The tables, and how a database of an older version gets them."""

from typing import TYPE_CHECKING, Final

from actors.storage.errors import DamagedError, StorageError

if TYPE_CHECKING:
    import sqlite3

APPLICATION_ID: Final = 0x51_0C_EE_9E
"""Stands in the file's header: tells a database of ours from anybody else's."""

_OURS: Final = ("minutes", "baselines", "alerts", "outbox")

_FIRST: Final = """
CREATE TABLE minutes (
    minute INTEGER PRIMARY KEY,
    counts BLOB NOT NULL
);
CREATE TABLE baselines (
    peer TEXT PRIMARY KEY,
    counters BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE alerts (
    dedup_key TEXT PRIMARY KEY,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('inactive', 'pending', 'firing', 'acknowledged', 'resolved')),
    pending_since REAL,
    fired_at REAL,
    resolved_at REAL,
    clear_since REAL
) WITHOUT ROWID;
CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    receiver TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('firing', 'resolved')),
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    fired_at REAL NOT NULL,
    resolved_at REAL,
    decided_at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at REAL NOT NULL DEFAULT 0,
    ended_at REAL,
    why TEXT
);
CREATE INDEX outbox_owed ON outbox (receiver, position) WHERE state = 'pending';
CREATE INDEX outbox_alert ON outbox (dedup_key, fired_at);
"""

_ANNOTATIONS: Final = """
CREATE TABLE annotations (
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    labels TEXT NOT NULL,
    PRIMARY KEY (at, kind, text, labels)
) WITHOUT ROWID;
"""


_LEVELS: Final = """
ALTER TABLE minutes RENAME TO first_minutes;
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    labels TEXT NOT NULL,
    checksum BLOB NOT NULL
);
CREATE TABLE minutes (
    minute INTEGER PRIMARY KEY,
    counts BLOB NOT NULL
);
CREATE TABLE hours (
    hour INTEGER PRIMARY KEY,
    counts BLOB NOT NULL,
    minutes BLOB
);
CREATE TABLE sketches (
    begin INTEGER PRIMARY KEY,
    until INTEGER NOT NULL,
    cells BLOB NOT NULL
);
CREATE TABLE evaluator (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    minute INTEGER NOT NULL,
    state BLOB NOT NULL
);
CREATE TABLE tallies (
    minute INTEGER PRIMARY KEY,
    told BLOB NOT NULL
);
"""

_MAINTENANCE: Final = """
CREATE TABLE maintenance (
    name TEXT PRIMARY KEY,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    slos TEXT NOT NULL,
    match TEXT NOT NULL,
    treat TEXT NOT NULL CHECK (treat IN ('remove', 'good'))
) WITHOUT ROWID;
"""

_ACTIONS: Final = """
CREATE TABLE action_edges (
    action TEXT NOT NULL,
    slo TEXT NOT NULL,
    labels TEXT NOT NULL,
    is_true INTEGER NOT NULL,
    is_owed INTEGER NOT NULL,
    ran_at REAL,
    PRIMARY KEY (action, slo, labels)
) WITHOUT ROWID;
CREATE TABLE action_runs (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    action TEXT NOT NULL,
    slo TEXT NOT NULL,
    event TEXT NOT NULL,
    at REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at REAL NOT NULL DEFAULT 0,
    ended_at REAL,
    answer TEXT
);
CREATE INDEX action_runs_owed ON action_runs (next_attempt_at, position) WHERE state = 'pending';
"""

MIGRATIONS: Final = (_FIRST, _ANNOTATIONS, _LEVELS, _MAINTENANCE, _ACTIONS)
"""Entry n brings a database from version n to n + 1. What has been released is never edited."""


def migrate(connection: "sqlite3.Connection", migrations: tuple[str, ...] = MIGRATIONS) -> None:
    """Bring a database to the present version, each step in one transaction.

    Args:
        connection: In autocommit mode.
        migrations: The steps; the version is how many of them have been taken.

    Raises:
        DamagedError: It is ours, and does not say so.
        StorageError: It is another program's, or of a later version than this program knows.
        sqlite3.Error: A step failed; the database is as it was before that step.
    """
    version, owner = _pragma(connection, "user_version"), _pragma(connection, "application_id")
    if owner not in {0, APPLICATION_ID} or (owner == 0 and _has_tables(connection)):
        if _has_tables(connection, *_OURS):
            raise DamagedError("it has tables of ours, and does not say that it is ours")
        raise StorageError("it is the database of another program")
    if version > len(migrations):
        raise StorageError(
            f"it is of version {version}, written by a later slokeeper; "
            f"this one knows versions up to {len(migrations)}"
        )
    for reached, script in enumerate(migrations[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in script.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {reached}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _pragma(connection: "sqlite3.Connection", name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _has_tables(connection: "sqlite3.Connection", *names: str) -> bool:
    """Whether it has all of these, or any at all if none is named."""
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    return found.issuperset(names) if names else bool(found)
