"""One SQLite database, and the one thread that uses it."""

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from actors.storage.errors import StorageError
from actors.storage.own_thread import OwnThread
from actors.storage.quarantine import SetAside, check_header, check_pages, is_damage, set_aside
from actors.storage.schema import migrate
from supervisor import telemetry

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from supervisor.clock import Seconds

T = TypeVar("T")

log = structlog.get_logger(__name__)

FILE_NAME: Final = "slokeeper.db"
LOCK_NAME: Final = "slokeeper.lock"
MOST_LOG: Final = 64 * 1024 * 1024
"""Bytes that the write-ahead log keeps on the disk once it has been written back."""
BUSY_TIMEOUT: "Final[Seconds]" = 2.0
"""How long somebody else's lock, a backup's for instance, is waited for."""

_INHERITED: Final[list[sqlite3.Connection]] = []


class Database:
    """The node's database; made by the application and handed to every incarnation of the storage actor.

    Everything in it happens in one thread, one transaction after the other: one that an incarnation left
    behind is over before the next incarnation's begins.

    A file that is damaged is set aside at the opening, loudly, and an empty one takes its place.

    Args:
        directory: Where its files are; made if it does not exist. None keeps everything in memory.
        verify: Looks whether what stands in the rows is what was written, at the opening; raises
            `DamagedError`, or anything else, if not. None takes the rows as they are.
        salvage: Copies what is whole from a damaged database to a new one, in a transaction; returns how many
            rows by table. None begins empty.

    Attributes:
        set_aside: The damaged file that the newest opening has met; None if there was none.

    Emits:
        ("storage", "database", "set_aside"): measurement `count`; metadata `path`, `why`, `salvaged`.
    """

    def __init__(
        self,
        directory: "Path | None",
        *,
        verify: "Callable[[sqlite3.Connection], None] | None" = None,
        salvage: "Callable[[sqlite3.Connection, sqlite3.Connection], dict[str, int]] | None" = None,
    ) -> None:
        self.set_aside: SetAside | None = None
        self._directory = directory
        self._verify, self._salvage = verify, salvage
        self._connection: sqlite3.Connection | None = None
        self._lock: sqlite3.Connection | None = None
        self._executor: OwnThread | None = None

    def __repr__(self) -> str:
        return f"<Database {'in memory' if self._directory is None else repr(str(self._directory))}>"

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return self._connection is not None

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for whoever is alone with it: before the storage actor runs, or after.

        Raises:
            StorageError: The database is not open.
        """
        if self._connection is None:
            raise StorageError("the database is not open")
        return self._connection

    @property
    def executor(self) -> "Executor":
        """The thread that `transact` belongs in.

        Raises:
            StorageError: The database is not open.
        """
        if self._executor is None:
            raise StorageError("the database is not open")
        return self._executor

    def open(self) -> None:
        """Open it, make what is missing, and keep every other node out; does nothing if it is open.

        Raises:
            StorageError: The directory cannot be written to, another node uses it, or the file in it is
                another program's or a later version's; the message names the setting.
        """
        if self._connection is not None:
            return
        self.set_aside = None
        try:
            self._open()
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise StorageError(
                f"node.data_dir: cannot use {str(self._directory)!r}: {_why(error)}"
            ) from error
        self._executor = OwnThread("slokeeper-storage")

    def _open(self) -> None:
        if self._directory is None:
            self._connect(":memory:")
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(self._directory / LOCK_NAME)
        path = self._directory / FILE_NAME
        try:
            check_header(path)
            self._check(self._connect(path))
        except Exception as error:
            if not is_damage(error):
                raise
            self._begin_anew(path, str(error))

    def _connect(self, place: "Path | str") -> sqlite3.Connection:
        # It is opened here and used in the executor's thread: never in two at once.
        connection = self._connection = sqlite3.connect(
            place, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        # What was decided must survive a power cut, so the write-ahead log is synced at every commit.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # A reader that stayed long lets the log grow; it need not stay that large.
        connection.execute(f"PRAGMA journal_size_limit = {MOST_LOG}")
        migrate(connection)
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        check_pages(connection)
        if self._verify is not None:
            self._verify(connection)

    def _begin_anew(self, path: "Path", why: str) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        target = set_aside(path)
        self._connect(path)
        salvaged = self._salvaged(target)
        self.set_aside = SetAside(target, why, salvaged)
        log.error("database is damaged and was set aside", path=str(target), why=why, salvaged=salvaged)
        telemetry.execute(
            ("storage", "database", "set_aside"),
            {"count": 1},
            {"path": str(target), "why": why, "salvaged": salvaged},
        )

    def _salvaged(self, damaged: "Path") -> dict[str, int]:
        if self._salvage is None:
            return {}
        salvage = self._salvage
        old = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            return self.transact(lambda new: salvage(old, new))
        except Exception as error:  # noqa: BLE001  an empty one is better than none
            log.error("nothing could be salvaged", path=str(damaged), why=str(error))  # noqa: TRY400
            return {}
        finally:
            old.close()

    def close(self) -> None:
        """Finish what is under way and close it; it can be opened again. One in memory is gone."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None
        for connection in (self._connection, self._lock):
            if connection is not None:
                connection.close()
        self._connection = self._lock = None

    def abandon(self) -> None:
        """In a forked child: leave the parent's connections alone; it can be opened anew then.

        Source:
            SQLite's "How To Corrupt", 2.6: a child must neither use nor close what it has inherited. So they
            stay referred to, for Python closes what nobody refers to.
        """
        _INHERITED.extend(one for one in (self._connection, self._lock) if one is not None)
        self._connection = self._lock = self._executor = None

    def transact(self, work: "Callable[[sqlite3.Connection], T]") -> T:
        """Run `work` in one transaction; whatever it raises leaves the database as it was.

        Raises:
            StorageError: SQLite refused: the disk is full, somebody else holds a lock, a statement is wrong.
        """
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                with suppress(sqlite3.Error):  # a full disk may have rolled it back already
                    connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise StorageError(f"the database refused: {_why(error)}") from error
            raise
        return result


def _locked(path: "Path") -> sqlite3.Connection:
    """A lock that ends with the process, however that ends, and that a forked child does not share.

    The database itself stays readable for others, as long as the node runs.
    """
    lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        lock.close()
        if _code(error) == sqlite3.SQLITE_BUSY:
            raise StorageError("another node uses it; stop that or choose another directory") from None
        raise
    return lock


def _why(error: Exception) -> str:
    match error:
        case StorageError():
            return str(error)
        case OSError():
            return (error.strerror or type(error).__name__).lower()
        case sqlite3.Error() if _code(error) in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            return f"{FILE_NAME} is damaged or not a database; move it away to start anew"
        case _:
            return str(error)


def _code(error: sqlite3.Error) -> int | None:
    """SQLite's own number; an error of the module around it has none."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code
