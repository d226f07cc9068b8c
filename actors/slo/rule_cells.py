"""Every rule of every column, whether it is true: whole numbers, all at once."""

from typing import TYPE_CHECKING, Final

import numpy as np

from actors.slo.burn_rate import is_true
from actors.slo.error_budget import Events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from actors.slo.columns import Columns
    from actors.slo.objective import Objective
    from actors.slo.rule import BurnRateRule

TRUE: Final = 1
FALSE: Final = 0
UNMEASURED: Final = -1

_NEAR: Final = 1e-9
"""Relative distance below which two floats do not tell which of their exact values is larger."""


class RuleCells:
    """The rules of the columns, one cell each; cells stand by column, then by rule.

    Args:
        columns: The columns.
        objectives: What they are of.
        rules: Of each objective, those that are evaluated.

    Attributes:
        column: Of each cell.
        objective: Position of the objective of each cell.
        first: The first cell of each column.
        rules: The rule of each cell.
        is_page: Which are of severity page.
        lengths: All windows that any of them looks at, minutes, rising.
        long_lengths: The long ones of them.
    """

    def __init__(
        self,
        columns: "Columns",
        objectives: "Sequence[Objective]",
        rules: "Sequence[Sequence[BurnRateRule]]",
    ) -> None:
        self.rules: list[BurnRateRule] = []
        self._objectives: list[Objective] = []
        for position, _ in columns.places:
            self.rules += rules[position]
            self._objectives += [objectives[position]] * len(rules[position])
        each = np.array([len(kept) for kept in rules], np.int64)[columns.objective]
        self.column: NDArray[np.int64] = np.repeat(np.arange(len(columns)), each)
        self.objective: NDArray[np.int64] = columns.objective[self.column]
        self.first: NDArray[np.int64] = np.cumsum(each) - each
        self.lengths = sorted({length for rule in self.rules for length in _windows(rule)})
        self.long_lengths = sorted({rule.long_window for rule in self.rules})
        at = {length: number for number, length in enumerate(self.lengths)}
        self._long = np.array([at[rule.long_window] for rule in self.rules], np.int64)
        self._short = np.array([at[rule.short_window] for rule in self.rules], np.int64)
        self.is_page: NDArray[np.bool_] = np.array([rule.severity == "page" for rule in self.rules], np.bool_)
        pairs = list(zip(self.rules, self._objectives, strict=True))
        self._limit = np.array([float(rule.burn_rate * one.error_budget) for rule, one in pairs], np.float64)
        self._min_bad = np.array([one.min_bad_events for one in self._objectives], np.int64)
        self._needed = np.array(
            [float(one.min_coverage * rule.long_window) for rule, one in pairs], np.float64
        )

    def __len__(self) -> int:
        return len(self.rules)

    def before(
        self, columns_before: "NDArray[np.int64]", first_before: "NDArray[np.int64]"
    ) -> "NDArray[np.int64]":
        """For each cell where it stood among others, -1 where it is new.

        Args:
            columns_before: For each column where it stood, -1 where it is new.
            first_before: The first cell of each column then.
        """
        was = columns_before[self.column]
        stood = np.full(len(self), -1, np.int64)
        is_old = was != -1
        offset = np.arange(len(self)) - self.first[self.column]
        stood[is_old] = first_before[was[is_old]] + offset[is_old]
        return stood

    def truths(
        self,
        events: "Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]]",
        measured: "Mapping[int, NDArray[np.int64]]",
        is_gone: "NDArray[np.bool_]",
    ) -> "NDArray[np.int8]":
        """Whether each rule is true, as `burn_rate.is_true` says of one.

        Args:
            events: Good and total events by column, for each of `lengths`.
            measured: Measured minutes by column, for each long window.
            is_gone: Columns of which nothing is expected any more; there silence is an end.
        """
        if not len(self):
            return np.zeros(0, np.int8)
        good = np.stack([events[length][0] for length in self.lengths])
        total = np.stack([events[length][1] for length in self.lengths])
        bad = total - good
        covered = np.stack([measured.get(length, good[0]) for length in self.lengths])
        column, long, short = self.column, self._long, self._short
        long_bad, long_total = bad[long, column], total[long, column]
        short_bad, short_total = bad[short, column], total[short, column]
        minutes = covered[long, column]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(self._needed > 0, np.minimum(1.0, minutes / self._needed), 1.0)
        fast, near = np.ones(len(self), np.bool_), np.zeros(len(self), np.bool_)
        for found, allowed in (
            (long_bad * share, self._limit * long_total),
            (short_bad.astype(np.float64), self._limit * short_total),
        ):
            fast &= found > allowed
            near |= np.abs(found - allowed) <= _NEAR * np.maximum(found, allowed)
        fast &= (long_bad >= self._min_bad) & (long_total > 0) & (short_total > 0)
        states = fast.astype(np.int8)
        states[(short_total == 0) & (self._needed > 0) & ~is_gone[column]] = UNMEASURED
        for cell in np.flatnonzero(near & (long_total > 0) & (short_total > 0)).tolist():
            states[cell] = self._exactly(cell, events, int(minutes[cell]))
        return states

    def _exactly(
        self,
        cell: int,
        events: "Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]]",
        measured: int,
    ) -> int:
        rule, column = self.rules[cell], int(self.column[cell])
        long, short = (
            Events(int(events[length][0][column]), int(events[length][1][column]))
            for length in (rule.long_window, rule.short_window)
        )
        return int(is_true(rule, long, short, self._objectives[cell], measured=measured) is True)


def _windows(rule: "BurnRateRule") -> tuple[int, int]:
    return rule.short_window, rule.long_window
