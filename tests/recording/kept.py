"""Tables written into a database in memory, and others that go on from there."""

import sqlite3
from typing import TYPE_CHECKING

from actors.recording import Levels, Tables, restored
from actors.storage.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actors.recording import TickWrite


class Memory(sqlite3.Connection):
    """A database that is closed when nobody holds it any more; since Python 3.13 others are warned of."""

    def __del__(self) -> None:
        self.close()


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=Memory)
    migrate(connection)
    return connection


class Keeper:
    """Writes minutes of tables as a node does."""

    def __init__(self, tables: Tables, connection: sqlite3.Connection | None = None) -> None:
        self.connection = database() if connection is None else connection
        self.levels = Levels(tables)

    def write(self, minute: int) -> "TickWrite":
        write = self.levels.write_of(minute)
        write(self.connection)
        self.levels.written(write)
        return write

    def restart(self, thresholds: "Sequence[float]" = (0.1,), *, sketch_bytes: int | None = None) -> "Keeper":
        """A new process that has found this database."""
        tables = Tables(thresholds) if sketch_bytes is None else Tables(thresholds, sketch_bytes=sketch_bytes)
        return self.restart_into(tables)

    def restart_into(self, tables: Tables) -> "Keeper":
        for _ in restored(self.connection, tables):
            pass
        after = Keeper(tables, self.connection)
        after.levels.restored()
        return after

    @property
    def tables(self) -> Tables:
        return self.levels.tables
