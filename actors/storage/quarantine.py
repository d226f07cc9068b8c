"""A database file that is damaged: told from one that cannot be used, moved away, and read once more."""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from actors.storage.errors import DamagedError, StorageError
from supervisor.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Row: TypeAlias = tuple[Any, ...]

_MAGIC: Final = b"SQLite format 3\x00"
_HEADER: Final = 100
_VERSIONS: Final = slice(18, 20)
_BESIDE: Final = ("", "-wal", "-shm")
_NOT_DAMAGE: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_NOMEM,
}


@dataclass(frozen=True, slots=True)
class SetAside:
    """A damaged file that was moved out of the way.

    Attributes:
        path: Where it is now; what SQLite keeps beside it has the same name with its own ending.
        why: What was wrong.
        salvaged: How many rows of which table could be taken over.
    """

    path: "Path"
    why: str
    salvaged: dict[str, int]


def check_header(path: "Path") -> None:
    """Look at the first bytes, which SQLite partly takes for another way to be used.

    Raises:
        DamagedError: It is no database, or no whole one.
    """
    with suppress(FileNotFoundError), path.open("rb") as file:
        header = file.read(_HEADER)
        if not header:
            return
        if len(header) < _HEADER or not header.startswith(_MAGIC):
            raise DamagedError("it does not begin as a database does")
        if not set(header[_VERSIONS]) <= {1, 2}:
            raise DamagedError("its header names versions that there are not")


def check_pages(connection: sqlite3.Connection) -> None:
    """Have SQLite look whether every page has its place; what stands in the rows is not looked at.

    Raises:
        DamagedError: One has not.
    """
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise DamagedError(" ".join(str(found).split()))


def is_damage(error: Exception) -> bool:
    """Whether an error at the opening means that the file is not what was written."""
    if isinstance(error, sqlite3.Error):
        code: int | None = getattr(error, "sqlite_errorcode", None)
        return code is None or code & 0xFF not in _NOT_DAMAGE
    return isinstance(error, DamagedError) or not isinstance(error, StorageError | OSError)


def set_aside(path: "Path") -> "Path":
    """Move a database, and what is beside it, to a name that says when that was."""
    now = utc_now().strftime("%Y%m%dT%H%M%S.%fZ")
    target = path.with_name(f"{path.name}.damaged-{now}")
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(target.with_name(target.name + ending))
    return target


def rows_of(connection: sqlite3.Connection, table: str, is_whole: "Callable[[Row], bool]") -> list[Row]:
    """All rows of a damaged table that can be reached from either end, and that are what was written."""
    found: dict[object, Row] = {}
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1 {order}"):  # noqa: S608  names of ours
                if row[0] not in found and _is_whole(row, is_whole):
                    found[row[0]] = row
    return list(found.values())


def _is_whole(row: Row, is_whole: "Callable[[Row], bool]") -> bool:
    try:
        return is_whole(row)
    except Exception:  # noqa: BLE001  whatever stands there, it is not what was written
        return False


def insert(connection: sqlite3.Connection, table: str, rows: list[Row]) -> int:
    """Put whole rows into a table; those that do not fit in are left out."""
    count = 0
    for row in rows:
        with suppress(sqlite3.Error):
            places = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({places})", row)  # noqa: S608  names of ours
            count += 1
    return count
