"""How long the predictions of every series took, over any recent stretch of time.

By minute for six hours and by hour for thirty days. When all of that is more than it may be, neighbouring
stretches are added up, where that is the smallest share of their age. A window then begins earlier than it
was asked for, by about the same share of its length whatever that is; what it holds is as exact as ever.
"""

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.answers import Answer, Answers
from actors.recording.cells import Cells, cells_of
from actors.recording.merging import added_up, packed
from actors.recording.packed import PackedCells
from actors.recording.rings import FINEST, LONGEST
from actors.recording.running_cells import RunningCells
from actors.recording.stretches import Stretch
from actors.recording.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

MOST_BYTES: Final = 64 * 1024 * 1024
HOUR: Final = 60
_BROUGHT_FORWARD: Final = (HOUR // 2, *range(HOUR, FINEST + 1, HOUR))
"""Windows, in minutes, that are ready before they are asked for; others are half an hour away at most."""
_LITTLE_WORK: Final = 1 << 18
"""Cells that are added up in a few milliseconds: windows with fewer need not be ready."""
_FEWEST: Final = 8
"""With so few stretches left, the oldest is forgotten where more would have to be added up."""


class Sketches:
    """Cells of all series by stretches of time.

    Args:
        most_bytes: Of all closed minutes together, about; not counted are the hour that is being filled, the
            windows that are brought forward, and four that were asked for last, each of which takes one or
            two kilobytes a series.
    """

    __slots__ = (
        "_answers",
        "_closed",
        "_filled",
        "_most_bytes",
        "_packed_bytes",
        "_running",
        "_stretches",
    )

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._packed_bytes = 0
        self._stretches: list[Stretch] = []
        self._filled = self._closed = 0
        self._running = RunningCells()
        self._answers = Answers()

    @property
    def nbytes(self) -> int:
        """Memory of all closed minutes, and of the answers that are kept."""
        return sum(one.held.nbytes for one in self._stretches) + self._answers.nbytes

    # --- counting -----------------------------------------------------------------------------------------

    def add(self, series: int, first: int, counts: "NDArray[np.int64]") -> None:
        """Count what the buckets of one series hold, from the first on, in the running minute."""
        self.add_cells(cells_of(series, first, counts))

    def add_cells(self, cells: Cells) -> None:
        """Count some in the running minute."""
        self._running.add(cells)

    def settle(self) -> "Iterator[None]":
        """Add up what the running minute has counted, in steps; `close` is short after it."""
        yield from self._running.settle()

    def close(self, until: int) -> "NDArray[np.int64]":
        """End every minute before `until`; what was open belongs to the last of them.

        Returns:
            The series that it holds.
        """
        cells, self._closed = self._running.take(), until
        if len(cells):
            size = len(self._stretches)
            self._put(size, size, [Stretch(until - 1, until, cells)])
        self._put(0, self._after(until - LONGEST), [])
        self._answers.forget(until)
        return cells.series()

    # --- tidying up ---------------------------------------------------------------------------------------

    def tidy(self) -> "Iterator[None]":
        """Add up what may stand together, in steps of about a millisecond.

        May be left at any step, and all else be called between two: what was begun is then begun anew with
        the next minute.
        """
        yield from self._fill_hours(self._closed - FINEST)
        yield from self._spare()

    def _fill_hours(self, upto: int) -> "Iterator[None]":
        """Add up what is of one hour and ended before then; pack all but the last such, which may grow."""
        end = self._after(upto) - 1
        while end >= 0 and self._stretches[end].end > self._filled - HOUR:
            first = end
            while (
                first > 0 and self._stretches[first - 1].begin // HOUR == self._stretches[end].begin // HOUR
            ):
                first -= 1
            if first < end and not (yield from self._join(first, end + 1)):
                return
            end = first - 1
        for at, one in enumerate(self._stretches):
            is_packed = isinstance(one.held, PackedCells)
            if not is_packed and at != self._after(upto) - 1 and not (yield from self._pack(at)):
                return
        self._filled = upto

    def _spare(self) -> "Iterator[None]":
        while self._packed_bytes > self._most_bytes and self._stretches:
            if len(self._stretches) <= _FEWEST:
                self._put(0, 1, [])
                continue
            shares = [
                (later.end - earlier.begin) / (self._closed - earlier.begin)
                for earlier, later in pairwise(self._stretches)
            ]
            at = shares.index(min(shares))
            if not ((yield from self._join(at, at + 2)) and (yield from self._pack(at))):
                return

    def _pack(self, at: int) -> "Generator[None, None, bool]":
        """Pack a stretch that is not yet; False, and nothing done, if it has moved meanwhile."""
        one = self._stretches[at]
        parts = []
        for part in packed(one.held):
            parts.append(part)
            yield
        if self._stretches[at : at + 1] != [one]:
            return False
        self._put(at, at + 1, [Stretch(one.begin, one.end, PackedCells.joined(parts))])
        return True

    def _join(self, first: int, end: int) -> "Generator[None, None, bool]":
        """Add up neighbouring stretches; False, and nothing done, if they have moved meanwhile."""
        joined = self._stretches[first:end]
        base = next((one.held for one in joined if isinstance(one.held, Tallies)), None)
        parts = []
        for tally in added_up([one.held for one in joined if one.held is not base], base=base):
            parts.append(tally)
            yield
        if self._stretches[first:end] != joined:
            return False
        self._put(first, end, [Stretch(joined[0].begin, joined[-1].end, Tallies(parts))])
        return True

    def _put(self, first: int, end: int, stretches: "Sequence[Stretch]") -> None:
        """Replace some stretches."""
        self._packed_bytes -= sum(one.packed_bytes for one in self._stretches[first:end])
        self._packed_bytes += sum(one.packed_bytes for one in stretches)
        self._stretches[first:end] = stretches

    # --- asking -------------------------------------------------------------------------------------------

    def within(self, closed: int, minutes: int) -> Tallies:
        """What the last so many closed minutes have counted, of all series.

        Args:
            closed: The end of the newest closed minute.
            minutes: In 1..43200; the window begins earlier by what its first stretch does.
        """
        now = self._since(closed - minutes)
        counted = self._answers.of(now)
        self._answers.keep(minutes, Answer(closed, now, counted), _BROUGHT_FORWARD)
        return counted

    def bring_forward(self, closed: int) -> "Iterator[None]":
        """Have answers of `within` ready before it is asked for, in steps that may be left like `tidy`.

        Unless even the longest is soon added up when it is asked for.
        """
        if sum(one.work for one in self._since(closed - max(_BROUGHT_FORWARD))) < _LITTLE_WORK:
            return
        for minutes in _BROUGHT_FORWARD:
            now = self._since(closed - minutes)
            for counted in self._answers.in_steps(now):
                if counted is not None:
                    self._answers.keep(minutes, Answer(closed, now, counted), _BROUGHT_FORWARD)
                yield

    def within_of(self, closed: int, minutes: int, series: "NDArray[np.int64]") -> Cells:
        """The same of some series, of which each is read alone."""
        now = self._since(closed - minutes)
        if (counted := self._answers.known(minutes, now)) is not None:
            return counted.of_series(series)
        return Cells.together([one.held.of_series(series) for one in now])

    def holding(self, minute: int, series: "NDArray[np.int64]") -> Cells:
        """What the stretch with this minute in it has counted of some series."""
        at = self._at(minute)
        return Cells.together(() if at is None else (at.held.of_series(series),))

    def _since(self, begin: int) -> "tuple[Stretch, ...]":
        return tuple(self._stretches[self._after(begin) :])

    def _after(self, instant: int) -> int:
        """Where the first stretch stands that ends later."""
        return bisect_right(self._stretches, instant, key=lambda one: one.end)

    def _at(self, minute: int) -> "Stretch | None":
        at = bisect_right(self._stretches, minute, key=lambda one: one.begin) - 1
        return self._stretches[at] if at >= 0 and minute < self._stretches[at].end else None

    # --- keeping ------------------------------------------------------------------------------------------

    def stretches(self) -> "tuple[Stretch, ...]":
        """All that is closed, the oldest first; each that is new holds what others held, or a new minute."""
        return tuple(self._stretches)

    def load(self, stretches: "Sequence[Stretch]", closed: int) -> None:
        """Go on from what `stretches` told up to the end of a minute, before any other is closed here."""
        self._filled, self._closed = 0, closed  # look at every hour
        self._put(0, len(self._stretches), stretches)
        for _ in self._fill_hours(closed - FINEST):
            pass

    def newest_of(self, series: "NDArray[np.int64]") -> "Iterator[tuple[int, NDArray[np.int64]]]":
        """Those of some series that each stretch was the newest to count, with its last minute."""
        wanted = series
        for one in reversed(self._stretches):
            if not len(wanted):
                return
            found = one.held.of_series(wanted).series()
            if len(found):
                yield one.end - 1, found
                wanted = np.setdiff1d(wanted, found, assume_unique=True)

    def renumber(self, series: "Mapping[int, int]") -> None:
        """Have what the running minute has counted belong to series of other numbers."""
        cells = self._running.take()
        self.add_cells(cells.moved(np.array([series[one] for one in cells.series().tolist()], np.int64)))
