"""Running totals at the ends of minutes, so that what any window added is one subtraction.

Three rings, each coarser and longer than the one before it: every minute for 6 hours, every 5 minutes for
3 days, every hour for 30 days.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Held: TypeAlias = "NDArray[np.uint32] | NDArray[np.int64]"

FINEST: Final = 6 * 60
"""Length of the longest window that begins at the end of any minute, minutes."""
LONGEST: Final = 30 * 24 * 60
"""Length of the longest window, minutes."""
CASCADE: Final = ((1, FINEST), (5, 3 * 24 * 60), (60, LONGEST))
"""Of each ring: minutes from one total to the next, and the longest window it serves."""

EXACT_CASCADE: Final = ((1, 3 * 24 * 60), (60, LONGEST))
"""One whose windows of up to three days begin at the end of any minute, for three times the memory."""

PAGE: Final = 4096
"""Columns of a full page."""
_FIRST_ROOM: Final = 8
_WRAP: Final = 1 << 32


def begin_of(until: int, minutes: int) -> int:
    """Where a window begins: with a minute up to six hours, a multiple of 5 up to 3 days, else an hour.

    Args:
        until: The end of its last minute, in minutes since 1970.
        minutes: Its length, 1..43200; it gets longer by what is missing to the last such instant.
    """
    step = next(step for step, span in CASCADE if minutes <= span)
    return (until - minutes) // step * step


@dataclass(slots=True)
class _Ring:
    """Totals at every instant that is a multiple of `step`, the newest last; never written ones are zero."""

    step: int
    span: int
    totals: Held

    def write(self, after: int, upto: int, now: Held, newest: int) -> None:
        """Put the totals at every instant of the ring in (after, upto], but for what it loses by `newest`."""
        last, size = upto // self.step, len(self.totals)
        for instant in range(max(after // self.step, newest // self.step - size) + 1, last + 1):
            self.totals[instant % size] = now

    def at(self, instant: int) -> Held:
        """The totals at the last of the ring's instants at or before this one."""
        view: Held = self.totals[(instant // self.step) % len(self.totals)]
        return view


class Page:
    """Up to 4,096 columns of one counter, which only rises.

    Args:
        cascade: Of each ring, minutes from one total to the next and the longest window; the first has all.

    What is held of a total is its low 32 bits: what has wrapped around falls out of a difference again, as
    long as that is below 2**32. A page in which one might not be goes over to all 64 bits.

    Attributes:
        columns: How many are in use.
        open: What the running minute has added to each so far.
    """

    __slots__ = ("_now", "_rings", "_room", "_total", "columns", "open")

    def __init__(self, cascade: tuple[tuple[int, int], ...] = CASCADE) -> None:
        self.columns = 0
        self.open = np.zeros(_FIRST_ROOM, np.int64)
        self._total = np.zeros(_FIRST_ROOM, np.int64)
        self._now: Held = np.zeros(_FIRST_ROOM, np.uint32)
        # One slot more than instants in the span, and one for the part of a step that the edge falls back.
        self._rings = tuple(
            _Ring(step, span, np.zeros((span // step + 2, _FIRST_ROOM), np.uint32)) for step, span in cascade
        )
        self._room = _WRAP - 1  # so much any column may still add, and nothing held lies 2**32 behind it

    @property
    def nbytes(self) -> int:
        """Memory of its totals."""
        return sum(ring.totals.nbytes for ring in self._rings) + 3 * self.open.nbytes

    def add_column(self) -> int:
        """Take one more into use, of fewer than 4,096."""
        if self.columns == len(self.open):
            self._widen()
        self.columns += 1
        return self.columns - 1

    def close(self, after: int | None, until: int) -> None:
        """End every minute in [after, until); what was open belongs to the last of them."""
        self._end(self.open, after, until, until)
        self.open[:] = 0

    def load(self, added: "NDArray[np.int64]", after: int | None, until: int, newest: int) -> None:
        """End them with something else than what is open.

        Args:
            added: What the last of them added to each column in use.
            after: As above.
            until: As above.
            newest: The last end that is loaded: what no window reaches from there is not written.
        """
        self._end(added, after, until, newest)

    def _end(self, added: "NDArray[np.int64]", after: int | None, until: int, newest: int) -> None:
        if after is not None:
            self._write(after, until - 1, newest)
        most = int(added.max(initial=0))
        if most:
            self._room -= most
            if self._room < 0:
                self._make_room(most)
            self._total[: len(added)] += added
            self._now = self._held(self._total)
        self._write(until - 1, until, newest)

    def added(self, closed: int, minutes: int) -> Held:
        """What the last so many closed minutes added to each column."""
        ring = next(ring for ring in self._rings if minutes <= ring.span)
        difference: Held = (self._now - ring.at(closed - minutes))[: self.columns]
        return difference

    def added_by(self, until: int) -> Held:
        """What the one minute that ended then added; it must be among those of the last six hours."""
        minutes = self._rings[0]
        difference: Held = (minutes.at(until) - minutes.at(until - 1))[: self.columns]
        return difference

    def by_hour(self, closed: int, columns: "NDArray[np.int64]", hours: int) -> "NDArray[np.int64]":
        """What some columns together added in each of so many hours, the oldest first.

        The newest is longer than an hour by what has gone by of the running one.
        """
        ring = self._rings[-1]
        ends = (closed // ring.step - np.arange(hours, 0, -1)) % len(ring.totals)
        totals = np.concatenate([ring.totals[np.ix_(ends, columns)], self._now[None, columns]])
        added: NDArray[np.int64] = np.diff(totals, axis=0).sum(axis=1, dtype=np.int64)
        return added

    def _write(self, after: int, upto: int, newest: int) -> None:
        for ring in self._rings:
            ring.write(after, upto, self._now, newest)

    def _held(self, totals: "NDArray[np.int64]") -> Held:
        return totals.copy() if self._now.dtype == np.int64 else totals.astype(np.uint32)

    def _widen(self) -> None:
        more = min(len(self.open), PAGE - len(self.open))
        self.open, self._total = np.pad(self.open, (0, more)), np.pad(self._total, (0, more))
        self._now = self._held(self._total)
        for ring in self._rings:
            room = np.zeros((len(ring.totals), more), self._now.dtype)
            ring.totals = np.concatenate([ring.totals, room], axis=1)

    def _make_room(self, most: int) -> None:
        if self._now.dtype == np.int64:
            self._room = np.iinfo(np.int64).max
            return
        farthest = max(int((self._now - ring.totals).max()) for ring in self._rings)
        self._room = _WRAP - 1 - farthest - most
        if self._room < _WRAP // 2:
            for ring in self._rings:
                ring.totals = self._total - (self._now - ring.totals)
            self._now = self._total.copy()
            self._room = np.iinfo(np.int64).max
