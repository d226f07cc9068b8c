"""How long the predictions of every series took, over any recent stretch of time.

By minute for six hours and by hour for thirty days. When all of that is more than it may be, neighbouring
stretches are added up, where that is the smallest share of their age. A window then begins earlier than it
was asked for, by about the same share of its length whatever that is; what it holds is as exact as ever.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.cells import Cells, cells_of
from actors.recording.merging import CELLS_A_STEP, Held, added_up
from actors.recording.packed import PackedCells
from actors.recording.rings import FINEST, LONGEST
from actors.recording.running_cells import RunningCells

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

MOST_BYTES: Final = 64 * 1024 * 1024
HOUR: Final = 60
_KEPT_ANSWERS: Final = 4
_ANSWER_AGE: Final = 10
"""Minutes after which an answer that nobody asked for again is forgotten."""
_AT_ONCE: Final = 1 << 20
"""Cells that are added up in one go where nobody else waits for a turn."""
_FEWEST: Final = 8
"""With so few stretches left, the oldest is forgotten where more would have to be added up."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The cells of the minutes in [begin, end); packed but for the hour that is being filled.

    Attributes:
        begin: Its first minute, in minutes since 1970.
        end: The minute after its last.
        held: The cells.
    """

    begin: int
    end: int
    held: Held

    @property
    def packed_bytes(self) -> int:
        """Memory of it, if it is packed."""
        return self.held.nbytes if isinstance(self.held, PackedCells) else 0

    def cells(self) -> Cells:
        """All of it, unpacked."""
        return self.held if isinstance(self.held, Cells) else self.held.all()

    def packed(self) -> "Stretch":
        """The same, packed."""
        if isinstance(self.held, PackedCells):
            return self
        return Stretch(self.begin, self.end, PackedCells.of(self.held))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a window held when it was asked for last, at the end of the minutes before `closed`."""

    closed: int
    stretches: "tuple[Stretch, ...]"
    cells: Cells


class Sketches:
    """Cells of all series by stretches of time.

    Args:
        most_bytes: Of all closed minutes together, about; not counted are the windows that were asked for
            last, which are held unpacked, and the hour that is being filled.
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
        self._answers: dict[int, _Answer] = {}

    @property
    def nbytes(self) -> int:
        """Memory of all closed minutes, and of the answers that are kept."""
        held = sum(one.held.nbytes for one in self._stretches)
        return held + sum(one.cells.nbytes for one in self._answers.values())

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
            self._put(size, size, [Stretch(until - 1, until, PackedCells.of(cells))])
        self._put(0, self._after(until - LONGEST), [])
        self._answers = {
            minutes: one for minutes, one in self._answers.items() if until - one.closed <= _ANSWER_AGE
        }
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
        """Add up what is of one hour and ended before then; the last hour may get more minutes yet."""
        last = self._after(upto) - 1
        end = last
        while end >= 0 and self._stretches[end].end > self._filled - HOUR:
            first = end
            while (
                first > 0 and self._stretches[first - 1].begin // HOUR == self._stretches[end].begin // HOUR
            ):
                first -= 1
            if first < end:
                if not (yield from self._join(first, end + 1)):
                    return
                last -= end - first
            end = first - 1
        for at in range(max(0, end), last):
            if isinstance(self._stretches[at].held, Cells) and not (
                yield from self._join(at, at + 1, is_packed=True)
            ):
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
            if not (yield from self._join(at, at + 2, is_packed=True)):
                return

    def _join(self, first: int, end: int, *, is_packed: bool = False) -> "Generator[None, None, bool]":
        """Add up neighbouring stretches; False, and nothing done, if they have moved meanwhile."""
        joined = self._stretches[first:end]
        parts, packed = [], []
        for cells in added_up([one.held for one in joined]):
            if is_packed:
                packed.append(PackedCells.of(cells))
            else:
                parts.append(cells)
            yield
        if self._stretches[first:end] != joined:
            return False
        held = PackedCells.joined(packed) if is_packed else Cells.joined(parts)
        self._put(first, end, [Stretch(joined[0].begin, joined[-1].end, held)])
        return True

    def _put(self, first: int, end: int, stretches: "Sequence[Stretch]") -> None:
        """Replace some stretches."""
        self._packed_bytes -= sum(one.packed_bytes for one in self._stretches[first:end])
        self._packed_bytes += sum(one.packed_bytes for one in stretches)
        self._stretches[first:end] = stretches

    # --- asking -------------------------------------------------------------------------------------------

    def within(self, closed: int, minutes: int) -> Cells:
        """What the last so many closed minutes have counted, of all series.

        Where one of the last answers was of nearly the same, what has come is added to it, and taken off what
        went.

        Args:
            closed: The end of the newest closed minute.
            minutes: In 1..43200; the window begins earlier by what its first stretch does.
        """
        now = self._since(closed - minutes)
        known = self._answers.get(minutes)
        if known is not None and known.stretches == now:
            cells = known.cells
        else:
            cells = Cells.joined(list(self._answering(now, cells_a_step=_AT_ONCE)))
        self._keep(minutes, _Answer(closed, now, cells))
        return cells

    def bring_forward(self, closed: int, minutes: int) -> "Iterator[None]":
        """Have an answer of `within` ready before it is asked for, in steps that may be left like `tidy`."""
        now = self._since(closed - minutes)
        parts = []
        for cells in self._answering(now):
            parts.append(cells)
            yield
        self._keep(minutes, _Answer(closed, now, Cells.joined(parts)))

    def _answering(self, now: "Sequence[Stretch]", *, cells_a_step: int = CELLS_A_STEP) -> "Iterator[Cells]":
        """What stretches hold together, some series after the others: from the nearest answer, or anew."""
        parts, but, least = [one.held for one in now], [], len(now)
        for answer in self._answers.values():
            came, went = _beside(now, answer.stretches), _beside(answer.stretches, now)
            if len(came) + len(went) < least:
                parts, but, least = [answer.cells, *came], went, len(came) + len(went)
        return added_up(parts, but, cells_a_step=cells_a_step)

    def _keep(self, minutes: int, answer: _Answer) -> None:
        self._answers.pop(minutes, None)
        self._answers[minutes] = answer
        while len(self._answers) > _KEPT_ANSWERS:
            del self._answers[next(iter(self._answers))]

    def within_of(self, closed: int, minutes: int, series: "NDArray[np.int64]") -> Cells:
        """The same of some series, of which each is read alone."""
        now, answer = self._since(closed - minutes), self._answers.get(minutes)
        if answer is not None and answer.stretches == now:
            return answer.cells.of_series(series)
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


def _beside(some: "Sequence[Stretch]", others: "Sequence[Stretch]") -> "list[Held]":
    """What those of `some` hold that are not among the others."""
    known = set(others)
    return [one.held for one in some if one not in known]
