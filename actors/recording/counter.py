"""One counter of every series over the last 30 days."""

from array import array
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.rings import PAGE, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from actors.recording.old_minutes import Held

_NONE: Final = -1
_TURN: Final = 11


class Counter:
    """Running totals in pages; a series has a column from its first count on, and none costs nothing.

    Args:
        number: Which of several it is: so that not all of them have their longer work in the same minute.
    """

    __slots__ = ("_columns", "_in_step", "_number", "_pages", "_rows")

    def __init__(self, number: int = 0) -> None:
        self._number = number
        self._pages: list[Page] = []
        self._columns = array("i")
        self._rows = array("i")
        self._in_step = True  # whether each column belongs to the row of the same number

    @property
    def is_open(self) -> bool:
        """Whether the running minute has counted anything."""
        return any(page.open.any() for page in self._pages)

    @property
    def nbytes(self) -> int:
        """Memory of it all."""
        return sum(page.nbytes for page in self._pages) + 4 * (len(self._columns) + len(self._rows))

    def add(self, row: int, count: int) -> None:
        """Count so many more of a series in the running minute."""
        if not count:
            return
        column = self._columns[row] if row < len(self._columns) else _NONE
        if column == _NONE:
            column = self._allot(row)
        self._pages[column // PAGE].open[column % PAGE] += count

    def add_many(self, rows: "NDArray[np.int64]", counts: "NDArray[np.int64]") -> None:
        """Count in several rows, each given once, in the running minute."""
        (counting,) = counts.nonzero()
        if not len(counting):
            return
        rows, counts = rows[counting], counts[counting]
        columns = self._allotted(rows)
        for number in np.unique(columns // PAGE).tolist():
            is_here = columns // PAGE == number
            self._pages[number].open[columns[is_here] % PAGE] += counts[is_here]

    def close(self, after: int | None, until: int) -> None:
        """End every minute in [after, until)."""
        for page in self._pages:
            page.close(after, until)

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
        for number, page in enumerate(self._pages):
            begin, pages = after, added[:, number * PAGE : (number + 1) * PAGE]
            for until, now in zip(untils, pages, strict=True):
                page.load(now, begin, until, newest)
                begin = until

    def added(self, closed: int, minutes: int, rows: int) -> "NDArray[np.int64]":
        """What the last so many closed minutes added to each of so many rows."""
        return self._by_row(lambda page: page.added(closed, minutes), rows)

    def added_by(self, until: int, rows: int) -> "NDArray[np.int64]":
        """What one minute of the last six hours added to each of so many rows."""
        return self._by_row(lambda page: page.added_by(until), rows)

    def running(self, rows: int) -> "NDArray[np.int64]":
        """What the running minute has added to each of so many rows so far."""
        return self._by_row(lambda page: page.open[: page.columns], rows)

    def by_hour(self, closed: int, rows: "NDArray[np.int64]", hours: int) -> "NDArray[np.int64]":
        """What some rows together added in each of so many hours, the oldest first."""
        known = np.array(self._columns, np.int64)
        columns = known[rows[rows < len(known)]]
        added = np.zeros(hours, np.int64)
        for number, page in enumerate(self._pages):
            here = columns[(columns != _NONE) & (columns // PAGE == number)] % PAGE
            if len(here):
                added += page.by_hour(closed, here, hours)
        return added

    def _by_row(self, of: "Callable[[Page], Held]", rows: int) -> "NDArray[np.int64]":
        by_row = np.zeros(rows, np.int64)
        for where, page in self._places():
            by_row[where] = of(page)
        return by_row

    def _places(self) -> "Iterator[tuple[slice | NDArray[np.int32], Page]]":
        rows = None if self._in_step else np.array(self._rows, np.int32)
        for number, page in enumerate(self._pages):
            columns = slice(number * PAGE, number * PAGE + page.columns)
            yield columns if rows is None else rows[columns], page

    def _allotted(self, rows: "NDArray[np.int64]") -> "NDArray[np.int32]":
        """The columns of some rows, made where there is none."""
        missing = int(rows.max(initial=0)) + 1 - len(self._columns)
        self._columns.extend([_NONE] * missing)
        columns = np.array(self._columns, np.int32)[rows]
        for at in np.flatnonzero(columns == _NONE).tolist():
            columns[at] = self._allot(int(rows[at]))
        return columns

    def _allot(self, row: int) -> int:
        if len(self._rows) % PAGE == 0:
            self._pages.append(Page(_TURN * len(self._pages) + self._number))
        self._columns.extend([_NONE] * (row + 1 - len(self._columns)))
        column = len(self._rows)
        self._pages[-1].add_column()
        self._rows.append(row)
        self._columns[row] = column
        self._in_step = self._in_step and column == row
        return column
