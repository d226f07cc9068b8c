"""What windows held when they were asked for last.

Another window is not added up anew where one of these is nearly the same: what has come since is added to
that, and taken off what went.
"""

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from actors.recording.merging import CELLS_A_ROW, CELLS_A_STEP, added_up
from actors.recording.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from actors.recording.stretches import Stretch

_KEPT: Final = 4
"""Of windows that were not brought forward."""
_AGE: Final = 10
"""Minutes after which an answer that nobody asked for again is forgotten."""
_AT_ONCE: Final = 1 << 17
"""Cells that are added up in one go where nobody else waits for a turn."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What some stretches hold together.

    Attributes:
        closed: The end of the newest minute that was closed when it was asked for.
        stretches: All that there were from the first of them to the last.
        counted: What they hold.
    """

    closed: int
    stretches: "tuple[Stretch, ...]"
    counted: Tallies

    def beside(self, now: "Sequence[Stretch]") -> "tuple[Sequence[Stretch], Sequence[Stretch]]":
        """What of `now` is not in here, and what is in here but not in `now`.

        Of neighbours that have been added up since, nothing is in either: they hold what they did.
        """
        if not self.stretches:
            return now, ()
        begin, closed = self.stretches[0].begin, self.stretches[-1].end
        within = [one for one in now if begin <= one.begin and one.end <= closed]
        if not within:
            return now, self.stretches
        since, until = within[0].begin, within[-1].end
        came = [one for one in now if one.begin < since or one.end > until]
        went = [one for one in self.stretches if one.end <= since or one.begin >= until]
        return came, went


class Answers:
    """The last ones, by the length of the window in minutes."""

    __slots__ = ("_by_minutes",)

    def __init__(self) -> None:
        self._by_minutes: dict[int, Answer] = {}

    @property
    def nbytes(self) -> int:
        """Memory of them; what several share counts once."""
        pieces = {id(piece): piece for one in self._by_minutes.values() for piece in one.counted.pieces}
        return sum(piece.nbytes for piece in pieces.values())

    def keep(self, minutes: int, answer: Answer, but: "Container[int]") -> None:
        """Keep one, and of those that are of other lengths than `but` only the newest few."""
        self._by_minutes.pop(minutes, None)
        self._by_minutes[minutes] = answer
        asked = [length for length in self._by_minutes if length not in but]
        for length in asked[:-_KEPT]:
            del self._by_minutes[length]

    def forget(self, closed: int) -> None:
        """Forget those that have not been asked for lately."""
        self._by_minutes = {
            minutes: one for minutes, one in self._by_minutes.items() if closed - one.closed <= _AGE
        }

    def known(self, minutes: int, now: "Sequence[Stretch]") -> "Tallies | None":
        """What stretches hold, if the answer for that length has just that."""
        answer = self._by_minutes.get(minutes)
        return answer.counted if answer is not None and not any(answer.beside(now)) else None

    def of(self, now: "Sequence[Stretch]") -> Tallies:
        """What stretches hold together."""
        base, came, went = self._nearest(now)
        if not came and not went:
            return base
        held = added_up(
            [one.held for one in came], [one.held for one in went], base=base, cells_a_step=_AT_ONCE
        )
        return Tallies(list(held))

    def in_steps(self, now: "Sequence[Stretch]") -> "Iterator[Tallies | None]":
        """The same in steps of less than a millisecond; the last of them has it."""
        base, came, went = self._nearest(now)
        nothing: list[Stretch] = []
        batches = [(some, nothing) for some in _batches(came)] + [(nothing, some) for some in _batches(went)]
        for some, others in batches:
            pieces = []
            for piece in added_up([one.held for one in some], [one.held for one in others], base=base):
                pieces.append(piece)
                yield None
            base = Tallies(pieces)
        yield base

    def _nearest(self, now: "Sequence[Stretch]") -> "tuple[Tallies, Sequence[Stretch], Sequence[Stretch]]":
        """What to begin with, what to add to it, and what to take off."""
        found: tuple[Tallies, Sequence[Stretch], Sequence[Stretch]] = Tallies(), now, ()
        least = sum(one.work for one in now)
        for answer in self._by_minutes.values():
            came, went = answer.beside(now)
            work = sum(one.work for one in chain(came, went)) + CELLS_A_ROW * len(answer.counted)
            if work < least or not (came or went):
                found, least = (answer.counted, came, went), work
        return found


def _batches(stretches: "Sequence[Stretch]") -> "Iterator[list[Stretch]]":
    """So few at a time that no step with one group of series of each is long."""
    batch: list[Stretch] = []
    cells = 0
    for one in stretches:
        if batch and cells + one.densest > CELLS_A_STEP:
            yield batch
            batch, cells = [], 0
        batch.append(one)
        cells += one.densest
    if batch:
        yield batch
