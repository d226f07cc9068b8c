"""Which series has which row, and what becomes of those that retire."""

from array import array
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.rings import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from numpy.typing import NDArray

    from actors.recording.series import SeriesKey

_NOBODY: Final = -1

AGED_OUT: Final = LONGEST + 60
"""Minutes after which no window reaches what was counted before: the longest one may begin an hour early."""
STILL_SHOWN: Final = 5
"""Minutes for which the totals of a retired series are still shown: whoever reads them has the last ones."""


class Rows:
    """Rows of all series that any window can reach.

    A series that retires keeps its row until no window reaches it any more; then another one may get it. So
    a row says where counts are, and only its serial number, which is never given twice, whose they are.

    Args:
        add_row: Makes one more row, and tells its number.

    Attributes:
        version: Grows whenever a series comes or is forgotten.
    """

    __slots__ = (
        "_add_row",
        "_by_serial",
        "_free",
        "_leaving",
        "_next_serial",
        "_resting",
        "_rows",
        "_serials",
        "version",
    )

    def __init__(self, add_row: "Callable[[], int]") -> None:
        self.version = 0
        self._add_row = add_row
        self._rows: dict[SeriesKey, int] = {}
        self._serials = array("q")
        self._next_serial = 0
        self._by_serial: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        # Those that have retired, and since the end of which minute, the longest first.
        self._leaving: dict[SeriesKey, int | None] = {}
        self._resting: dict[SeriesKey, int] = {}
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> "Iterator[tuple[SeriesKey, int]]":
        return iter(self._rows.items())

    # --- coming and going ---------------------------------------------------------------------------------

    def of(self, key: "SeriesKey") -> int:
        """The row of a series that is being counted: it has one from now on, and is not retired any more."""
        self._leaving.pop(key, None)
        self._resting.pop(key, None)
        row = self._rows.get(key)
        return self._give(key) if row is None else row

    def adopt(self, stored: "Mapping[int, SeriesKey]") -> "dict[int, int]":
        """Give series of an earlier run the serial numbers that they had; before any minute is closed.

        Returns:
            The numbers that those had which are here already, and the ones they have now.
        """
        number = {key: serial for serial, key in stored.items()}
        self._next_serial = max(self._next_serial, max(stored, default=_NOBODY) + 1)
        moved = {}
        for key, row in self._rows.items():
            serial = number.pop(key, self._next_serial)
            self._next_serial = max(self._next_serial, serial + 1)
            moved[self._serials[row]], self._serials[row] = serial, serial
        for key, serial in number.items():
            self._put(key, serial)
        self._changed()
        return moved

    def drop(self, unused: "Container[int]") -> None:
        """Forget at once those of these serial numbers."""
        for key in [key for key, row in self._rows.items() if self._serials[row] in unused]:
            self._leaving.pop(key, None)
            self._resting.pop(key, None)
            self._free_row(key)

    def retire(self, key: "SeriesKey") -> None:
        """Note that a series is not expected to count any more; its counts stay where they are."""
        if key in self._rows and key not in self._resting:
            self._leaving.setdefault(key, None)

    def close(self, until: int) -> "list[SeriesKey]":
        """Age the retired ones, now that every minute before `until` has ended, and forget the oldest.

        Returns:
            Those whose totals are shown no longer.
        """
        gone: list[SeriesKey] = []
        for key, since in self._leaving.items():
            if since is None:
                self._leaving[key] = until
            elif since + STILL_SHOWN <= until:
                gone.append(key)
        for key in gone:
            self._resting[key] = self._leaving.pop(key) or until
        for key, since in list(self._resting.items()):
            if since + AGED_OUT > until:
                break
            self._forget(key)
        return gone

    def _give(self, key: "SeriesKey") -> int:
        row = self._put(key, self._next_serial)
        self._next_serial += 1
        self._changed()
        return row

    def _put(self, key: "SeriesKey", serial: int) -> int:
        row = self._free.pop() if self._free else self._add_row()
        if row == len(self._serials):
            self._serials.append(_NOBODY)
        self._serials[row] = serial
        self._rows[key] = row
        return row

    def _forget(self, key: "SeriesKey") -> None:
        del self._resting[key]
        self._free_row(key)

    def _free_row(self, key: "SeriesKey") -> None:
        row = self._rows.pop(key)
        self._serials[row] = _NOBODY
        self._free.append(row)
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        self._by_serial = None

    # --- asking -------------------------------------------------------------------------------------------

    def select(self, match: "Mapping[str, str]") -> "tuple[tuple[int, SeriesKey], ...]":
        """Row and key of each series whose labels have all of these values, also of retired ones."""
        wanted = match.items()
        return tuple((row, key) for key, row in self._rows.items() if wanted <= key.all_labels().items())

    def since(self, serial: int) -> "dict[int, SeriesKey]":
        """Those that came with this serial number or a later one, by it."""
        if self._next_serial <= serial:
            return {}
        numbered = ((self._serials[row], key) for key, row in self._rows.items())
        return {number: key for number, key in numbered if number >= serial}

    def every_serial(self) -> "NDArray[np.int64]":
        """By row; -1 where nobody has one."""
        return np.array(self._serials, np.int64)

    def row(self, key: "SeriesKey") -> int:
        """Of a series that has one."""
        return self._rows[key]

    def has_retired(self) -> "NDArray[np.bool_]":
        """By row, whether its series is not expected to count any more."""
        retired = np.zeros(len(self._serials), np.bool_)
        retired[[self._rows[key] for key in (*self._leaving, *self._resting)]] = True
        return retired

    def serial(self, row: int) -> int:
        """Of the series that has this row."""
        return self._serials[row]

    def serials(self, rows: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """Of the series that have these rows; -1 where nobody has one."""
        return np.array(self._serials, np.int64)[rows]

    def rows(self, serials: "NDArray[np.int64]") -> "tuple[NDArray[np.bool_], NDArray[np.int64]]":
        """Which of these serial numbers, rising, are there still, and the rows of those."""
        if self._by_serial is None:
            every = np.array(self._serials, np.int64)
            order = np.argsort(every)
            self._by_serial = every[order], order
        known, rows = self._by_serial
        is_there = np.isin(serials, known, assume_unique=True)
        return is_there, rows[np.searchsorted(known, serials[is_there])]
