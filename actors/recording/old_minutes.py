"""What each minute from six hours to three days ago added, packed by the hour.

An hour holds of each column the least that any of its minutes added, and what each added beyond it, in as few
bytes as that takes. So columns that count nothing, or always the same, take next to nothing, and busy ones a
byte or two a minute. A single minute is read without its hour: that is what moves the edge of a window on.
"""

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Held: TypeAlias = "NDArray[np.uint32] | NDArray[np.int64]"

HOUR: Final = 60
OLDEST: Final = 3 * 24 * HOUR
"""Length of the longest window that begins with any minute, minutes."""
LATEST: Final = 4 * HOUR
"""An hour is packed when it has been over for at most so many minutes."""

_HOURS: Final = OLDEST // HOUR + 2  # one for the part of an hour at either end
_EDGES: Final = 8
_NARROW: Final = (np.uint8, np.uint16)


class _Block:
    """What each minute added to some columns, each with a place for each minute."""

    __slots__ = ("_added", "_columns")

    def __init__(self, columns: "NDArray[np.intp]", added: "NDArray[Any]", dtype: type[Any]) -> None:
        width = added.shape[1]
        if 2 * len(columns) > width:
            # All of them, with zeros in the others, add up much faster than a selection.
            self._columns: slice | NDArray[np.uint16] = slice(width)
            self._added = added.astype(dtype)
            self._added[:, np.setdiff1d(np.arange(width), columns, assume_unique=True)] = 0
        else:
            self._columns = columns.astype(np.uint16)
            self._added = added[:, columns].astype(dtype)

    @property
    def nbytes(self) -> int:
        return self._added.nbytes + (0 if isinstance(self._columns, slice) else self._columns.nbytes)

    def add_to(self, totals: "Held", begin: int, end: int) -> None:
        is_one = end == begin + 1
        added = self._added[begin] if is_one else self._added[begin:end].sum(axis=0, dtype=totals.dtype)
        totals[self._columns] += added


class _Sparse:
    """What is not zero of what each minute added, with its column."""

    __slots__ = ("_added", "_columns", "_starts")

    def __init__(self, columns: "NDArray[np.intp]", added: "NDArray[Any]", dtype: type[Any]) -> None:
        minutes, at = added[:, columns].nonzero()
        self._columns = columns[at].astype(np.uint16)
        self._added = added[minutes, columns[at]].astype(dtype)
        self._starts = np.searchsorted(minutes, np.arange(HOUR + 1)).astype(np.uint32)

    @property
    def nbytes(self) -> int:
        return self._added.nbytes + self._columns.nbytes + self._starts.nbytes

    def add_to(self, totals: "Held", begin: int, end: int) -> None:
        them = slice(self._starts[begin], self._starts[end])
        np.add.at(totals, self._columns[them].astype(np.intp), self._added[them].astype(totals.dtype))


class PackedHour:
    """What each minute of an hour added to each column.

    Args:
        added: By minute, and by column.
    """

    __slots__ = ("_least", "_parts")

    def __init__(self, added: "Held") -> None:
        least = added.min(axis=0)
        beyond = added - least
        most, filled = beyond.max(axis=0), np.count_nonzero(beyond, axis=0)
        self._least = least if least.any() else None
        self._parts: list[_Block | _Sparse] = []
        for dtype in (*_NARROW, added.dtype.type):
            columns = np.flatnonzero((most > 0) & (most <= np.iinfo(dtype).max))
            if len(columns):
                # A place for each minute, or where that takes less a column's number with what is not zero.
                width, number = np.dtype(dtype).itemsize, np.dtype(np.uint16).itemsize
                is_dense = len(columns) * HOUR * width <= filled[columns].sum() * (width + number)
                self._parts.append((_Block if is_dense else _Sparse)(columns, beyond, dtype))
            most[columns] = 0

    @property
    def nbytes(self) -> int:
        """Memory of its numbers."""
        least = 0 if self._least is None else self._least.nbytes
        return least + sum(part.nbytes for part in self._parts)

    def add_to(self, totals: "Held", begin: int, end: int) -> None:
        """Add what its minutes in [begin, end), 0..60, added to columns of which there may be more by now."""
        if self._least is not None:
            totals[: len(self._least)] += self._least * self._least.dtype.type(end - begin)
        for part in self._parts:
            part.add_to(totals, begin, end)


class OldMinutes:
    """The hours of a page, and the totals at the edges of windows that are asked for again and again."""

    __slots__ = ("_edges", "_hours")

    def __init__(self) -> None:
        self._hours: list[PackedHour | None] = [None] * _HOURS
        self._edges: dict[int, tuple[int, Held]] = {}

    @property
    def nbytes(self) -> int:
        """Memory of all hours and edges."""
        hours = sum(hour.nbytes for hour in self._hours if hour is not None)
        return hours + sum(totals.nbytes for _, totals in self._edges.values())

    def put(self, hour: int, added: "Held | None") -> None:
        """Hold what each minute of an hour added, after the hour before it.

        Args:
            hour: Whole hours since 1970.
            added: By minute, and by column; None for nothing.
        """
        self._hours[hour % _HOURS] = None if added is None or not added.any() else PackedHour(added)

    def forget_edges(self) -> None:
        """Forget what was asked: totals have more bits now."""
        self._edges.clear()

    def totals_at(self, edge: int, minutes: int, by_hour: "Held") -> "Held":
        """The totals at the end of a minute.

        Args:
            edge: The instant, minutes since 1970.
            minutes: Length of the window that begins there. The next one of that length is cheap.
            by_hour: The totals at the last full hour at or before the edge.

        Returns:
            Not to be written to.
        """
        hour = edge // HOUR
        at, totals = self._edges.pop(minutes, (-1, by_hour))
        if not hour * HOUR <= at <= edge:
            at, totals = hour * HOUR, by_hour.copy()
        packed = self._hours[hour % _HOURS]
        if packed is not None and at < edge:
            packed.add_to(totals, at % HOUR, edge % HOUR)
        if len(self._edges) == _EDGES:
            del self._edges[next(iter(self._edges))]
        self._edges[minutes] = edge, totals
        return totals
