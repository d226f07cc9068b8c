"""What it costs to keep thirty days of ten thousand series: the write of a minute, the file, and the start.

    python -m benchmarks.storage [--json] [--series N]

Every series has succeeded and failed in every minute of the month, with another number each time. The minutes
are written as a node writes them, and folded into hours as they grow old; only the making of the traffic is
ours. How long predictions took is written in the last six hours.
"""

import gc
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording import Levels, SeriesKey, Tables, restored
from actors.recording.cells import BITS, Cells
from actors.recording.counted import Counted
from actors.recording.levels import write_series
from actors.storage import Database, seal
from benchmarks.measuring import Figure, show

if TYPE_CHECKING:
    import sqlite3


SERIES: Final = 10_000
MONTH: Final = 30 * 24 * 60
DETAILED: Final = 3 * 24 * 60
BEGIN: Final = 29_000_040
THRESHOLD: Final = 0.1
TICKS: Final = 15
_MS, _MB = 1e3, 1e-6


class Month:
    """A month of all series."""

    def __init__(self, series: int) -> None:
        self._dice = np.random.default_rng(1)
        self.series = series
        self.keys = {at: SeriesKey(f"model-{at % 100}", str(at // 100)) for at in range(series)}
        self._rates = self._dice.uniform(1, 200, series)

    def counts(self, minutes: int, each: int = 1) -> Counted:
        """Some stretches of so many minutes."""
        requests = self._dice.poisson(self._rates[:, None] * each, (self.series, minutes))
        errors = self._dice.binomial(requests, 0.001)
        within = self._dice.binomial(requests - errors, 0.99)
        none = np.zeros_like(requests)
        counts = np.stack([requests, errors, none, none, within, none, none])
        return Counted((THRESHOLD,), np.arange(self.series), counts)

    def write(self, connection: "sqlite3.Connection") -> None:
        """All but the last six hours, as they stand after they were folded."""
        connection.execute("BEGIN")
        write_series(connection, self.keys)
        for hour in range(BEGIN, BEGIN + MONTH - 360, 60):
            is_old = hour < BEGIN + MONTH - DETAILED - 60
            each = self.counts(1, 60) if is_old else self.counts(60)
            whole = seal(each.added_up().encode(), "hours", hour)
            minutes = None if is_old else seal(each.encode(), "hours", hour, "minutes")
            connection.execute("INSERT INTO hours VALUES (?, ?, ?)", (hour, whole, minutes))
        connection.execute("COMMIT")

    def live(self, tables: Tables, until: int) -> None:
        """One more minute of all series, with about forty different durations each."""
        counted = self.counts(1)
        rows = np.array([row for row, _ in tables.select({})], np.int64)
        tables._windows.load(rows, counted.counts, [until], until)  # noqa: SLF001  the calls would take all day
        tables._sketches.add_cells(self._cells())  # noqa: SLF001
        tables._sketches.close(until)  # noqa: SLF001

    def _cells(self) -> Cells:
        buckets = 1600 + self._dice.integers(0, 120, (self.series, 40))
        keys = (np.arange(self.series)[:, None] << BITS) + buckets
        return Cells.of(keys.ravel(), self._dice.integers(1, 5, keys.size))


def seconds_to_start(directory: Path) -> tuple[float, Tables]:
    """Open the database and fill the tables from it, as a node does."""
    gc.collect()
    began = perf_counter()
    database, tables = Database(directory), Tables([THRESHOLD])
    database.open()
    for _ in restored(database.connection, tables):
        pass
    took = perf_counter() - began
    database.close()
    return took, tables


def history(series: int) -> float:
    """Bytes that an hour takes, minute by minute, by series."""
    return len(Month(series).counts(60).encode()) / series


def figures(series: int) -> list[Figure]:
    """Measure."""
    month = Month(series)
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        database = Database(directory)
        database.open()
        month.write(database.connection)
        database.close()
        _, tables = seconds_to_start(directory)
        database.open()
        levels = Levels(tables)
        levels.restored()
        on_loop, in_thread, now = [], [], BEGIN + MONTH - 360
        for _ in range(360):
            now += 1
            month.live(tables, now)
            began = perf_counter()
            write = levels.write_of(now - 1)
            on_loop.append(perf_counter() - began)
            began = perf_counter()
            database.transact(write)
            in_thread.append(perf_counter() - began)
            levels.written(write)
        database.close()
        size = sum(one.stat().st_size for one in directory.iterdir())
        took = [seconds_to_start(directory)[0] for _ in range(5)]
        file = size * _MB
    month_of_minutes = {of: history(of) * of * MONTH / 60 * _MB for of in (100, series)}
    return [
        Figure("start with 30 days", median(took), "s"),
        Figure("write of a minute: on the loop, median", median(on_loop) * _MS, "ms"),
        Figure("write of a minute: on the loop, longest", max(on_loop) * _MS, "ms"),
        Figure("write of a minute: in the thread, median", median(in_thread) * _MS, "ms"),
        Figure("write of a minute: in the thread, longest, with a fold", max(in_thread) * _MS, "ms"),
        Figure("the file", file, "MB"),
        *(
            Figure(f"30 days minute by minute, {of:,} series", size, "MB")
            for of, size in month_of_minutes.items()
        ),
    ]


if __name__ == "__main__":
    series = int(sys.argv[sys.argv.index("--series") + 1]) if "--series" in sys.argv else SERIES
    show(f"Storage of {series:,} series", figures(series))
