"""Recorded traffic through the evaluator that a node has: minute by minute, those without traffic too."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from actors.recording import Tables
from actors.replay.curves import Curves
from actors.replay.episodes import Episode, incidents
from actors.replay.stretch import began
from actors.slo.evaluator import Evaluator
from actors.slo.grouping import grouped
from actors.slo.maintenance import Maintenance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from actors.replay.traffic import MinuteCounts, Traffic
    from actors.slo import Judgement, Objective
    from actors.slo.evaluated import RuleChange
    from actors.slo.grouping import Group
    from actors.slo.maintenance import Window


@dataclass(frozen=True, slots=True)
class Case:
    """One configuration to replay.

    Attributes:
        name: For people.
        objectives: Each name once.
        windows: Of maintenance.
    """

    name: str
    objectives: "tuple[Objective, ...]"
    windows: "tuple[Window, ...]" = ()


@dataclass(slots=True)
class Replayed:
    """What one configuration would have done.

    Attributes:
        case: Which.
        first: First minute of the traffic.
        last: Last minute of the traffic.
        episodes: Each time a rule fired, in that order.
        judgements: How each group of each objective stood at the end.
        curves: Budget and burn rates over time, of the first few groups.
    """

    case: Case
    first: int
    last: int
    episodes: list[Episode] = field(default_factory=list)
    judgements: "list[Judgement]" = field(default_factory=list)
    curves: Curves = field(default_factory=Curves)

    @property
    def minutes(self) -> int:
        """Length of the traffic."""
        return self.last - self.first + 1

    @property
    def pages(self) -> int:
        """How often somebody would have been woken."""
        return incidents(self.episodes, "page")

    @property
    def tickets(self) -> int:
        """How many tickets there would have been."""
        return incidents(self.episodes, "ticket")


def replay(
    traffic: "Traffic",
    cases: Sequence[Case],
    *,
    on_minute: Callable[[int], object] = lambda _: None,
    curve_points: int = 0,
) -> list[Replayed]:
    """Judge traffic by several configurations at once.

    It ends with the last minute: what fires then has not resolved. Windows of up to three days are exact to
    the minute, as those of a node are.

    Args:
        traffic: What happened; its thresholds must have those of all objectives.
        cases: By which objectives it is judged.
        on_minute: Told of each minute that is done.
        curve_points: How many points of each curve are kept, about; 0 keeps none.

    Returns:
        One of each case; without any traffic none.
    """
    span = traffic.span()
    if span is None:
        return []
    tables = Tables(traffic.thresholds)
    drivers = [_Driver(case, tables, *span, curve_points) for case in cases]
    for minute, counts in _every_minute(traffic.minutes(), *span):
        if counts is not None:
            tables.add_events(counts.keys, counts.counts)
        tables.close_minutes(minute + 1)
        for driver in drivers:
            driver.step(minute)
        on_minute(minute)
    return [driver.done() for driver in drivers]


def _every_minute(
    minutes: "Iterator[MinuteCounts]", first: int, last: int
) -> "Iterator[tuple[int, MinuteCounts | None]]":
    """Those between them too."""
    upcoming = next(minutes, None)
    for minute in range(first, last + 1):
        if upcoming is not None and upcoming.minute == minute:
            yield minute, upcoming
            upcoming = next(minutes, None)
        else:
            yield minute, None


class _Driver:
    """One configuration on its way through the minutes."""

    def __init__(self, case: Case, tables: Tables, first: int, last: int, curve_points: int) -> None:
        self._tables, self._objectives = tables, {one.name: one for one in case.objectives}
        maintenance = Maintenance(case.windows) if case.windows else None
        self._evaluator = Evaluator(case.objectives, tables, maintenance=maintenance)
        self._replayed = Replayed(case, first, last)
        self._open: dict[tuple[str, Group, str, str], Episode] = {}
        self._every = max(1, (last - first + 1) // curve_points) if curve_points else 0
        self._rows: dict[str, dict[Group, NDArray[np.int64]]] = {}
        self._series_version: int | None = None

    def step(self, minute: int) -> None:
        for change in self._evaluator.evaluate().changes:
            key = (change.slo, change.group, change.rule, change.severity)
            if change.kind == "fired":
                self._open[key] = self._episode(change)
                self._replayed.episodes.append(self._open[key])
            elif key in self._open:
                self._open.pop(key).resolved_tick = change.minute + 1
        if self._every and (minute - self._replayed.first) % self._every == 0:
            self._replayed.curves.add(minute, self._evaluator)

    def done(self) -> Replayed:
        self._replayed.judgements = self._evaluator.judgements()
        if self._every:
            self._replayed.curves.add(self._replayed.last, self._evaluator)
        return self._replayed

    def _episode(self, change: "RuleChange") -> Episode:
        left = change.budget_left
        episode = Episode(
            change.slo,
            change.group,
            change.rule,
            change.severity,
            change.minute + 1,
            None if left is None else float(1 - left),
            change.is_muted,
        )
        rules = {(one.name, one.severity): one for one in self._evaluator.rules[change.slo].kept}
        rule = rules.get((change.rule, change.severity))
        if rule is not None:
            objective, rows = self._objectives[change.slo], self._rows_of(change.slo, change.group)
            good, total = self._tables.sli_counts(rows, rule.long_window, objective.threshold)
            episode.bad_events, episode.total_events = total - good, total
            quantile = objective.quantile
            episode.began = began(
                lambda minutes: self._tables.sli_counts(rows, minutes, objective.threshold),
                change.minute,
                long_window=rule.long_window,
                short_window=rule.short_window,
                error_budget=objective.error_budget if quantile is None else 1 - quantile,
            )
        return episode

    def _rows_of(self, slo: str, group: "Group") -> "NDArray[np.int64]":
        if self._series_version != self._tables.series_version:
            self._rows, self._series_version = {}, self._tables.series_version
        if slo not in self._rows:
            objective = self._objectives[slo]
            series = self._tables.select(objective.match)
            self._rows[slo] = {**grouped(series, objective.group_by), **grouped(series, ())}
        return self._rows[slo][group]
