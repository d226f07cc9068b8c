"""Budgets that begin anew with each week, month, quarter or year: what has been counted since."""

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from actors.recording.rings import LONGEST
from actors.slo.calendar import period

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from actors.slo.objective import Objective


class Periods:
    """Good and total events of the running period, by column; columns of rolling windows stay at zero.

    Args:
        objectives: In the order that columns tell them by.

    Attributes:
        begin: The first minute of the period that each column's counts are of; -1 for rolling windows.
        counts: Good and total events since, a line each.
    """

    def __init__(self, objectives: "Sequence[Objective]") -> None:
        self._calendars = [
            None if one.calendar is None else (one.calendar, ZoneInfo(one.time_zone)) for one in objectives
        ]
        self.begin: NDArray[np.int64] = np.zeros(0, np.int64)
        self.counts: NDArray[np.int64] = np.zeros((2, 0), np.int64)

    @property
    def is_needed(self) -> bool:
        """Whether any objective has a calendar."""
        return any(self._calendars)

    def arrange(
        self,
        before: "NDArray[np.int64]",
        objective: "NDArray[np.int64]",
        minute: int,
        events: "Callable[[int], tuple[NDArray[np.int64], NDArray[np.int64]]]",
    ) -> None:
        """Put the columns in a new order; new ones begin with what the tables still know of their period.

        Args:
            before: For each column where it stood; -1 where it is new.
            objective: Position of each column's objective.
            minute: The newest closed one.
            events: Good and total events of all columns over so many minutes.
        """
        begin, counts = np.full(len(before), -1, np.int64), np.zeros((2, len(before)), np.int64)
        is_old = before != -1
        begin[is_old], counts[:, is_old] = self.begin[before[is_old]], self.counts[:, before[is_old]]
        has_calendar = np.array([one is not None for one in self._calendars], np.bool_)
        begin[~has_calendar[objective]] = -1
        for at, first in self._first_minutes(minute).items():
            fresh = np.flatnonzero((begin == -1) & (objective == at))
            if len(fresh):
                known = np.stack(events(min(max(1, minute - first + 1), LONGEST)))
                begin[fresh], counts[:, fresh] = first, known[:, fresh]
        self.begin, self.counts = begin, counts

    def add(
        self,
        objective: "NDArray[np.int64]",
        minute: int,
        good: "NDArray[np.int64]",
        total: "NDArray[np.int64]",
        is_fresh: "NDArray[np.bool_]",
    ) -> None:
        """Count what a minute added; the first one of a period begins anew.

        Args:
            objective: Position of each column's objective.
            minute: The newest closed one.
            good: Good events of each column since the last one.
            total: All of them.
            is_fresh: Columns that `arrange` has just begun: what they are given here they have already.
        """
        for at, first in self._first_minutes(minute).items():
            columns = np.flatnonzero((objective == at) & ~is_fresh)
            over = columns[self.begin[columns] < first]
            self.begin[over], self.counts[:, over] = first, 0
            self.counts[:, columns] += np.stack([good[columns], total[columns]])

    def _first_minutes(self, minute: int) -> dict[int, int]:
        return {
            at: period(minute, *calendar)[0]
            for at, calendar in enumerate(self._calendars)
            if calendar is not None
        }

    def load(self, periods: "NDArray[np.int64]") -> None:
        """Take what was held before: first minutes, good and total events of each column, a line each."""
        self.begin, self.counts = periods[0], periods[1:]
