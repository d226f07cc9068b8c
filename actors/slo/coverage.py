"""How much of a window was measured.

A minute is measured if it had events, or if it had none and that is how the traffic usually is: a group of
ten requests an hour is silent for most minutes. It is not measured before the group's first event, while
nobody looked (the node was down, its machine asleep), while somebody who may have had events is not heard,
nor when a silence goes on for much longer than the group's usual traffic explains.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.rings import LONGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

USUAL_GAPS: Final = 10
"""So many times the usual time between two events a silence may last: with independent arrivals one in 22,000
gaps is longer."""
SHORTEST_SILENCE: Final = 5
"""Minutes of silence that are always explained."""
LONGEST_SILENCE: Final = 1440
"""Minutes of silence after which even the rarest traffic should have shown."""
UNBORN: Final = 1 << 62
"""The first measured minute of what never had events: it is yet to come."""
_NONE: Final = -1


class Coverage:
    """What was measured of each column; columns are told by number, and may be rearranged.

    Attributes:
        born: The first measured minute of each column; `UNBORN` before its first event.
        heard: The newest minute in which each had events.
        explained: For how many minutes a silence of each is explained.
        lost_since: The first minute of the stretch that is not measured and goes on; -1 where it is.
        gaps: Stretches that are over: column (-1 for all), first minute, and the minute after the last.
    """

    def __init__(self) -> None:
        self.born = self.heard = self.explained = self.lost_since = np.zeros(0, np.int64)
        self.gaps: NDArray[np.int64] = np.zeros((0, 3), np.int64)
        self._is_patchy = False  # whether anything since the first measured minutes was not measured

    def arrange(self, before: "NDArray[np.int64]", born: "NDArray[np.int64]", minute: int) -> None:
        """Put the columns in a new order.

        Args:
            before: For each column where it stood; -1 where it is new.
            born: For new ones, the first minute that is known to have been measured.
            minute: The newest closed one.
        """
        is_new = before == _NONE
        fresh = np.full(len(before), minute)
        self.born = _moved(self.born, before, born, is_new)
        self.heard = _moved(self.heard, before, fresh, is_new)
        self.explained = _moved(self.explained, before, np.full(len(before), SHORTEST_SILENCE), is_new)
        self.lost_since = _moved(self.lost_since, before, np.full(len(before), _NONE), is_new)
        places = {int(old): new for new, old in enumerate(before) if old != _NONE}
        kept = [
            (new, first, end)
            for old, first, end in self.gaps.tolist()
            if (new := _NONE if old == _NONE else places.get(old)) is not None
        ]
        self.gaps = np.array(kept, np.int64).reshape(-1, 3)
        self._note_patches()

    def load(
        self, kept: "NDArray[np.int64]", coverage: "NDArray[np.int64]", gaps: "NDArray[np.int64]"
    ) -> None:
        """Take what was held before, of these columns, in their order."""
        self.born, self.heard, self.explained, self.lost_since = coverage[:, kept]
        places = {int(column): at for at, column in enumerate(kept)} | {_NONE: _NONE}
        known = [(places[column], *ends) for column, *ends in gaps.tolist() if column in places]
        self.gaps = np.array(known, np.int64).reshape(-1, 3)
        self._note_patches()

    def skip(self, first: int, end: int) -> None:
        """Nobody looked from minute `first` up to, without, `end`: that is no silence of anybody's."""
        self.gaps = np.concatenate([self.gaps, [[_NONE, first, end]]])
        self.heard = self.heard + (end - first)
        self._note_patches()

    def look(
        self,
        minute: int,
        has_events: "NDArray[np.bool_]",
        per_minute: "NDArray[np.float64]",
        *,
        is_partial: bool,
    ) -> None:
        """Take in one more minute.

        Args:
            minute: The newest closed one.
            has_events: Which columns had any in it.
            per_minute: How many each usually has.
            is_partial: Whether somebody who may have had events was not heard.
        """
        # A rate that would explain a longer silence than any that is explained is as good as that one.
        rate = np.maximum(per_minute, USUAL_GAPS / LONGEST_SILENCE)
        longest = np.ceil(np.maximum(USUAL_GAPS / rate, SHORTEST_SILENCE))
        self.explained = np.where(has_events, longest.astype(np.int64), self.explained)
        self.heard = np.where(has_events, minute, self.heard)
        self.born = np.where(has_events, np.minimum(self.born, minute), self.born)
        is_lost = ~has_events & (self.born != UNBORN) & (is_partial | (minute - self.heard > self.explained))
        was_lost = self.lost_since != _NONE
        over = np.flatnonzero(was_lost & ~is_lost)
        if len(over):
            ended = np.stack([over, self.lost_since[over], np.full(len(over), minute)], axis=1)
            self.gaps = np.concatenate([self.gaps, ended])
        self.lost_since = np.where(is_lost, np.where(was_lost, self.lost_since, minute), _NONE)
        if len(self.gaps):
            self.gaps = self.gaps[self.gaps[:, 2] > minute - LONGEST]
        self._note_patches()

    def measured(self, minute: int, minutes: int) -> "NDArray[np.int64]":
        """How many of the last so many closed minutes were measured, by column."""
        if not self._is_patchy:
            return np.minimum(minutes, np.maximum(0, minute + 1 - self.born))
        first = minute - minutes + 1
        known_from = np.maximum(first, self.born)
        until = np.where(self.lost_since == _NONE, minute + 1, np.maximum(self.lost_since, known_from))
        found = until - known_from
        reached = self.gaps[self.gaps[:, 2] > first]
        of_all = reached[:, 0] == _NONE
        for _, begin, end in reached[of_all].tolist():
            found -= np.clip(np.minimum(end, until) - np.maximum(begin, known_from), 0, None)
        column, begins, ends = reached[~of_all].T
        lost = np.minimum(ends, until[column]) - np.maximum(begins, known_from[column])
        np.subtract.at(found, column, np.clip(lost, 0, None))
        measured: NDArray[np.int64] = np.clip(found, 0, minutes)
        return measured

    def _note_patches(self) -> None:
        self._is_patchy = bool(len(self.gaps)) or bool((self.lost_since != _NONE).any())

    def silent_for(self, minute: int) -> "NDArray[np.int64]":
        """Minutes since each column last had events."""
        silence: NDArray[np.int64] = minute - self.heard
        return silence


def _moved(
    held: "NDArray[np.int64]",
    before: "NDArray[np.int64]",
    fresh: "NDArray[np.int64]",
    is_new: "NDArray[np.bool_]",
) -> "NDArray[np.int64]":
    if not len(held):
        return fresh.astype(np.int64)
    return np.where(is_new, fresh, held[before])
