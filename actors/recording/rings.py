"""Running totals at the ends of minutes, so that what any window added is one subtraction.

Two rings: every minute for 6 hours, and every hour for 30 days. Between full hours of the last three days the
totals are those at the hour and what the minutes since then added, of which `OldMinutes` knows.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.mapped import mapped_zeros
from actors.recording.old_minutes import HOUR, LATEST, OLDEST, OldMinutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from actors.recording.old_minutes import Held

FINEST: Final = 6 * 60
"""Length of the longest window whose begin is held as a total of its own, minutes."""
LONGEST: Final = 30 * 24 * 60
"""Length of the longest window, minutes."""
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
    def over(cls, step: int, span: int, room: int) -> "_Ring":
        """One that serves windows up to this length, of so many columns."""
        # One slot more than instants in the span, and one for the part of a step that the edge falls back.
        return cls(step, mapped_zeros(span // step + 2, room, np.uint32))

    def write(self, after: int, upto: int, now: "Held", oldest: int) -> None:
        """Put the first columns' totals at every instant in (after, upto], but for those up to `oldest`."""
        last, size = upto // self.step, len(self.totals)
        for instant in range(max(after // self.step, oldest // self.step, last - size) + 1, last + 1):
            self.totals[instant % size, : len(now)] = now

    def write_each(
        self, after: int, untils: "Sequence[int]", totals: "NDArray[np.int64] | Held", oldest: int
    ) -> None:
        """The same up to the last of some ends, of totals that were one thing before each of them.

        Args:
            after: As above.
            untils: The ends, rising.
            totals: Of the first columns: before the first end, and from each on.
            oldest: As above.
        """
        last, size = untils[-1] // self.step, len(self.totals)
        instants = np.arange(max(after // self.step, oldest // self.step, last - size) + 1, last + 1)
        ended = np.searchsorted(untils, instants * self.step, side="right")
        self.totals[instants % size, : totals.shape[1]] = totals[ended]

    def at(self, instant: int) -> "Held":
        """The totals at the last of the ring's instants at or before this one."""
        view: Held = self.totals[(instant // self.step) % len(self.totals)]
        return view


class Page:
    """Neighbouring columns of one counter, which only rises.

    What is held of a total is its low 32 bits: what has wrapped around falls out of a difference again, as
    long as that is below 2**32. A page in which one might not be goes over to all 64 bits.

    Args:
        place: Which of the counter's columns it has room for.
        turn: Pages of different turns pack their hours in different minutes.

    Attributes:
        place: As given.
        columns: How many are in use. One that comes later has added nothing at any instant before.
    """

    __slots__ = (
        "_begin",
        "_hours",
        "_minutes",
        "_now",
        "_old",
        "_spare",
        "_total",
        "_wait",
        "columns",
        "place",
    )

    def __init__(self, place: slice, turn: int) -> None:
        self.place, room = place, place.stop - place.start
        self.columns = 0
        self._begin: int | None = None  # up to then, nothing had been added
        self._total = np.zeros(room, np.int64)
        self._now: Held = np.zeros(room, np.uint32)
        self._minutes, self._hours = _Ring.over(1, FINEST, room), _Ring.over(HOUR, LONGEST, room)
        self._old, self._wait = OldMinutes(), turn % LATEST
        self._spare = _WRAP - 1  # so much any column may still add, and nothing held lies 2**32 behind it

    @property
    def nbytes(self) -> int:
        """Memory of its totals, once all of its columns are in use."""
        rings = self._minutes.totals.nbytes + self._hours.totals.nbytes
        return rings + self._old.nbytes + self._total.nbytes + self._now.nbytes

    def end(self, added: "NDArray[np.int64]", after: int | None, until: int, newest: int) -> None:
        """End every minute in [after, until).

        Args:
            added: What the last of them added to each column in use, of which there may be more than before.
            after: What is closed already; None at the first.
            until: The end of the last.
            newest: The last end that is going to be told in a row: what no window reaches from there is not
                written.
        """
        if self._begin is None:
            self._begin = until - 1 if after is None else after
        if after is not None and after < until - 1:
            self._write(after, until - 1, newest)
        self.columns = len(added)
        most = int(added.max(initial=0))
        if most:
            self._spend(most)
            self._total[: self.columns] += added
            self._now = self._held(self._total)
        self._write(until - 1, until, newest)

    def end_each(
        self, added: "NDArray[np.int64]", after: int | None, untils: "Sequence[int]", newest: int
    ) -> None:
        """End every minute up to each of some ends, in less time than one after the other.

        Args:
            added: By end, and by column in use.
            after: As above.
            untils: The ends, rising; if there are several, the last at most an hour later than `after`.
            newest: As above.
        """
        if after is None or self._begin is None or len(untils) == 1:
            self.end(added[0], after, untils[0], newest)
            added, after, untils = added[1:], untils[0], untils[1:]
        if not untils:
            return
        self.columns = added.shape[1]
        self._spend(int(added.sum(axis=0).max(initial=0)))
        totals = np.concatenate([self._total[None, : self.columns], added])
        for before, now in pairwise(totals):  # along this axis, a tenth of what cumsum takes
            np.add(before, now, out=now)
        self._total[: self.columns] = totals[-1]
        self._now = self._held(self._total)
        self._minutes.write_each(after, untils, totals, newest - _LOADED)
        self._hours.write_each(after, untils, totals, newest - LONGEST - 2 * HOUR)
        for hour in self._due(after, untils[-1]):
            self._pack(hour, newest)

    def added(self, closed: int, minutes: int) -> "Held":
        """What the last so many closed minutes added to each column; not to be written to."""
        edge = closed - minutes
        if self._begin is None or edge <= self._begin:
            return self._now[: self.columns]
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
                self._pack(hour, newest)
        self._write_rings(after, upto, newest)

    def _pack(self, hour: int, newest: int) -> None:
        added = None
        if hour * HOUR > newest - _LOADED:
            instants = np.arange(hour * HOUR, (hour + 1) * HOUR + 1) % len(self._minutes.totals)
            added = np.diff(self._minutes.totals[instants, : self.columns], axis=0)
        self._old.put(hour, added)

    def _due(self, after: int, upto: int) -> "Iterator[int]":
        """The hours, of which the newest three days are enough, that are to be packed in (after, upto]."""
        first, last = (after - self._wait) // HOUR, (upto - self._wait) // HOUR
        yield from range(max(first, last - _LOADED // HOUR), last)

    def _write_rings(self, after: int, upto: int, newest: int) -> None:
        now = self._now[: self.columns]
        self._minutes.write(after, upto, now, newest - _LOADED)
        self._hours.write(after, upto, now, newest - LONGEST - 2 * HOUR)

    def _held(self, totals: "NDArray[np.int64]") -> "Held":
        return totals.copy() if self._now.dtype == np.int64 else totals.astype(np.uint32)

    def _spend(self, most: int) -> None:
        self._spare -= most
        if self._spare < 0:
            self._go_over(most)

    def _go_over(self, most: int) -> None:
        """Make sure that any column may add so much: with what is spare by now, or with all 64 bits."""
        if self._now.dtype == np.int64:
            self._spare = np.iinfo(np.int64).max
            return
        rings, used = (self._minutes, self._hours), slice(self.columns)
        behind = [self._now[used] - ring.totals[:, used] for ring in rings]
        self._spare = _WRAP - 1 - max(int(one.max()) for one in behind) - most
        if self._spare < _WRAP // 2:
            self._old.forget_edges()
            for ring, before in zip(rings, behind, strict=True):
                ring.totals = mapped_zeros(len(ring.totals), len(self._total), np.int64)
                ring.totals[:, used] = self._total[used] - before
            self._now = self._total.copy()
            self._spare = np.iinfo(np.int64).max
