"""Minutes of counts through tables and an evaluator: when rules fire and resolve."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import TypeAlias

from actors.recording.counts import Counts
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables
from actors.slo import Evaluator, Objective, RuleChange
from tests.slo.replay import CLEAN_BEFORE, Spans, Traffic

FIRST_MINUTE = 29_000_000
ONE = SeriesKey("fraud", "1")
Minute: TypeAlias = Mapping[SeriesKey, tuple[int, int]]
"""(bad, total) of each series."""


class Judged:
    """Minutes go in, changes of rules come out.

    Attributes:
        changes: Of all minutes so far.
        tick: How many minutes have gone by.
    """

    def __init__(self, *objectives: Objective, first: int = FIRST_MINUTE, every: int = 1) -> None:
        self.objectives = objectives
        thresholds = [one.threshold for one in objectives if one.threshold is not None]
        self.tables = Tables(thresholds, bounds=())
        self.evaluator = Evaluator(objectives, self.tables, every=every)
        self.first, self.tick = first, 0
        self.changes: list[RuleChange] = []

    def minute(self, minute: Minute) -> Sequence[RuleChange]:
        """Count one minute, close and judge it."""
        for key, (bad, total) in minute.items():
            if total:
                self.tables.add_counts(key, self._counts(bad, total))
        return self.skip(1)

    def _counts(self, bad: int, total: int) -> Counts:
        """Bad ones fail, or are slow where any objective is of latency."""
        if not self.tables.thresholds:
            return Counts(total, bad)
        return Counts(total, 0, {**dict.fromkeys(self.tables.thresholds, total - bad), inf: total})

    def skip(self, minutes: int, *, is_partial: bool = False) -> Sequence[RuleChange]:
        """Let so many minutes go by at once, and judge the last."""
        self.tick += minutes
        self.tables.close_minutes(self.first + self.tick)
        changes = self.evaluator.evaluate(is_partial=is_partial).changes
        self.changes += changes
        return changes

    def run(self, traffic: Iterable[tuple[int, int]], key: SeriesKey = ONE) -> None:
        """Minutes of one series."""
        for counts in traffic:
            self.minute({key: counts})

    def spans(self, since: int = 0) -> dict[str, Spans]:
        """When each rule fired and resolved, in ticks since a tick."""
        found: dict[str, Spans] = {}
        for change in self.changes:
            spans, tick = found.setdefault(change.rule, []), change.minute + 1 - self.first - since
            if change.kind == "fired":
                spans.append((tick, None))
            else:
                spans[-1] = (spans[-1][0], tick)
        return found


def evaluated_spans(
    promise: Objective, incident: Traffic, *, before: int = 1000, history: int = CLEAN_BEFORE
) -> dict[str, Spans]:
    """When each rule fires and resolves, in ticks since the incident began, after clean minutes."""
    judged = Judged(promise)
    judged.run([(0, before)] * history)
    judged.run(incident)
    names = {rule.name: list[tuple[int, int | None]]() for rule in judged.evaluator.rules[promise.name].kept}
    return names | judged.spans(since=history)
