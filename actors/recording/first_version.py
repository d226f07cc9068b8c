"""A database of the first version, which held every minute of 30 days with its series by name, rewritten."""

from itertools import count
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.counted import Counted
from actors.recording.levels import (
    fold,
    forget,
    newest_end,
    write_minute,
    write_series,
    write_sketches,
)
from actors.recording.minutes import MinuteFormatError, decode_minute
from actors.recording.rows import Rows
from actors.recording.series import SeriesKey
from actors.recording.sketches import HOUR, Sketches
from actors.recording.sli_windows import ERRORS, OVERTIMED, PLAIN, REQUESTS, UNTIMED, WITHIN
from actors.storage import DamagedError

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

    from actors.recording.minutes import StoredMinute

_PAIR: Final = 2


def is_converted(connection: "sqlite3.Connection") -> bool:
    """Whether nothing of the first version is left."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'first_minutes'").fetchone()
    return found is None


def convert(connection: "sqlite3.Connection") -> int | None:
    """Rewrite the minutes of the first version as this one holds them; the work of one transaction.

    Returns:
        How many there were; None if that has been done.

    Raises:
        DamagedError: One cannot be read.
    """
    if is_converted(connection):
        return None
    rows, sketches, converted = Rows(count().__next__), Sketches(), 0
    for minute, stored in connection.execute("SELECT minute, counts FROM first_minutes ORDER BY minute"):
        try:
            decoded = decode_minute(stored)
        except MinuteFormatError as error:
            raise DamagedError(f"minute {minute}: {error}") from error
        serials = np.array(
            [rows.serial(rows.of(SeriesKey(one.model, one.version, one.labels))) for one in decoded.rows],
            np.int64,
        )
        write_minute(connection, minute, _counted(decoded, serials))
        sketches.add_cells(decoded.cells.moved(serials[decoded.cells.series()]))
        sketches.close(minute + 1)
        if minute % HOUR == 0:
            fold(connection, minute + 1)
        converted += 1
    held = sketches.stretches()
    write_series(connection, rows.since(0))
    write_sketches(connection, held, held[0].begin if held else 0)
    if (newest := newest_end(connection)) is not None:
        fold(connection, newest)
        forget(connection, newest)
    connection.execute("DROP TABLE first_minutes")
    return converted


def _counted(minute: "StoredMinute", serials: "NDArray[np.int64]") -> Counted:
    told = np.array([one.counts for one in minute.rows], np.int64).reshape(len(minute.rows), -1).T
    if not len(minute.rows):
        told = np.zeros((PLAIN + _PAIR * len(minute.thresholds), 0), np.int64)
    counts = [*told[:PLAIN]]
    succeeded = told[REQUESTS] - told[ERRORS]
    for within, timed in zip(told[PLAIN::_PAIR], told[PLAIN + 1 :: _PAIR], strict=True):
        each = {
            WITHIN: within,
            UNTIMED: np.maximum(0, succeeded - timed),
            OVERTIMED: np.maximum(0, timed - succeeded),
        }
        counts += [each[at] for at in sorted(each)]
    return Counted.of(tuple(minute.thresholds), serials, np.stack(counts))
