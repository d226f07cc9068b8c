"""The file: made where it is wanted, refused where it cannot be, and left whole by whatever fails."""

import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from actors.storage import Database, StorageError
from actors.storage.database import FILE_NAME
from actors.storage.schema import APPLICATION_ID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: "Path") -> "Iterator[Database]":
    database = Database(tmp_path / "data")
    database.open()
    yield database
    database.close()


def minutes(connection: sqlite3.Connection) -> list[int]:
    return [minute for (minute,) in connection.execute("SELECT minute FROM minutes ORDER BY minute")]


def put(connection: sqlite3.Connection, minute: int) -> None:
    connection.execute("INSERT INTO minutes VALUES (?, x'00')", (minute,))


def test_what_was_written_is_there_when_it_is_opened_again(database: Database) -> None:
    database.transact(lambda connection: put(connection, 7))
    database.close()
    database.open()
    assert database.transact(minutes) == [7]


def test_writes_survive_a_power_cut(database: Database) -> None:
    """A write-ahead log that is synced at every commit: 2 is FULL."""
    pragmas = [
        database.connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    ]
    assert pragmas == ["wal", 2, 1]


def test_memory_needs_no_directory() -> None:
    database = Database(None)
    database.open()
    database.transact(lambda connection: put(connection, 1))
    assert database.transact(minutes) == [1]
    database.close()


def test_opening_twice_changes_nothing(database: Database) -> None:
    before = database.connection
    database.open()
    assert database.connection is before


def test_work_that_raises_leaves_nothing(database: Database) -> None:
    def work(connection: sqlite3.Connection) -> None:
        put(connection, 1)
        raise LookupError("a mistake of the caller")

    with pytest.raises(LookupError, match="a mistake of the caller"):
        database.transact(work)
    assert database.transact(minutes) == []


def test_refusal_of_sqlite_leaves_nothing_and_says_why(database: Database) -> None:
    def work(connection: sqlite3.Connection) -> None:
        put(connection, 1)
        put(connection, 1)

    with pytest.raises(
        StorageError, match=r"the database refused: UNIQUE constraint failed: minutes\.minute"
    ):
        database.transact(work)
    assert database.transact(minutes) == []


def test_full_disk_is_an_error_and_the_next_transaction_goes_on(database: Database) -> None:
    pages = database.connection.execute("PRAGMA page_count").fetchone()[0]
    database.connection.execute(f"PRAGMA max_page_count = {pages}")

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO minutes VALUES (1, zeroblob(1000000))")

    with pytest.raises(StorageError, match="full"):
        database.transact(work)
    database.transact(lambda connection: put(connection, 2))
    assert database.transact(minutes) == [2]


def test_closed_one_says_so() -> None:
    with pytest.raises(StorageError, match="not open"):
        Database(None).transact(minutes)


# --- what cannot be opened --------------------------------------------------------------------------------


def refusal(directory: "Path") -> str:
    database = Database(directory)
    with pytest.raises(StorageError) as caught:
        database.open()
    assert not database.is_open
    return str(caught.value)


def test_second_node_is_refused(database: Database, tmp_path: "Path") -> None:
    assert database.is_open
    assert refusal(tmp_path / "data") == (
        f"node.data_dir: cannot use '{tmp_path / 'data'}': "
        "another node uses it; stop that or choose another directory"
    )


def test_second_process_is_refused(database: Database, tmp_path: "Path") -> None:
    assert database.is_open
    program = (
        "import sys, pathlib; from actors.storage import Database; Database(pathlib.Path(sys.argv[1])).open()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "data"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "another node uses it" in done.stderr


def test_directory_is_free_again_once_it_is_closed(database: Database, tmp_path: "Path") -> None:
    database.close()
    other = Database(tmp_path / "data")
    other.open()
    other.close()


def test_others_may_read_while_the_node_runs(database: Database, tmp_path: "Path") -> None:
    database.transact(lambda connection: put(connection, 3))
    reader = sqlite3.connect(f"file:{tmp_path / 'data' / FILE_NAME}?mode=ro", uri=True)
    assert minutes(reader) == [3]
    reader.close()


def test_lock_that_somebody_else_holds_is_a_refusal_and_passes(
    database: Database, tmp_path: "Path", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.storage.database.BUSY_TIMEOUT", 0.0)
    database.close()
    database.open()
    holder = sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        database.transact(lambda connection: put(connection, 1))
    holder.execute("ROLLBACK")
    holder.close()
    database.transact(lambda connection: put(connection, 2))
    assert database.transact(minutes) == [2]


def test_directory_that_cannot_be_made_names_the_setting(tmp_path: "Path") -> None:
    (tmp_path / "file").write_text("in the way")
    assert refusal(tmp_path / "file" / "data") == (
        f"node.data_dir: cannot use '{tmp_path / 'file' / 'data'}': not a directory"
    )


def test_file_that_is_no_database_is_set_aside_as_it_is(tmp_path: "Path") -> None:
    (tmp_path / FILE_NAME).write_text("somebody's notes, long enough to be taken for a header " * 20)
    database = Database(tmp_path)
    database.open()
    assert database.set_aside is not None
    assert database.set_aside.path.read_text().startswith("somebody's notes")
    assert database.transact(minutes) == []
    database.close()


def test_database_of_another_program_is_left_alone(tmp_path: "Path") -> None:
    theirs = sqlite3.connect(tmp_path / FILE_NAME)
    theirs.execute("CREATE TABLE notes (text)")
    theirs.close()
    assert "it is the database of another program" in refusal(tmp_path)


def test_database_of_a_later_version_is_refused(database: Database, tmp_path: "Path") -> None:
    database.connection.execute("PRAGMA user_version = 99")
    database.close()
    assert "it is of version 99, written by a later slokeeper; this one knows versions up to" in refusal(
        tmp_path / "data"
    )


def test_file_tells_whose_it_is(database: Database) -> None:
    assert database.connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
