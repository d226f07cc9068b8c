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


class PackedHour:
    """What each minute of an hour added to each column.

    Args:
        added: By minute, and by column.
    """

    __slots__ = ("_beyond", "_least")

    def __init__(self, added: "Held") -> None:
        least = added.min(axis=0)
        beyond = added - least
        most = beyond.max(axis=0)
        self._least = least if least.any() else None
        self._beyond: list[tuple[slice | NDArray[np.uint16], NDArray[Any]]] = []
        for dtype in (*_NARROW, added.dtype.type):
            fits = (most > 0) & (most <= np.iinfo(dtype).max)
            if 2 * np.count_nonzero(fits) > len(fits):
                # All of them, with nothing in those that do not fit, add up much faster than a selection.
                self._beyond.append((slice(len(fits)), (beyond * fits).astype(dtype)))
            elif fits.any():
                columns = np.flatnonzero(fits).astype(np.uint16)
                self._beyond.append((columns, beyond[:, columns].astype(dtype)))
            most[fits] = 0

    @property
    def nbytes(self) -> int:
        """Memory of its numbers."""
        least = 0 if self._least is None else self._least.nbytes
        columns = sum(0 if isinstance(where, slice) else where.nbytes for where, _ in self._beyond)
        return least + columns + sum(beyond.nbytes for _, beyond in self._beyond)

    def add_to(self, totals: "Held", begin: int, end: int) -> None:
        """Add what its minutes in [begin, end), 0..60, added to columns of which there may be more by now."""
        if self._least is not None:
            totals[: len(self._least)] += self._least * self._least.dtype.type(end - begin)
        is_one = end == begin + 1
        for where, beyond in self._beyond:
            totals[where] += beyond[begin] if is_one else beyond[begin:end].sum(axis=0, dtype=totals.dtype)


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
        """Forget what was asked: there are more columns now, or totals of more bits."""
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
