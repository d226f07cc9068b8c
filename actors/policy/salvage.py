"""What of the record of actions is whole: told at every start, and taken over from a database that is not."""

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from actors.policy.event import run_id
from actors.policy.ledger import decode_event, decode_labels
from actors.storage import DamagedError, Row, insert, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def verify(connection: "sqlite3.Connection") -> None:
    """Look whether every row can be read, and every id is that of its run.

    Raises:
        DamagedError: One is not what was written.
    """
    for table, is_whole in (("action_edges", _is_edge), ("action_runs", _is_run)):
        for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608  names of ours
            if not is_whole(row):
                raise DamagedError(f"a row of {table} is not what was written")


def salvage(old: "sqlite3.Connection", new: "sqlite3.Connection") -> dict[str, int]:
    """Take over what is whole; the work of one transaction of the new database.

    Returns:
        How many rows by table.
    """
    return {
        "action_edges": insert(new, "action_edges", list(_whole_edges(old))),
        "action_runs": insert(new, "action_runs", rows_of(old, "action_runs", _is_run)),
    }


def _whole_edges(connection: "sqlite3.Connection") -> "Iterator[Row]":
    """Those up to where the table breaks off: their keys are of three columns."""
    with suppress(sqlite3.Error):
        for row in connection.execute("SELECT * FROM action_edges"):
            if _is_edge(row):
                yield row


def _is_edge(row: Row) -> bool:
    _, _, labels, is_true, is_owed, ran_at = row
    try:
        decode_labels(labels)
    except (TypeError, ValueError):
        return False
    return {is_true, is_owed} <= {0, 1} and isinstance(ran_at, float | None)


def _is_run(row: Row) -> bool:
    _, identity, action, slo, event, *_ = row
    try:
        told = decode_event(event)
        return bool(told.slo == slo and run_id(action, slo, told.labels, told.at) == identity == told.id)
    except (AttributeError, TypeError, ValueError):
        return False
