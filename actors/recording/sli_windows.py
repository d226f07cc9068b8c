"""Good and total events of every series over any window, from counters that cost nothing until they count.

Successes are timed unless somebody else's buckets do not tell; so what is held for a threshold is how many
were within it, and the difference between those that succeeded and those that were timed, either way.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from supervisor.clock import Seconds

PLAIN: Final = 4
REQUESTS, ERRORS, _CANCELLED, _INVALID = range(PLAIN)
EACH: Final = 3
WITHIN, UNTIMED, OVERTIMED = range(EACH)


class SLIWindows(Windows):
    """Rows of requests, errors, cancelled and invalid ones, and of what was within each threshold.

    Args:
        thresholds: Seconds, each once.

    Attributes:
        thresholds: As given.
    """

    __slots__ = ("thresholds",)

    def __init__(self, thresholds: "Sequence[Seconds]") -> None:
        super().__init__(PLAIN + EACH * len(thresholds))
        self.thresholds = tuple(thresholds)

    def count(self, row: int, plain: "Sequence[int]", latency: "Sequence[tuple[int, int]]") -> None:
        """Count some predictions of a row in the running minute.

        Args:
            row: Which.
            plain: Requests, errors, cancelled and invalid ones.
            latency: For each threshold how many succeeded within it, and how many were timed against it.
        """
        for counter, count in enumerate(plain):
            if count:
                self.add(row, counter, count)
        succeeded = plain[REQUESTS] - plain[ERRORS]
        for at, (within, timed) in enumerate(latency):
            first = PLAIN + EACH * at
            self.add(row, first + WITHIN, within)
            self.add(row, first + UNTIMED, max(0, succeeded - timed))
            self.add(row, first + OVERTIMED, max(0, timed - succeeded))

    def count_many(self, rows: "NDArray[np.int64]", counts: "NDArray[np.int64]") -> None:
        """Count predictions of several rows, each once, in the running minute.

        Args:
            rows: Which.
            counts: A column for each; requests, errors, and for each threshold the two that `count` takes.
        """
        self.add_many(rows, REQUESTS, counts[0])
        self.add_many(rows, ERRORS, counts[1])
        succeeded = counts[0] - counts[1]
        for at in range(len(self.thresholds)):
            within, timed = counts[2 + 2 * at], counts[3 + 2 * at]
            first = PLAIN + EACH * at
            self.add_many(rows, first + WITHIN, within)
            self.add_many(rows, first + UNTIMED, np.maximum(0, succeeded - timed))
            self.add_many(rows, first + OVERTIMED, np.maximum(0, timed - succeeded))

    def events(
        self, minutes: int, threshold: "Seconds | None"
    ) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Good and total events of every row over the last so many closed minutes.

        Args:
            minutes: Length of the window, 1..43200.
            threshold: None for availability: successes, and all. Else one of `thresholds`: successes within
                it, and those that were timed against it.

        Returns:
            Neither to be written to.

        Raises:
            ValueError: Nothing is counted against that threshold.
        """
        requests, errors = (self.within(counter, minutes) for counter in (REQUESTS, ERRORS))
        if threshold is None:
            return requests - errors, requests
        first = self._first(threshold)
        within, untimed, overtimed = (self.within(first + at, minutes) for at in range(EACH))
        return within, requests - errors - untimed + overtimed

    def events_by_hour(
        self, rows: "NDArray[np.int64]", hours: int, threshold: "Seconds | None"
    ) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Good and total events of some rows together in each of the last so many hours, the oldest first.

        Raises:
            ValueError: Nothing is counted against that threshold.
        """
        requests, errors = (self.by_hour(counter, rows, hours) for counter in (REQUESTS, ERRORS))
        if threshold is None:
            return requests - errors, requests
        first = self._first(threshold)
        within, untimed, overtimed = (self.by_hour(first + at, rows, hours) for at in range(EACH))
        return within, requests - errors - untimed + overtimed

    def is_counting(self, minutes: int) -> "NDArray[np.bool_]":
        """Which rows have counted anything in the running minute, or in the last so many."""
        counted = np.zeros(self.rows, np.int64)
        for counter in (REQUESTS, _CANCELLED, _INVALID):
            counted += self.running(counter) + self.within(counter, minutes)
        return counted > 0

    def _first(self, threshold: "Seconds") -> int:
        if threshold not in self.thresholds:
            raise ValueError(f"threshold must be one of {self.thresholds} seconds, got {threshold!r}")
        return PLAIN + EACH * self.thresholds.index(threshold)
