"""A node's own database as traffic: what it counted, minute by minute. The node may be running."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.levels import read_counts, read_series
from actors.recording.sli_windows import ERRORS, REQUESTS
from actors.replay.errors import SourceError
from actors.replay.traffic import PLAIN, MinuteCounts
from actors.storage import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from actors.recording import SeriesKey
    from actors.recording.counted import Counted
    from supervisor.clock import Seconds

FILE_NAME: Final = "slokeeper.db"
_HEADER: Final = b"SQLite format 3\x00"


def database_at(source: str) -> Path | None:
    """The database that a source names: the file, or the folder where it is; None if it names none."""
    path = Path(source)
    if path.is_dir():
        return path / FILE_NAME
    try:
        with path.open("rb") as file:
            return path if file.read(len(_HEADER)) == _HEADER else None
    except OSError:
        return None


class DatabaseTraffic:
    """The minutes of a node's database; read anew each time, and never written.

    Hours for whose minutes there was no room any more count in their last minute.

    Args:
        path: Of the file.
        thresholds: Of the objectives, seconds; one that the node did not count is unmeasured.
        since: First minute that counts.
        until: First minute that counts no more.

    Attributes:
        unknown: Thresholds that the node has not counted against, as far as has been read.
        whole_hours: How many hours were there as a whole only, likewise.

    Raises:
        SourceError: It is no database of ours.
    """

    def __init__(self, path: Path, thresholds: "Sequence[Seconds]", *, since: float, until: float) -> None:
        self.thresholds = tuple(thresholds)
        self.unknown: set[Seconds] = set()
        self.whole_hours = 0
        self._path, self._since, self._until = path, since, until
        with closing(self._opened()) as connection:
            try:
                self._series = read_series(connection)
            except (sqlite3.Error, DamagedError) as error:
                raise self._refused(error) from None
        self._shared: tuple[bytes, list[SeriesKey]] = (b"", [])
        self._span: tuple[int, int] | None = None

    def keys(self) -> "Iterable[SeriesKey]":
        """Every series."""
        return self._series.values()

    def span(self) -> "tuple[int, int] | None":
        """First and last minute."""
        if self._span is None:
            found = [minute for minute, _, _ in self._each()]
            self._span = (min(found), max(found)) if found else None
        return self._span

    def minutes(self) -> Iterator[MinuteCounts]:
        """Its minutes, rising."""
        for minute, series, counts in self._each():
            told = series.tobytes()
            if told != self._shared[0]:
                self._shared = told, [self._series[serial] for serial in series.tolist()]
            yield MinuteCounts(minute, self._shared[1], counts)

    def _each(self) -> "Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]":
        self.whole_hours = 0
        with closing(self._opened()) as connection:
            try:
                for first, length, counted in read_counts(connection):
                    stretches = counted.counts.shape[2]
                    self.whole_hours += stretches < length
                    counts = self._counts(counted)
                    for at in np.flatnonzero(counts.any(axis=(0, 1))).tolist():
                        minute = first + (at if stretches == length else length - 1)
                        if self._since <= minute < self._until:
                            yield minute, counted.series, counts[:, :, at]
            except (sqlite3.Error, DamagedError) as error:
                raise self._refused(error) from None

    def _counts(self, counted: "Counted") -> "NDArray[np.int64]":
        """By counter as `MinuteCounts` has them, by series, and by stretch."""
        rows = [counted.counts[REQUESTS], counted.counts[ERRORS]]
        for threshold in self.thresholds:
            if threshold not in counted.thresholds:
                self.unknown.add(threshold)
            rows += counted.events(threshold)
        found: NDArray[np.int64] = np.stack(rows)
        assert len(found) == PLAIN + 2 * len(self.thresholds)
        return found

    def _opened(self) -> sqlite3.Connection:
        try:
            return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)
        except sqlite3.Error as error:
            raise self._refused(error) from None

    def _refused(self, error: Exception) -> SourceError:
        return SourceError(f"{self._path} must be the database of a slokeeper node of this version: {error}")
