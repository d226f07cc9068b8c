"""Running totals at the ends of minutes, so that what any window added is one subtraction.

Two rings: every minute for 6 hours, and every hour for 30 days. Between full hours of the last three days the
totals are those at the hour and what the minutes since then added, of which `OldMinutes` knows.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.old_minutes import HOUR, LATEST, OLDEST, OldMinutes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from actors.recording.old_minutes import Held

FINEST: Final = 6 * 60
"""Length of the longest window whose begin is held as a total of its own, minutes."""
LONGEST: Final = 30 * 24 * 60
"""Length of the longest window, minutes."""
PAGE: Final = 4096
"""Columns of a full page."""
_FIRST_ROOM: Final = 8
_WRAP: Final = 1 << 32
_LOADED: Final = OLDEST + 2 * HOUR  # so long before the newest, what is loaded is held by the minute


def begin_of(until: int, minutes: int) -> int:
    """Where a window begins: with any minute up to 3 days, else with an hour.

    Args:
        until: The end of its last minute, in minutes since 1970.
        minutes: Its length, 1..43200; it gets longer by what is missing to the last such instant.
    """
    step = 1 if minutes <= OLDEST else HOUR
    return (until - minutes) // step * step


@dataclass(slots=True)
class _Ring:
    """Totals at every instant that is a multiple of `step`, the newest last; never written ones are zero."""

    step: int
    totals: "Held"

    @classmethod
    def over(cls, step: int, span: int) -> "_Ring":
        """One that serves windows up to this length."""
        # One slot more than instants in the span, and one for the part of a step that the edge falls back.
        return cls(step, np.zeros((span // step + 2, _FIRST_ROOM), np.uint32))

    def write(self, after: int, upto: int, now: "Held", oldest: int) -> None:
        """Put the totals at every instant of the ring in (after, upto], but for those up to `oldest`."""
        last, size = upto // self.step, len(self.totals)
        for instant in range(max(after // self.step, oldest // self.step, last - size) + 1, last + 1):
            self.totals[instant % size] = now

    def at(self, instant: int) -> "Held":
        """The totals at the last of the ring's instants at or before this one."""
        view: Held = self.totals[(instant // self.step) % len(self.totals)]
        return view


class Page:
    """Up to 4,096 columns of one counter, which only rises.

    What is held of a total is its low 32 bits: what has wrapped around falls out of a difference again, as
    long as that is below 2**32. A page in which one might not be goes over to all 64 bits.

    Args:
        turn: Pages of different turns pack their hours in different minutes.

    Attributes:
        columns: How many are in use.
        open: What the running minute has added to each so far.
    """

    __slots__ = ("_hours", "_minutes", "_now", "_old", "_room", "_total", "_wait", "columns", "open")

    def __init__(self, turn: int = 0) -> None:
        self.columns = 0
        self.open = np.zeros(_FIRST_ROOM, np.int64)
        self._total = np.zeros(_FIRST_ROOM, np.int64)
        self._now: Held = np.zeros(_FIRST_ROOM, np.uint32)
        self._minutes, self._hours = _Ring.over(1, FINEST), _Ring.over(HOUR, LONGEST)
        self._old, self._wait = OldMinutes(), turn % LATEST
        self._room = _WRAP - 1  # so much any column may still add, and nothing held lies 2**32 behind it

    @property
    def nbytes(self) -> int:
        """Memory of its totals."""
        rings = self._minutes.totals.nbytes + self._hours.totals.nbytes
        return rings + self._old.nbytes + 3 * self.open.nbytes

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

    def added(self, closed: int, minutes: int) -> "Held":
        """What the last so many closed minutes added to each column."""
        edge = closed - minutes
        if minutes <= FINEST:
            before = self._minutes.at(edge)
        elif minutes <= OLDEST and edge % HOUR:
            before = self._old.totals_at(edge, minutes, self._hours.at(edge))
        else:
            before = self._hours.at(edge)
        difference: Held = (self._now - before)[: self.columns]
        return difference

    def added_by(self, until: int) -> "Held":
        """What the one minute that ended then added; it must be among those of the last six hours."""
        difference: Held = (self._minutes.at(until) - self._minutes.at(until - 1))[: self.columns]
        return difference

    def by_hour(self, closed: int, columns: "NDArray[np.int64]", hours: int) -> "NDArray[np.int64]":
        """What some columns together added in each of so many hours, the oldest first.

        The newest is longer than an hour by what has gone by of the running one.
        """
        ring = self._hours
        ends = (closed // HOUR - np.arange(hours, 0, -1)) % len(ring.totals)
        totals = np.concatenate([ring.totals[np.ix_(ends, columns)], self._now[None, columns]])
        added: NDArray[np.int64] = np.diff(totals, axis=0).sum(axis=1, dtype=np.int64)
        return added

    def _write(self, after: int, upto: int, newest: int) -> None:
        """Hold that the totals stayed the same from `after` on, or have become these at `upto`, one later."""
        for hour in self._due(after, upto):
            if hour * HOUR >= after:
                self._old.put(hour, None)
            else:
                begin, after = after, (hour + 1) * HOUR + self._wait
                self._write_rings(begin, after, newest)
                instants = np.arange(hour * HOUR, (hour + 1) * HOUR + 1) % len(self._minutes.totals)
                is_reached = hour * HOUR > newest - _LOADED
                self._old.put(hour, np.diff(self._minutes.totals[instants], axis=0) if is_reached else None)
        self._write_rings(after, upto, newest)

    def _due(self, after: int, upto: int) -> "Iterator[int]":
        """The hours, of which the newest three days are enough, that are to be packed in (after, upto]."""
        first, last = (after - self._wait) // HOUR, (upto - self._wait) // HOUR
        yield from range(max(first, last - _LOADED // HOUR), last)

    def _write_rings(self, after: int, upto: int, newest: int) -> None:
        self._minutes.write(after, upto, self._now, newest - _LOADED)
        self._hours.write(after, upto, self._now, newest - LONGEST - 2 * HOUR)

    def _held(self, totals: "NDArray[np.int64]") -> "Held":
        return totals.copy() if self._now.dtype == np.int64 else totals.astype(np.uint32)

    def _widen(self) -> None:
        more = min(len(self.open), PAGE - len(self.open))
        self.open, self._total = np.pad(self.open, (0, more)), np.pad(self._total, (0, more))
        self._now = self._held(self._total)
        self._old.forget_edges()
        for ring in (self._minutes, self._hours):
            room = np.zeros((len(ring.totals), more), self._now.dtype)
            ring.totals = np.concatenate([ring.totals, room], axis=1)

    def _make_room(self, most: int) -> None:
        if self._now.dtype == np.int64:
            self._room = np.iinfo(np.int64).max
            return
        rings = (self._minutes, self._hours)
        farthest = max(int((self._now - ring.totals).max()) for ring in rings)
        self._room = _WRAP - 1 - farthest - most
        if self._room < _WRAP // 2:
            self._old.forget_edges()
            for ring in rings:
                ring.totals = self._total - (self._now - ring.totals)
            self._now = self._total.copy()
            self._room = np.iinfo(np.int64).max
