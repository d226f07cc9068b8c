"""Recorded traffic, minute by minute; what one minute added to each series."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.recording import SeriesKey
    from supervisor.clock import Seconds

REQUESTS: Final = 0
ERRORS: Final = 1
PLAIN: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class MinuteCounts:
    """What one minute added.

    Attributes:
        minute: Whole minutes since 1970.
        keys: Each series once; the same object for as long as the series are the same.
        counts: A column a series; rows are requests, errors, then for each threshold how many succeeded
            within it, and how many were timed against it.
    """

    minute: int
    keys: "Sequence[SeriesKey]"
    counts: "NDArray[np.int64]"


class Traffic(Protocol):
    """Something that can be replayed, as often as it is asked for.

    Attributes:
        thresholds: What the later rows of its counts are of, seconds.
    """

    thresholds: "tuple[Seconds, ...]"

    def minutes(self) -> Iterator[MinuteCounts]:
        """Its minutes, rising; those without anything are not there."""

    def span(self) -> "tuple[int, int] | None":
        """First and last minute; None if there is none."""

    def keys(self) -> "Iterable[SeriesKey]":
        """Every series."""


class Collected:
    """Traffic in memory, collected in any order: one row of numbers for each minute and series.

    Args:
        thresholds: That latencies are counted against, seconds.
    """

    __slots__ = ("_by_minute", "_numbers", "_width", "thresholds")

    def __init__(self, thresholds: "Sequence[Seconds]") -> None:
        self.thresholds = tuple(thresholds)
        self._width = PLAIN + 2 * len(self.thresholds)
        self._numbers: dict[SeriesKey, int] = {}
        self._by_minute: dict[int, dict[int, list[int]]] = {}

    def __len__(self) -> int:
        return len(self._by_minute)

    def cell(self, minute: int, key: "SeriesKey") -> list[int]:
        """The counts of one series in one minute, to be added to."""
        number = self._numbers.setdefault(key, len(self._numbers))
        of_minute = self._by_minute.setdefault(minute, {})
        cell = of_minute.get(number)
        if cell is None:
            cell = of_minute[number] = [0] * self._width
        return cell

    def add(self, minute: int, key: "SeriesKey", counts: Sequence[int]) -> None:
        """Add counts as `MinuteCounts` has them."""
        cell = self.cell(minute, key)
        for at, count in enumerate(counts):
            cell[at] += count

    def keys(self) -> "Iterable[SeriesKey]":
        """Every series."""
        return self._numbers

    def span(self) -> "tuple[int, int] | None":
        """First and last minute."""
        return (min(self._by_minute), max(self._by_minute)) if self._by_minute else None

    def minutes(self) -> Iterator[MinuteCounts]:
        """Its minutes, rising."""
        keys = list(self._numbers)
        shared: dict[tuple[int, ...], list[SeriesKey]] = {}
        for minute in sorted(self._by_minute):
            cells = self._by_minute[minute]
            numbers = tuple(cells)
            if numbers not in shared:
                shared.clear()
                shared[numbers] = [keys[number] for number in numbers]
            counts = np.array(list(cells.values()), np.int64).T
            yield MinuteCounts(minute, shared[numbers], counts)
