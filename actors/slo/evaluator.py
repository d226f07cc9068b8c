"""All objectives and groups judged at once, minute by minute; without a clock, and without I/O.

Whoever owns one drives it: the node's monitor once a minute, a replay as fast as it can.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.rings import LONGEST
from actors.recording.steps import at_once
from actors.slo.burn_rate import rules_for
from actors.slo.columns import Columns, Key, Membership
from actors.slo.counted import Counted, Counts
from actors.slo.coverage import UNBORN, Coverage
from actors.slo.error_budget import Events, budget_left
from actors.slo.evaluated import Condition, Evaluated, RuleChange
from actors.slo.evaluator_state import EvaluatorState, decode_state, encode_state
from actors.slo.firing import Firing
from actors.slo.judge import Judgement, judge
from actors.slo.rule_cells import RuleCells
from actors.slo.rule_lives import NEVER, RuleLives

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from numpy.typing import NDArray

    from actors.recording.tables import Tables
    from actors.slo.grouping import Group
    from actors.slo.maintenance import Maintenance
    from actors.slo.objective import Objective
    from actors.slo.rule import BurnRateRule

BLIND_WINDOW: Final = 60
"""Minutes of which less than `min_coverage` must have been measured for one to be blind."""
GONE_AFTER: Final = 1440
"""Minutes of silence after which nothing is expected any more of series that have retired."""

_A_STEP: Final = 32
"""Groups that are told of in one step of a few milliseconds."""
_BORN_STEPS: Final = (1, 5, 30, 60, 120, 360, 1440, 4320, LONGEST)


class Evaluator:
    """Judges each group of each objective by what the tables hold.

    Args:
        objectives: What was promised; each name once.
        tables: The counts.
        every: Minutes from one evaluation to the next, where nothing keeps it from looking.
        maintenance: What is planned; None is nothing ever.

    Attributes:
        objectives: As given.
        rules: Of each objective, by its name.
        minute: The newest minute that was judged; None before the first.
    """

    def __init__(
        self,
        objectives: "Sequence[Objective]",
        tables: "Tables",
        *,
        every: int = 1,
        maintenance: "Maintenance | None" = None,
    ) -> None:
        self.objectives, self._tables, self._every = tuple(objectives), tables, every
        self.rules = {one.name: rules_for(one) for one in self.objectives}
        self.minute: int | None = None
        self._kept: list[tuple[BurnRateRule, ...]] = [self.rules[one.name].kept for one in self.objectives]
        self._position = {one.name: at for at, one in enumerate(self.objectives)}
        self._membership = Membership(self.objectives)
        self._counted = Counted(self.objectives, tables, maintenance)
        self._firing = Firing(RuleCells(self._counted.columns, self.objectives, self._kept))
        self._stood: dict[Key, int] = {}  # where each column stands
        self._coverage = Coverage()
        self._hold: NDArray[np.int64] = np.zeros(0, np.int64)  # by column
        self._needed: NDArray[np.float64] = np.zeros(0, np.float64)  # measured minutes of the last hour
        self._series_version: int | None = None
        self._events: Mapping[int, Counts] = {}
        self._whole: Counts = (np.zeros(0, np.int64), np.zeros(0, np.int64))
        self._states: NDArray[np.int8] = np.zeros(0, np.int8)
        self._made: dict[int, Judgement] = {}
        self._p99s: dict[int, float] = {}  # by column; nan where nothing was timed

    # --- evaluating ---------------------------------------------------------------------------------------

    def evaluate(self, *, is_partial: bool = False) -> Evaluated:
        """Judge the newest closed minute, unless that has been done.

        Args:
            is_partial: Whether somebody whose events belong here was not heard.
        """
        minute = self._tables.minute
        if minute is None or minute == self.minute:
            return Evaluated(minute)
        step = self._every if self.minute is None else minute - self.minute
        if step > self._every:
            self._coverage.skip(minute - step + 1, minute - self._every + 1)
        self._counted.begin()
        is_fresh = self._arrange(minute)
        minutes = min(step, LONGEST)
        _, total = self._counted.raw(minutes)
        tallies = self._counted.close(minute, minutes, is_fresh)
        self._look(minute, total > 0, is_partial=is_partial)
        is_gone = self._measure(minute)
        self.minute = minute
        return Evaluated(minute, tuple(self._judge(minute, is_gone)), tallies)

    def _measure(self, minute: int) -> "NDArray[np.bool_]":
        """Find out which rules are true; returns which columns are gone."""
        cells = self._firing.cells
        self._events = {length: self._counted.within(length) for length in cells.lengths}
        self._whole = self._counted.whole()
        measured = {length: self._coverage.measured(minute, length) for length in cells.long_lengths}
        is_gone = self._is_gone(minute)
        self._states = cells.truths(self._events, measured, is_gone)
        self._made.clear()
        self._p99s.clear()
        return is_gone

    def _arrange(self, minute: int) -> "NDArray[np.bool_]":
        """Have a column for each group there is; returns which are new."""
        if self._tables.series_version == self._series_version:
            return np.zeros(len(self._stood), np.bool_)
        self._series_version = self._tables.series_version
        columns = Columns(self.objectives, self._membership.places(self._tables.select({})))
        before = np.array([self._stood.get(key, NEVER) for key in columns.keys], np.int64)
        cells = RuleCells(columns, self.objectives, self._kept)
        self._firing.arrange(cells, before, self._first_cells())
        self._stood = {key: column for column, key in enumerate(columns.keys)}
        of_column = [self.objectives[position] for position, _ in columns.places]
        self._hold = np.array([one.resolve_hold for one in of_column], np.int64)
        self._needed = np.array([float(one.min_coverage * BLIND_WINDOW) for one in of_column], np.float64)
        self._counted.arrange(columns, before, minute)
        self._coverage.arrange(before, self._born(minute), minute)
        is_new: NDArray[np.bool_] = before == NEVER
        return is_new

    def _first_cells(self) -> "NDArray[np.int64]":
        """The first cell of each column, as they stand now."""
        each = [len(self._kept[self._position[slo]]) for slo, _ in self._stood]
        return np.cumsum([0, *each])[:-1]

    def _born(self, minute: int) -> "NDArray[np.int64]":
        """The first measured minute of each column, as well as the tables tell."""
        _, whole = self._counted.raw(LONGEST)
        born = np.full(len(whole), minute - LONGEST + 1)
        for minutes in reversed(_BORN_STEPS):
            born[self._counted.raw(minutes)[1] == whole] = minute - minutes + 1
        born[whole == 0] = UNBORN
        return born

    def _look(self, minute: int, has_events: "NDArray[np.bool_]", *, is_partial: bool) -> None:
        """Note which columns were measured, against what is usual in the longest window of any rule."""
        longest = max(self._firing.cells.lengths, default=BLIND_WINDOW)
        # The first event of a group is all of its first minute, and tells little of what will be usual.
        known = np.maximum(BLIND_WINDOW, self._coverage.measured(minute, longest))
        usual = self._counted.raw(longest)[1] / known
        self._coverage.look(minute, has_events, usual, is_partial=is_partial)

    # --- judging ------------------------------------------------------------------------------------------

    def _judge(self, minute: int, is_gone: "NDArray[np.bool_]") -> Iterator[RuleChange]:
        is_blind = (self._coverage.measured(minute, BLIND_WINDOW) < self._needed) & ~is_gone
        is_blind &= minute - self._coverage.born >= BLIND_WINDOW - 1
        for one in self._firing.step(self._states, is_blind, minute + 1, self._hold):
            slo, group = self._counted.columns.keys[one.column]
            budget = self._objective(one.column).error_budget
            left = budget_left(self._events_of(self._whole, one.column), budget)
            yield RuleChange(slo, group, one.rule, one.severity, one.kind, minute, left, one.is_muted)

    def _is_gone(self, minute: int) -> "NDArray[np.bool_]":
        """Columns that have been silent for a day, and all of whose series have retired."""
        is_gone = self._coverage.silent_for(minute) >= GONE_AFTER
        if is_gone.any():
            has_retired = self._tables.has_retired()
            for column in np.flatnonzero(is_gone).tolist():
                is_gone[column] = has_retired[self._counted.columns.rows[column]].all()
        return is_gone

    def _objective(self, column: int) -> "Objective":
        return self.objectives[self._counted.columns.places[column][0]]

    @staticmethod
    def _events_of(counts: Counts, column: int) -> Events:
        return Events(int(counts[0][column]), int(counts[1][column]))

    # --- telling ------------------------------------------------------------------------------------------

    def conditions(self) -> list[Condition]:
        """How the alerts stand: those that fire, and those that did within the last day."""
        return [] if self.minute is None else self._firing.conditions(self._counted.columns.keys, self.minute)

    def judgements(self, slos: "Collection[str] | None" = None) -> list[Judgement]:
        """Every group as last judged, for people: of these objectives, or of all."""
        return at_once(self.judged(slos))

    def judged(self, slos: "Collection[str] | None" = None) -> "Generator[None, None, list[Judgement]]":
        """The same in steps; where a minute is judged between two, the rest is as of that minute."""
        if self.minute is None:
            return []
        keys = [key for key in self._stood if slos is None or key[0] in slos]
        found = []
        for at, key in enumerate(keys):
            if at % _A_STEP == 0:
                yield
                self._time(self._stood[one] for one in keys[at : at + _A_STEP] if one in self._stood)
            if key in self._stood:
                found.append(self._judgement(self._stood[key]))
        return found

    def noteworthy(self, most: int) -> list[Judgement]:
        """All of them if they are no more than so many; else those that burn, or are overspent."""
        if self.minute is None or len(self._stood) <= most:
            return self.judgements()
        good, total = self._whole
        of_objective = np.array([float(one.error_budget) for one in self.objectives], np.float64)
        allowed = of_objective[self._counted.columns.objective] * total
        is_ill = (total - good > allowed) | self._firing.has_firing()
        columns = np.flatnonzero(is_ill).tolist()[:most]
        self._time(columns)
        return [self._judgement(column) for column in columns]

    def judgement(self, slo: str, group: "Group") -> Judgement | None:
        """One of them; None where there is none."""
        key = (slo, group)
        return self._judgement(self._stood[key]) if key in self._stood else None

    def rows(self, slo: str, group: "Group") -> "NDArray[np.int64]":
        """Rows in the tables of the series of one group, as of the last evaluation.

        Raises:
            LookupError: There is no such group.
        """
        key = (slo, group)
        if key not in self._stood:
            raise LookupError(f"objective {slo!r} has no group {dict(group)}")
        return self._counted.columns.rows[self._stood[key]]

    def _time(self, columns: "Iterable[int]") -> None:
        """Find the p99 of all that are not judged yet; at once that takes much less than one by one."""
        missing = [column for column in columns if column not in self._p99s]
        rows = self._counted.columns.rows
        found = self._tables.newest_quantiles([rows[column] for column in missing], 0.99).tolist()
        self._p99s.update(zip(missing, found, strict=True))

    def _judgement(self, column: int) -> Judgement:
        if column not in self._made:
            self._made[column] = self._make(column)
        return self._made[column]

    def _make(self, column: int) -> Judgement:
        assert self.minute is not None
        if column not in self._p99s:
            self._time([column])
        p99 = self._p99s[column]
        objective, whole = self._objective(column), self._events_of(self._whole, column)
        rules = self._firing.rule_states(column, self._states)
        lengths = sorted(
            {length for one in rules for length in (one.rule.short_window, one.rule.long_window)}
        )
        return judge(
            objective,
            whole,
            {length: self._events_of(self._events[length], column) for length in lengths},
            rules,
            group=dict(self._counted.columns.keys[column][1]),
            minute=self.minute,
            coverage={
                length: Fraction(int(self._coverage.measured(self.minute, length)[column]), length)
                for length in sorted({BLIND_WINDOW, *(one.rule.long_window for one in rules)})
            },
            blind_since=self._firing.blind_since(column),
            p99_seconds=None if isnan(p99) else p99,
        )

    # --- keeping ------------------------------------------------------------------------------------------

    def dump(self) -> bytes:
        """What another evaluator of the same objectives must be given to go on after this minute.

        Raises:
            LookupError: Nothing has been judged yet.
        """
        if self.minute is None:
            raise LookupError("nothing has been judged yet")
        coverage, periods, firing = self._coverage, self._counted.periods, self._firing
        names = [f"{rule.severity} {rule.name}" for rule in firing.cells.rules]
        columns = np.arange(len(self._stood))
        return encode_state(
            EvaluatorState(
                minute=self.minute,
                keys=tuple(self._stood),
                lives=firing.rules.dump(firing.cells.column, names),
                blind=firing.blind.dump(columns, [""] * len(columns)),
                told=np.flatnonzero(firing.is_told).tolist(),
                coverage=np.stack([coverage.born, coverage.heard, coverage.explained, coverage.lost_since]),
                gaps=coverage.gaps,
                periods=np.concatenate([periods.begin[None], periods.counts]),
            )
        )

    def load(self, stored: bytes) -> None:
        """Go on from what another evaluator dumped, once the tables hold the minutes up to the one it judged.

        What belongs to objectives or rules that are no more is dropped.

        Raises:
            StateFormatError: It cannot be read.
        """
        state = decode_state(stored)
        kept = np.array(
            [column for column, key in enumerate(state.keys) if key[0] in self._position], np.int64
        )
        self._stood = {state.keys[column]: at for at, column in enumerate(kept.tolist())}
        first = self._first_cells()
        cell_of = {
            (column, f"{rule.severity} {rule.name}"): int(first[number]) + offset
            for number, column in enumerate(kept.tolist())
            for offset, rule in enumerate(self._kept[self._position[state.keys[column][0]]])
        }
        self._firing.rules = RuleLives.load(state.lives, cell_of)
        self._firing.blind = RuleLives.load(
            state.blind, {(column, ""): at for at, column in enumerate(kept.tolist())}
        )
        self._firing.is_told = np.isin(kept, state.told)
        self._coverage.load(kept, state.coverage, state.gaps)
        self._counted.periods.load(state.periods[:, kept])
        self._series_version = None
        if self._tables.minute is not None:
            self._counted.begin()
            self._arrange(state.minute)
            self._measure(state.minute)
            self.minute = state.minute

    def load_tallies(self, minute: int, told: bytes) -> None:
        """Take back what an evaluation told of a minute, oldest first."""
        self._counted.load_tallies(minute, told)
