"""Running totals of all series at the ends of minutes, so that any window is one subtraction.

Three rings, each coarser and longer than the one before it: every minute for 6 hours, every 5 minutes for
3 days, every hour for 30 days.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST: Final = 30 * 24 * 60
"""Length of the longest window, minutes."""

FINEST: Final = 6 * 60
"""Length of the longest window that begins at the end of any minute, minutes."""


@dataclass(slots=True)
class _Ring:
    """Totals at every instant that is a multiple of `step`, for as long as `span` and one step more."""

    step: int
    span: int
    totals: "NDArray[np.int64]"

    def slots(self, instants: "NDArray[np.int64]") -> "NDArray[np.int64]":
        return (instants // self.step) % len(self.totals)

    def write(self, after: int, upto: int, total: "NDArray[np.int64]") -> None:
        """Put `total` at every instant of the ring in (after, upto]."""
        first = max(after // self.step, upto // self.step - len(self.totals)) + 1
        instants = np.arange(first, upto // self.step + 1) * self.step
        self.totals[self.slots(instants)] = total

    def at(self, instant: int) -> "NDArray[np.int64]":
        """The totals at the last of the ring's instants at or before this one."""
        view: NDArray[np.int64] = self.totals[(instant // self.step) % len(self.totals)]
        return view


class Windows:
    """Several counters of many series over the last 30 days; integers, exact.

    A slot that was never written holds zero, and so many had been counted by then.

    Args:
        counters: How many counters each series has.

    Attributes:
        closed: The end of the newest closed minute, in minutes since 1970-01-01 UTC; None before the first.
        series: How many series there are.
        open: What the running minute has added so far, one row a counter and one column a series.
    """

    __slots__ = ("_counters", "_rings", "_total", "closed", "open", "series")

    def __init__(self, counters: int) -> None:
        self._counters = counters
        self.closed: int | None = None
        self.series = 0
        self.open = self._zeros(0)
        self._total = self._zeros(0)
        # One slot more than instants in the span, and one for the part of a step that the edge falls back.
        self._rings = tuple(
            _Ring(step, span, np.zeros((span // step + 2, counters, 0), np.int64))
            for step, span in ((1, FINEST), (5, 3 * 24 * 60), (60, LONGEST))
        )

    def add_series(self) -> int:
        """Make room for one more series, and tell its column."""
        if self.series == self.open.shape[1]:
            self._widen(max(8, 2 * self.series))
        self.series += 1
        return self.series - 1

    def close(self, until: int) -> None:
        """End every minute before `until`.

        What was open belongs to the last of them, the ones between are empty.

        Args:
            until: The end of the newest, > `closed`.
        """
        if self.closed is not None:
            self._write(self.closed, until - 1)
        self._total += self.open
        self.open[:] = 0
        self._write(until - 1, until)
        self.closed = until

    def within(self, columns: "NDArray[np.int64]", minutes: int) -> "NDArray[np.int64]":
        """What the last so many closed minutes added.

        A window of more than 6 hours may begin up to one step of its ring earlier, 5 minutes or an hour.

        Args:
            columns: Of which series.
            minutes: In 1..43200.

        Returns:
            One row a counter, one column for each of `columns`.
        """
        if self.closed is None:
            return np.zeros((self._counters, len(columns)), np.int64)
        ring = next(ring for ring in self._rings if minutes <= ring.span)
        edge = ring.at(self.closed - minutes)
        taken: NDArray[np.int64] = self._total[:, columns] - edge[:, columns]
        return taken

    def added_by(self, until: int) -> "NDArray[np.int64]":
        """What one minute added to every series.

        Args:
            until: The minute's end; at most 6 hours before `closed`.

        Raises:
            LookupError: It is not closed yet, or no longer held minute by minute.
        """
        if self.closed is None or not self.closed - FINEST < until <= self.closed:
            raise LookupError(f"minute {until - 1} is not among the last {FINEST} closed ones")
        finest = self._rings[0]
        added: NDArray[np.int64] = finest.at(until) - finest.at(until - 1)
        return added[:, : self.series]

    def _write(self, after: int, upto: int) -> None:
        for ring in self._rings:
            ring.write(after, upto, self._total)

    def _zeros(self, series: int) -> "NDArray[np.int64]":
        return np.zeros((self._counters, series), np.int64)

    def _widen(self, series: int) -> None:
        more = ((0, 0), (0, series - self.series))
        self.open, self._total = np.pad(self.open, more), np.pad(self._total, more)
        for ring in self._rings:
            ring.totals = np.pad(ring.totals, ((0, 0), *more))
