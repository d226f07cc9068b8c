"""The events that count for each column.

Those that the tables hold, but for minutes that are events themselves, for what a maintenance takes out, and
for periods of the calendar.
"""

from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

from actors.recording.rings import LONGEST
from actors.slo.columns import Columns
from actors.slo.maintenance import treated
from actors.slo.periods import Periods
from actors.slo.slices import is_good, least_events
from actors.slo.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from actors.recording.tables import Tables
    from actors.slo.maintenance import Maintenance
    from actors.slo.objective import Objective

Counts: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.int64]]"
"""Good and total events by column."""


class Counted:
    """Good and total events of each column over any window that ends with the newest closed minute.

    Args:
        objectives: In the order of their columns.
        tables: What is counted by series.
        maintenance: What is planned; None is nothing ever.

    Attributes:
        columns: As they are arranged now.
        periods: Budgets by the calendar.
    """

    def __init__(
        self, objectives: "Sequence[Objective]", tables: "Tables", maintenance: "Maintenance | None"
    ) -> None:
        self._objectives, self._tables, self._maintenance = objectives, tables, maintenance
        self.columns = Columns(objectives, {})
        self.periods = Periods(objectives)
        self._slices, self._removed = Tallies(), Tallies()
        self._has_slices = any(one.quantile is not None for one in objectives)
        self._is_slice: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._raw: dict[int, Counts] = {}  # what was asked since the last minute closed

    def arrange(self, columns: Columns, before: "NDArray[np.int64]", minute: int) -> None:
        """Go over to other columns; for each where it stood, -1 where it is new."""
        self.columns = columns
        self._raw.clear()
        is_slice = np.array([one.quantile is not None for one in self._objectives], np.bool_)
        self._is_slice = is_slice[columns.objective]
        for tallies in (self._slices, self._removed):
            tallies.arrange(columns.keys)
        self.periods.arrange(before, columns.objective, minute, self.within)

    def begin(self) -> None:
        """A minute has closed: what was known of windows holds no more."""
        self._raw.clear()

    def close(self, minute: int, minutes: int, is_fresh: "NDArray[np.bool_]") -> bytes:
        """Count what the last so many minutes, up to this one, have brought.

        Args:
            minute: The newest closed one.
            minutes: How many have closed since the last time, 1..43200.
            is_fresh: Columns that `arrange` has just begun.

        Returns:
            What `load_tallies` must be given to count this minute again; mostly nothing.
        """
        good, total = self.raw(minutes)
        if self._has_slices:
            good, total = self._as_slices(good, total)
        if self._maintenance is not None and self._maintenance.active(minute):
            good, total = self._taken_out(self._maintenance, minute, good, total)
        told = [tallies.close(minute) for tallies in (self._slices, self._removed)]
        if self.periods.is_needed:
            self.periods.add(self.columns.objective, minute, good, total, is_fresh)
        return msgspec.msgpack.encode(told) if any(told) else b""

    def load_tallies(self, minute: int, told: bytes) -> None:
        """Take back what `close` told of a minute; oldest first."""
        for tallies, one in zip((self._slices, self._removed), msgspec.msgpack.decode(told), strict=True):
            if one:
                tallies.load(minute, one)

    def raw(self, minutes: int) -> Counts:
        """What the tables hold: predictions, whatever counts of them."""
        counts = self._raw.get(minutes)
        if counts is None:
            counts = self._raw[minutes] = self.columns.events(self._tables, minutes)
        return counts

    def within(self, minutes: int) -> Counts:
        """What counts, over the last so many closed minutes, 1..43200."""
        good, total = self.raw(minutes)
        if self._has_slices:
            good_minutes, all_minutes = self._slices.events(minutes)
            good = np.where(self._is_slice, good_minutes, good)
            total = np.where(self._is_slice, all_minutes, total)
        if self._removed:
            bad, removed = self._removed.events(minutes)
            good, total = good - (removed - bad), total - removed
        return good, total

    def whole(self) -> Counts:
        """What counts, over the window of each column's own objective."""
        good, total = np.zeros((2, len(self.columns)), np.int64)
        lengths = np.array([one.window_minutes for one in self._objectives], np.int64)[self.columns.objective]
        begun = self.periods.begin
        for length in np.unique(lengths[begun < 0]).tolist():
            is_mine = (lengths == length) & (begun < 0)
            of_length = self.within(min(length, LONGEST))
            good[is_mine], total[is_mine] = of_length[0][is_mine], of_length[1][is_mine]
        good, total = np.where(begun < 0, (good, total), self.periods.counts)
        return good, total

    def _as_slices(self, good: "NDArray[np.int64]", total: "NDArray[np.int64]") -> Counts:
        """One event for each column whose minutes are judged, if it had enough predictions."""
        good, total = good.copy(), total.copy()
        of_objective: dict[int, list[bool]] = {}
        # From the last to the first: all groups together stand before each of them.
        for column in np.flatnonzero(self._is_slice)[::-1].tolist():
            position, group = self.columns.places[column]
            objective, verdicts = self._objectives[position], of_objective.setdefault(position, [])
            verdict = self._verdict(objective, int(good[column]), int(total[column]))
            if objective.group_by and not group:
                verdict = [all(verdicts)] if verdicts else []
            verdicts += verdict
            good[column], total[column] = sum(verdict), len(verdict)
            if verdict:
                self._slices.add(self.columns.keys[column], sum(verdict), 1)
        return good, total

    @staticmethod
    def _verdict(objective: "Objective", within: int, timed: int) -> list[bool]:
        if objective.quantile is None or timed < least_events(objective):
            return []
        return [is_good(within, timed, objective.quantile)]

    def _taken_out(
        self, maintenance: "Maintenance", minute: int, good: "NDArray[np.int64]", total: "NDArray[np.int64]"
    ) -> Counts:
        """Without what was counted under a maintenance; what was bad is good where it says so."""
        good, total = good.copy(), total.copy()
        for column in np.flatnonzero(total).tolist():
            position, group = self.columns.places[column]
            treatment = maintenance.for_group(self._objectives[position], group, minute)
            if treatment is not None:
                was_good, was_total = int(good[column]), int(total[column])
                still_good, still_total = treated(was_good, was_total, treatment)
                bad = (was_total - was_good) - (still_total - still_good)
                self._removed.add(self.columns.keys[column], bad, was_total - still_total)
                good[column], total[column] = still_good, still_total
        return good, total
