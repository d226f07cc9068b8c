"""The database of a node: looked through when it is opened; what is whole of a damaged one is saved."""

from typing import TYPE_CHECKING

from actors.alerting import salvage as alerting
from actors.application.persistence import verify_baselines
from actors.policy import salvage as policy
from actors.recording import salvage as recording
from actors.storage import Database

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def node_database(directory: "Path | None") -> Database:
    """The database in a directory; None keeps it in memory."""
    return Database(directory, verify=_verify, salvage=_salvage)


def _verify(connection: "sqlite3.Connection") -> None:
    recording.verify(connection)
    verify_baselines(connection)
    alerting.verify(connection)
    policy.verify(connection)


def _salvage(old: "sqlite3.Connection", new: "sqlite3.Connection") -> dict[str, int]:
    return {**recording.salvage(old, new), **alerting.salvage(old, new), **policy.salvage(old, new)}
