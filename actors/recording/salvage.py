"""What of the counts is whole: told at every start, and taken over from a database that is not."""

from typing import TYPE_CHECKING

from actors.recording.counted import series_in
from actors.recording.levels import newest_end, read_series
from actors.storage import DamagedError, Row, insert, rows_of, unseal

if TYPE_CHECKING:
    import sqlite3


def verify(connection: "sqlite3.Connection") -> None:
    """Look whether every count is what was written; the hours as a whole, since that is what windows are.

    Raises:
        DamagedError: One is not.
    """
    known = frozenset(read_series(connection))
    for table, is_whole in (("hours", _is_hour), ("minutes", _is_minute)):
        for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608  names of ours
            if not is_whole(row, known):
                raise DamagedError(f"{table}/{row[0]} counts series that have no name")
    for begin, until, cells in connection.execute("SELECT begin, until, cells FROM sketches"):
        unseal(cells, "sketches", begin, until)
    for minute, state in connection.execute("SELECT minute, state FROM evaluator"):
        unseal(state, "evaluator", minute)
    for minute, told in connection.execute("SELECT minute, told FROM tallies"):
        unseal(told, "tallies", minute)


def salvage(old: "sqlite3.Connection", new: "sqlite3.Connection") -> dict[str, int]:
    """Take over what is whole; the work of one transaction of the new database.

    Returns:
        How many rows by table.
    """
    salvaged = {"series": insert(new, "series", rows_of(old, "series", _is_series))}
    known = frozenset(read_series(new))
    salvaged["hours"] = insert(new, "hours", rows_of(old, "hours", lambda row: _is_hour(row, known)))
    salvaged["minutes"] = insert(new, "minutes", rows_of(old, "minutes", lambda row: _is_minute(row, known)))
    end = newest_end(new) or 0
    stretches = [row for row in rows_of(old, "sketches", _is_stretch) if row[1] <= end]
    salvaged["sketches"] = insert(new, "sketches", stretches)
    states = rows_of(old, "evaluator", lambda row: _is_sealed(row[2], "evaluator", row[1]))
    if states and states[0][1] == end - 1:
        salvaged["evaluator"] = insert(new, "evaluator", states)
        tallies = rows_of(old, "tallies", lambda row: _is_sealed(row[1], "tallies", row[0]))
        salvaged["tallies"] = insert(new, "tallies", tallies)
    return salvaged


def _is_series(row: Row) -> bool:
    serial, *names, checksum = row
    return _is_sealed(checksum, "series", serial, *names)


def _is_hour(row: Row, known: frozenset[int]) -> bool:
    hour, counts, minutes = row
    if minutes is not None:
        unseal(minutes, "hours", hour, "minutes")
    return known.issuperset(series_in(unseal(counts, "hours", hour)).tolist())


def _is_minute(row: Row, known: frozenset[int]) -> bool:
    minute, counts = row
    return known.issuperset(series_in(unseal(counts, "minutes", minute)).tolist())


def _is_stretch(row: Row) -> bool:
    return _is_sealed(row[2], "sketches", row[0], row[1])


def _is_sealed(sealed: bytes, *place: object) -> bool:
    unseal(sealed, *place)
    return True
