"""Every objective and group as one column, and where the events of each stand in the tables."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from actors.slo.grouping import Group, group_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from actors.recording.series import SeriesKey
    from actors.recording.tables import Tables
    from actors.slo.objective import Objective
    from supervisor.clock import Seconds

Key: TypeAlias = tuple[str, Group]
"""The objective's name, and the group."""
Place: TypeAlias = tuple[int, Group]
"""The objective by its position, and the group: columns stand in this order."""


class Membership:
    """Which columns a series counts in; found once for each series.

    Args:
        objectives: In the order of their columns.
    """

    def __init__(self, objectives: "Sequence[Objective]") -> None:
        self._objectives = objectives
        self._anywhere: list[int] = []
        self._by_label: dict[tuple[str, str], list[int]] = {}
        for position, objective in enumerate(objectives):
            label = next(iter(objective.match.items()), None)
            (self._anywhere if label is None else self._by_label.setdefault(label, [])).append(position)
        self._known: dict[SeriesKey, tuple[Place, ...]] = {}

    def places(self, series: "Iterable[tuple[int, SeriesKey]]") -> "dict[Place, list[int]]":
        """Rows of the series in each column, in the columns' order."""
        rows: dict[Place, list[int]] = {}
        known: dict[SeriesKey, tuple[Place, ...]] = {}
        for row, key in series:
            places = self._known.get(key)
            known[key] = places = tuple(self._of(key)) if places is None else places
            for place in places:
                rows.setdefault(place, []).append(row)
        self._known = known
        return dict(sorted(rows.items()))

    def _of(self, key: "SeriesKey") -> "Iterator[Place]":
        labels = key.all_labels()
        found = list(self._anywhere)
        for label in labels.items():
            found += self._by_label.get(label, ())
        for position in found:
            objective = self._objectives[position]
            if objective.match.items() <= labels.items():
                yield position, group_of(labels, objective.group_by)
                if objective.rollup and objective.group_by:
                    yield position, ()


@dataclass(frozen=True, slots=True)
class _Stream:
    """Columns whose events are counted against the same threshold."""

    threshold: "Seconds | None"
    columns: "NDArray[np.int64]"
    rows: "NDArray[np.int64]"
    starts: "NDArray[np.int64]"

    def summed(self, counted: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """By column, from what is counted by row."""
        of_rows: NDArray[np.int64] = counted[self.rows]
        if len(self.rows) == len(self.columns):
            return of_rows
        together: NDArray[np.int64] = np.add.reduceat(of_rows, self.starts)
        return together


class Columns:
    """The columns of one state of the tables: as long as no series comes or goes.

    Args:
        objectives: In the order of their columns.
        rows: Of the series in each column.

    Attributes:
        places: Of each column.
        keys: The same, the objective by its name.
        objective: Position of each column's objective.
        rows: Of the series in each column.
    """

    def __init__(self, objectives: "Sequence[Objective]", rows: "dict[Place, list[int]]") -> None:
        self.places: tuple[Place, ...] = tuple(rows)
        self.keys: tuple[Key, ...] = tuple((objectives[at].name, group) for at, group in rows)
        self.objective: NDArray[np.int64] = np.array([at for at, _ in rows], np.int64)
        self.rows = [np.array(one, np.int64) for one in rows.values()]
        self._streams = tuple(self._stream(objectives, one) for one in _thresholds(objectives))

    def __len__(self) -> int:
        return len(self.keys)

    def _stream(self, objectives: "Sequence[Objective]", threshold: "Seconds | None") -> _Stream:
        columns = [
            column for column, (at, _) in enumerate(self.places) if objectives[at].threshold == threshold
        ]
        rows = [self.rows[column] for column in columns]
        starts = np.cumsum([0, *map(len, rows)])[:-1]
        together = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        return _Stream(threshold, np.array(columns, np.int64), together, starts)

    def events(self, tables: "Tables", minutes: int) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Good and total events of every column over the last so many closed minutes.

        Args:
            tables: That the columns were made of.
            minutes: 1..43200.
        """
        good, total = np.zeros((2, len(self)), np.int64)
        for stream in self._streams:
            if len(stream.columns):
                of_rows = tables.all_sli_counts(minutes, stream.threshold)
                for counts, counted in zip((good, total), of_rows, strict=True):
                    counts[stream.columns] = stream.summed(counted)
        return good, total


def _thresholds(objectives: "Sequence[Objective]") -> "tuple[Seconds | None, ...]":
    return tuple(dict.fromkeys(objective.threshold for objective in objectives))
