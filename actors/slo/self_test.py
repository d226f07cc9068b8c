"""A shadow of each objective lives through a total outage: do its rules what the formulas say?

The shadow has tables and an evaluator of its own, of the very classes that judge the real traffic. Where it
disagrees with the formulas, the fault is ours and not that of the objective.
"""

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Final

from actors.recording.counts import Counts
from actors.recording.old_minutes import OLDEST
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables
from actors.slo.burn_rate import rules_for
from actors.slo.evaluator import Evaluator
from actors.slo.expected import (
    START,
    Expected,
    expected,
    outage_length,
    predictions_a_minute,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from actors.slo.objective import Objective

_THRESHOLD: Final = 0.1
_CASE: Final = "case"
_HOUR: Final = 60
_AFTERWARDS: Final = 10


@dataclass(frozen=True, slots=True)
class RuleTest:
    """What one rule should do in a total outage, and what it did.

    Attributes:
        expected: By the formulas.
        fired: Minutes from the beginning of the outage; None if it did not, or not just once.
        resolved: Minutes from its end.
    """

    expected: Expected
    fired: int | None
    resolved: int | None

    @property
    def is_right(self) -> bool:
        """Whether it did just that."""
        return (self.fired, self.resolved) == (self.expected.fires, self.expected.resolves)

    def __str__(self) -> str:
        return (
            f"{self.expected.rule} must fire after {_said(self.expected.fires)} and resolve after "
            f"{_said(self.expected.resolves)}, and its shadow did after {_said(self.fired)} and "
            f"{_said(self.resolved)}"
        )


class SelfTest:
    """Has a shadow of each objective live through a total outage.

    All live in one run, each with a series of its own, and objectives that differ in nothing that matters
    share one: what it costs is the length of the longest window, and hardly the number of objectives.

    Args:
        objectives: Each name once.
    """

    def __init__(self, objectives: "Sequence[Objective]") -> None:
        numbers: dict[tuple[object, ...], int] = {}
        self._shadow_of = {one.name: numbers.setdefault(_shape(one), len(numbers)) for one in objectives}
        self._shadows = {self._shadow_of[one.name]: _Shadow(one) for one in objectives}

    def run(self) -> "dict[str, tuple[RuleTest, ...]]":
        """All of it at once: of each objective, by its name, its rules in order."""
        for _ in self.steps():
            pass
        return self.found()

    def steps(self) -> "Iterator[None]":
        """The same minute by minute, for whoever has something else to do in between."""
        if self._shadows:
            yield from _live_through(list(self._shadows.values()))

    def found(self) -> "dict[str, tuple[RuleTest, ...]]":
        """What was found, once all steps are done."""
        return {name: self._shadows[number].found() for name, number in self._shadow_of.items()}


class _Shadow:
    """One objective of one series that nobody else counts."""

    def __init__(self, objective: "Objective") -> None:
        self.key = SeriesKey("shadow", "1", ((_CASE, objective.name),))
        self.objective = replace(
            objective,
            match={_CASE: objective.name},
            group_by=(),
            rollup=False,
            calendar=None,
            threshold=_THRESHOLD if objective.sli == "latency" else None,
        )
        self.expected = expected(rules_for(objective).kept, objective)
        self.outage = outage_length(one.fires for one in self.expected)
        self.changes: dict[tuple[str, str], int | None] = {}

    @property
    def longest_window(self) -> int:
        return max((one.rule.long_window for one in self.expected), default=0)

    @property
    def end(self) -> int:
        """A little after its last rule has resolved."""
        return (
            START + self.outage + max((one.resolves or 0 for one in self.expected), default=0) + _AFTERWARDS
        )

    def counts(self, minute: int, minutes: int) -> Counts:
        """What some minutes bring, all of them before the outage, in it, or after it."""
        requests = predictions_a_minute(self.objective) * minutes
        is_out = START <= minute < START + self.outage
        if self.objective.sli == "latency":
            return Counts(requests, within={_THRESHOLD: 0 if is_out else requests, inf: requests})
        return Counts(requests, errors=requests if is_out else 0)

    def note(self, rule: str, kind: str, tick: int) -> None:
        """Put down when it happened; what happens twice is no answer."""
        since = START if kind == "fired" else START + self.outage
        self.changes[rule, kind] = None if (rule, kind) in self.changes else tick - since

    def found(self) -> tuple[RuleTest, ...]:
        return tuple(
            RuleTest(
                one,
                self.changes.get((one.rule.name, "fired")),
                self.changes.get((one.rule.name, "resolved")),
            )
            for one in self.expected
        )


def _live_through(shadows: "Sequence[_Shadow]") -> "Iterator[None]":
    tables = Tables([_THRESHOLD])
    evaluator = Evaluator([one.objective for one in shadows], tables)
    by_name = {one.objective.name: one for one in shadows}
    past, end = _beginning(shadows), max(one.end for one in shadows)
    told = _told_of_a_clean_minute(shadows, past)
    while past < START:
        minutes = _minutes_at_once(past)
        _count(tables, shadows, past, minutes)
        for minute in range(past, past + minutes) if told else ():
            evaluator.load_tallies(minute, told)
        past += minutes
        yield
    for minute in range(START, end):
        _count(tables, shadows, minute, 1)
        for change in evaluator.evaluate().changes:
            by_name[change.slo].note(change.rule, change.kind, change.minute + 1)
        yield


def _count(tables: Tables, shadows: "Sequence[_Shadow]", minute: int, minutes: int) -> None:
    for one in shadows:
        tables.add_counts(one.key, one.counts(minute, minutes))
    tables.close_minutes(minute + minutes)


def _told_of_a_clean_minute(shadows: "Sequence[_Shadow]", minute: int) -> bytes:
    """What an evaluator must be told of a past that it has not seen: a quantile's events are minutes."""
    tables = Tables([_THRESHOLD])
    _count(tables, shadows, minute, 1)
    return Evaluator([one.objective for one in shadows], tables).evaluate().tallies


def _beginning(shadows: "Sequence[_Shadow]") -> int:
    """Where a clean past begins that no window reaches beyond, not even by the rounding of its begin."""
    return START - max(one.longest_window for one in shadows) // _HOUR * _HOUR - 2 * _HOUR


def _minutes_at_once(minute: int) -> int:
    """In the clean past only those minutes are told apart that a window can begin with."""
    return 1 if minute >= START - OLDEST else _HOUR


def _shape(objective: "Objective") -> tuple[object, ...]:
    """All that makes a difference to its rules."""
    return (
        objective.sli,
        objective.quantile,
        objective.target,
        objective.window_minutes,
        objective.resolve_hold,
        objective.min_coverage,
        objective.min_bad_events,
        objective.min_slice_events,
        objective.own_rules,
    )


def _said(minutes: int | None) -> str:
    return "never" if minutes is None else f"{minutes} min"
