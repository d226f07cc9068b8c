"""How the counts of 30 days stand in the database: each minute as a row, each hour as one once it is older.

    series      a name for each serial number
    minutes     what each minute counted, until the whole hour is more than six hours old
    hours       what each hour counted, and as long as there is room what each of its minutes did
    sketches    how long predictions took, by the stretches of time that `Sketches` holds

Every blob has a checksum. Functions that are given a connection are the work of one transaction, or a part of
it, and may be repeated.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.counted import Counted, CountedFormatError
from actors.recording.packed import PackedCells
from actors.recording.rings import FINEST, LONGEST
from actors.recording.series import SeriesKey
from actors.recording.sketches import HOUR
from actors.recording.stretches import Stretch
from actors.storage import DamagedError, seal, unseal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from actors.recording.tables import Tables

MINUTES_KEPT: Final = 3 * 1440 + HOUR
"""For so long at least hours are known minute by minute: windows up to three days begin with any minute."""
MOST_HISTORY: Final = 256 * 1024 * 1024
"""Bytes of older hours known minute by minute; beyond, the oldest are known as a whole only."""


@dataclass(frozen=True, slots=True)
class TickWrite:
    """The work of one transaction: a closed minute, and what else has changed with it.

    Attributes:
        minute: Which, whole minutes since 1970.
        counted: What it added.
        series: Those that were not written yet, by serial number.
        sketches: Stretches that were not written yet; each replaces what lies within it.
        oldest: The first minute that any stretch still holds.
        alive: Serial numbers of all series that any window reaches.
    """

    minute: int
    counted: Counted
    series: "Mapping[int, SeriesKey]"
    sketches: "Sequence[Stretch]"
    oldest: int
    alive: "NDArray[np.int64]"

    def __call__(self, connection: "sqlite3.Connection") -> None:
        """Write it, have hours that are old enough become one row, and forget what no window reaches."""
        write_series(connection, self.series)
        write_minute(connection, self.minute, self.counted)
        write_sketches(connection, self.sketches, self.oldest)
        if fold(connection, self.minute + 1):
            forget(connection, self.minute + 1)
            forget_series(connection, self.alive)


class Levels:
    """Knows what of the tables has been written.

    Args:
        tables: What is written, a minute at a time.

    Attributes:
        tables: As given.
    """

    def __init__(self, tables: "Tables") -> None:
        self.tables = tables
        self._next_serial = 0
        self._stretches: frozenset[Stretch] = frozenset()
        self._upto = 0

    def write_of(self, minute: int) -> TickWrite:
        """What is to be written of a closed minute, and of those before it that could not be.

        Raises:
            LookupError: It is not closed yet, or more than six hours old.
        """
        held = self.tables.dump_sketches()
        new = [one for one in held if self._is_new(one) and one.end <= minute + 1]
        return TickWrite(
            minute=minute,
            counted=self.tables.dump_minute(minute),
            series=self.tables.series_since(self._next_serial),
            sketches=new,
            oldest=held[0].begin if held else minute,
            alive=self.tables.every_serial(),
        )

    def written(self, write: TickWrite) -> None:
        """Note that this came through."""
        held = self._stretches.intersection(self.tables.dump_sketches())
        self._stretches = held.union(write.sketches)
        self._upto = max([self._upto, *(one.end for one in write.sketches)])
        self._next_serial = max([self._next_serial, *(serial + 1 for serial in write.series)])

    def restored(self) -> None:
        """Note that all the tables hold was read from the database."""
        self._stretches = frozenset(self.tables.dump_sketches())
        self._upto = max((one.end for one in self._stretches), default=0)

    def _is_new(self, stretch: Stretch) -> bool:
        if isinstance(stretch.held, PackedCells):
            return stretch not in self._stretches
        # The hour that is being filled is written when it is full; its minutes have been before.
        return stretch.end > self._upto


# --- writing ----------------------------------------------------------------------------------------------


def write_series(connection: "sqlite3.Connection", series: "Mapping[int, SeriesKey]") -> None:
    """Write names of serial numbers."""
    connection.executemany(
        "INSERT OR REPLACE INTO series (id, model, version, labels, checksum) VALUES (?, ?, ?, ?, ?)",
        [(serial, *_names(key), seal(b"", "series", serial, *_names(key))) for serial, key in series.items()],
    )


def write_minute(connection: "sqlite3.Connection", minute: int, counted: Counted) -> None:
    """Write what a minute counted."""
    connection.execute(
        "INSERT OR REPLACE INTO minutes (minute, counts) VALUES (?, ?)",
        (minute, seal(counted.encode(), "minutes", minute)),
    )


def write_sketches(connection: "sqlite3.Connection", stretches: "Sequence[Stretch]", oldest: int) -> None:
    """Write stretches, each in the place of what lies within it, and forget what ended before `oldest`."""
    for one in stretches:
        held = one.packed().held
        assert isinstance(held, PackedCells)
        connection.execute("DELETE FROM sketches WHERE begin >= ? AND until <= ?", (one.begin, one.end))
        connection.execute(
            "INSERT INTO sketches (begin, until, cells) VALUES (?, ?, ?)",
            (one.begin, one.end, seal(held.encode(), "sketches", one.begin, one.end)),
        )
    connection.execute("DELETE FROM sketches WHERE until <= ?", (oldest,))


def fold(connection: "sqlite3.Connection", closed: int) -> bool:
    """Have the minutes of each hour that ended more than six hours before `closed` become one row."""
    is_any = False
    while (first := connection.execute("SELECT min(minute) FROM minutes").fetchone()[0]) is not None:
        hour = first // HOUR * HOUR
        if hour + HOUR > closed - FINEST:
            break
        minutes = {at: counted for at, _, counted in _minutes(connection, hour, hour + HOUR)}
        each = Counted.one_after_the_other([minutes.get(at) for at in range(hour, hour + HOUR)])
        connection.execute(
            "INSERT OR REPLACE INTO hours (hour, counts, minutes) VALUES (?, ?, ?)",
            (
                hour,
                seal(each.added_up().encode(), "hours", hour),
                seal(each.encode(), "hours", hour, "minutes"),
            ),
        )
        connection.execute("DELETE FROM minutes WHERE minute < ?", (hour + HOUR,))
        is_any = True
    return is_any


def forget(connection: "sqlite3.Connection", closed: int, most_history: int = MOST_HISTORY) -> None:
    """Forget hours that no window reaches, and the minutes of older ones for which there is no room."""
    connection.execute("DELETE FROM hours WHERE hour < ?", ((closed - LONGEST) // HOUR * HOUR,))
    sizes = connection.execute(
        "SELECT hour, length(minutes) FROM hours WHERE hour < ? AND minutes IS NOT NULL ORDER BY hour DESC",
        (closed - MINUTES_KEPT,),
    ).fetchall()
    room = most_history
    for hour, size in sizes:
        room -= size
        if room < 0:
            connection.execute("UPDATE hours SET minutes = NULL WHERE hour <= ?", (hour,))
            return


def forget_series(connection: "sqlite3.Connection", alive: "NDArray[np.int64]") -> None:
    """Forget the names of all others, but for the newest: its number says which have been given."""
    stored = [serial for (serial,) in connection.execute("SELECT id FROM series ORDER BY id")]
    gone = set(stored[:-1]) - set(alive.tolist())
    connection.executemany("DELETE FROM series WHERE id = ?", [(serial,) for serial in gone])


# --- reading ----------------------------------------------------------------------------------------------


def newest_end(connection: "sqlite3.Connection") -> int | None:
    """The end of the newest minute that is stored; None if none is."""
    (minute,) = connection.execute("SELECT max(minute) FROM minutes").fetchone()
    (hour,) = connection.execute("SELECT max(hour) FROM hours").fetchone()
    ends = [end for end in (minute and minute + 1, hour and hour + HOUR) if end is not None]
    return max(ends, default=None)


def read_series(connection: "sqlite3.Connection") -> dict[int, SeriesKey]:
    """Every name by serial number.

    Raises:
        DamagedError: One is not what was written.
    """
    found = {}
    for serial, *names, checksum in connection.execute(
        "SELECT id, model, version, labels, checksum FROM series ORDER BY id"
    ):
        unseal(checksum, "series", serial, *names)
        model, version, labels = names
        found[serial] = SeriesKey(model, version, tuple((name, value) for name, value in json.loads(labels)))
    return found


def read_sketches(connection: "sqlite3.Connection") -> list[Stretch]:
    """Every stretch, the oldest first.

    Raises:
        DamagedError: One is not what was written.
    """
    rows = connection.execute("SELECT begin, until, cells FROM sketches ORDER BY begin")
    return [
        Stretch(begin, until, PackedCells.decode(unseal(cells, "sketches", begin, until)))
        for begin, until, cells in rows
    ]


def read_counts(
    connection: "sqlite3.Connection", since: int | None = None
) -> "Iterator[tuple[int, int, Counted]]":
    """What was counted, the oldest first: first minute, number of minutes, and counts of all or of each.

    Args:
        connection: Where.
        since: Hours that begin before this minute are read as a whole; None reads each minute wherever it is
            stored.

    Raises:
        DamagedError: One is not what was written.
    """
    by_minute_from = -1 if since is None else since
    for hour, counts, minutes in connection.execute(
        "SELECT hour, counts, CASE WHEN hour >= ? THEN minutes END FROM hours ORDER BY hour",
        (by_minute_from,),
    ):
        if minutes is None:
            yield hour, HOUR, _decoded(counts, "hours", hour)
        else:
            yield hour, HOUR, _decoded(minutes, "hours", hour, "minutes")
    yield from _minutes(connection, 0, np.iinfo(np.int64).max)


def _minutes(connection: "sqlite3.Connection", begin: int, end: int) -> "Iterator[tuple[int, int, Counted]]":
    rows = connection.execute(
        "SELECT minute, counts FROM minutes WHERE minute >= ? AND minute < ? ORDER BY minute",
        (begin, int(end)),
    )
    for minute, counts in rows:
        yield minute, 1, _decoded(counts, "minutes", minute)


def _decoded(sealed: bytes, *place: object) -> Counted:
    try:
        return Counted.decode(unseal(sealed, *place))
    except CountedFormatError as error:
        raise DamagedError(f"what stands at {place}: {error}") from error


def _names(key: SeriesKey) -> tuple[str, str, str]:
    return key.model, key.version, json.dumps(key.labels, ensure_ascii=True)
