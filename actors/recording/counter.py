"""One counter of every series over the last 30 days."""

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.old_minutes import HOUR
from actors.recording.rings import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from actors.recording.old_minutes import Held

MOST_COLUMNS: Final = 4096
"""Of a page."""
_FIRST_COLUMNS: Final = 32
_TIMES_THOSE_BEFORE: Final = 7
_NONE: Final = -1
_TURN: Final = 11


class Counter:
    """Running totals in pages; a series has a column from its first count on, and none costs nothing.

    A page has room for several times the columns before it, so that there are few, and none ever moves.

    Args:
        number: Which of several it is: so that not all of them have their longer work in the same minute.
    """

    __slots__ = ("_columns", "_in_step", "_number", "_open", "_pages", "_rows")

    def __init__(self, number: int = 0) -> None:
        self._number = number
        self._pages: list[Page] = []
        self._columns = array("i")
        self._rows = array("i")
        self._open = np.zeros(0, np.int64)  # by column, what the running minute has added so far
        self._in_step = True  # whether each column belongs to the row of the same number

    @property
    def is_open(self) -> bool:
        """Whether the running minute has counted anything."""
        return bool(self._open.any())

    @property
    def nbytes(self) -> int:
        """Memory of it all."""
        pages = sum(page.nbytes for page in self._pages)
        return pages + self._open.nbytes + 4 * (len(self._columns) + len(self._rows))

    def add(self, row: int, count: int) -> None:
        """Count so many more of a series in the running minute."""
        if not count:
            return
        column = self._columns[row] if row < len(self._columns) else _NONE
        if column == _NONE:
            column = self._allot(row)
        self._open[column] += count

    def add_many(self, rows: "NDArray[np.int64]", counts: "NDArray[np.int64]") -> None:
        """Count in several rows, each given once, in the running minute."""
        (counting,) = counts.nonzero()
        if not len(counting):
            return
        columns = self._allotted(rows[counting])
        self._open[columns] += counts[counting]

    def close(self, after: int | None, until: int) -> None:
        """End every minute in [after, until); what was open belongs to the last of them."""
        used = self._open[: len(self._rows)]
        for page in self._pages:
            page.end(used[page.place], after, until, until)
        used[:] = 0

    def load(
        self,
        rows: "NDArray[np.int64]",
        counts: "NDArray[np.int64]",
        *,
        after: int | None,
        untils: "Sequence[int]",
        newest: int,
    ) -> None:
        """End every minute up to each of some ends; what rows counted belongs to the last before it.

        What is open stays so.

        Args:
            rows: Each once.
            counts: By row, and by end.
            after: What is closed already.
            untils: The ends, rising.
            newest: The last end that is going to be loaded.
        """
        counting = np.flatnonzero(counts.any(axis=1))
        if not (len(counting) or self._pages):
            return
        columns = self._allotted(rows[counting])
        added = np.zeros((len(untils), len(self._rows)), np.int64)
        added[:, columns] = counts[counting].T
        for ends in _by_hour(untils, after):
            for page in self._pages:
                page.end_each(added[ends, page.place], after, untils[ends], newest)
            after = untils[ends][-1]

    def added(self, closed: int, minutes: int, rows: int) -> "NDArray[np.int64]":
        """What the last so many closed minutes added to each of so many rows."""
        return self._by_row([page.added(closed, minutes) for page in self._pages], rows)

    def added_by(self, until: int, rows: int) -> "NDArray[np.int64]":
        """What one minute of the last six hours added to each of so many rows."""
        return self._by_row([page.added_by(until) for page in self._pages], rows)

    def running(self, rows: int) -> "NDArray[np.int64]":
        """What the running minute has added to each of so many rows so far."""
        return self._by_row([self._open[: len(self._rows)]], rows)

    def by_hour(self, closed: int, rows: "NDArray[np.int64]", hours: int) -> "NDArray[np.int64]":
        """What some rows together added in each of so many hours, the oldest first."""
        known = np.array(self._columns, np.int64)
        columns = known[rows[rows < len(known)]]
        added = np.zeros(hours, np.int64)
        for page in self._pages:
            first, end = page.place.start, page.place.stop
            here = columns[(columns >= first) & (columns < end)] - first
            if len(here):
                added += page.by_hour(closed, here, hours)
        return added

    def _by_row(self, by_page: "Sequence[Held]", rows: int) -> "NDArray[np.int64]":
        columns = sum(map(len, by_page))
        if self._in_step:
            return np.concatenate([*by_page, np.zeros(rows - columns, np.int64)], dtype=np.int64)
        by_row = np.zeros(rows, np.int64)
        by_row[np.array(self._rows[:columns], np.int32)] = np.concatenate(by_page)
        return by_row

    def _allotted(self, rows: "NDArray[np.int64]") -> "NDArray[np.int32]":
        """The columns of some rows, made where there is none."""
        missing = int(rows.max(initial=0)) + 1 - len(self._columns)
        self._columns.extend([_NONE] * missing)
        columns = np.array(self._columns, np.int32)[rows]
        for at in np.flatnonzero(columns == _NONE).tolist():
            columns[at] = self._allot(int(rows[at]))
        return columns

    def _allot(self, row: int) -> int:
        self._columns.extend([_NONE] * (row + 1 - len(self._columns)))
        column = len(self._rows)
        if column == len(self._open):
            self._add_page()
        self._rows.append(row)
        self._columns[row] = column
        self._in_step = self._in_step and column == row
        return column

    def _add_page(self) -> None:
        first = len(self._open)
        room = min(MOST_COLUMNS, _TIMES_THOSE_BEFORE * first) or _FIRST_COLUMNS
        self._pages.append(Page(slice(first, first + room), _TURN * len(self._pages) + self._number))
        self._open = np.concatenate([self._open, np.zeros(room, np.int64)])


def _by_hour(untils: "Sequence[int]", after: int | None) -> "Iterator[slice]":
    """Runs of ends that are at most an hour later than the one before the run, or a single one."""
    first = 0
    while first < len(untils):
        begin = untils[first] - 1 if after is None else after
        end = max(first + 1, bisect_right(untils, begin + HOUR))
        yield slice(first, end)
        after, first = untils[end - 1], end
