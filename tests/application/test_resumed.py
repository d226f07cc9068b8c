"""An evaluator restarted at any ticks, also before it could write what it knew, stands as if it had not."""

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.application.persistence import restore, write_state, write_tick
from actors.config import ObjectiveSettings
from actors.node import Pushes
from actors.recording import Levels, SeriesKey, Tables, Taken
from actors.replay import Case, replay
from actors.replay.traffic import Collected
from actors.slo import Evaluator, objective_from
from tests.recording.kept import database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from actors.slo import RuleChange

BEGIN = 29_000_000
KEYS = [SeriesKey("fraud", version) for version in ("1", "2")]
OBJECTIVES = [
    objective_from(settings)
    for settings in (
        ObjectiveSettings(
            name="availability",
            sli="availability",
            objective=0.99,
            window=7 * 86_400.0,
            match={},
            group_by=("version",),
            rollup=True,
        ),
        ObjectiveSettings(
            name="p99",
            sli="latency",
            objective=0.9,
            window=7 * 86_400.0,
            match={},
            threshold=0.1,
            quantile=0.9,
            min_bad_events=1,
        ),
    )
]

STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 20]),  # successes
        st.sampled_from([0, 0, 1, 20]),  # failures
        st.sampled_from([0.01, 0.3]),  # how long they took
        st.sampled_from(KEYS),
        st.sampled_from([1, 1, 1, 2, 7, 61]),  # minutes until the end
        st.sampled_from(["", "", "", "restart", "killed before the state", "state is lost"]),
    ),
    min_size=1,
    max_size=12,
)


FIRST = LAST = (20, 0, 0.01, KEYS[0], 1, "")


class Node:
    """Counts and judges, and goes on from what it has written."""

    def __init__(self, connection: "sqlite3.Connection | None" = None) -> None:
        self.connection = database() if connection is None else connection
        self.tables = Tables([0.1])
        self.evaluator = Evaluator(OBJECTIVES, self.tables)
        restore(self.connection, self.tables, (), Pushes(0), self.evaluator)
        self._levels = Levels(self.tables)
        self._levels.restored()
        self._tallies: dict[int, bytes] = {}

    def count(self, key: SeriesKey, ok: int, failed: int, took: float, until: int) -> None:
        if ok or failed:
            self.tables.add_taken(key, Taken([took] * ok, [took] * failed))
        self.tables.close_minutes(until)
        write = self._levels.write_of(until - 1)
        write_tick(self.connection, tick=write, baselines={})
        self._levels.written(write)

    def judge(self, *, is_written: bool) -> "Sequence[RuleChange]":
        evaluated = self.evaluator.evaluate()
        assert evaluated.minute is not None
        if evaluated.tallies:
            self._tallies[evaluated.minute] = evaluated.tallies
        if is_written:
            state = self.evaluator.dump()
            write_state(self.connection, minute=evaluated.minute, state=state, tallies=self._tallies)
            self._tallies.clear()
        return evaluated.changes


@settings(max_examples=30)
@given(steps=STEPS)
def test_rules_stand_as_if_there_had_been_no_restart(
    steps: list[tuple[int, int, float, SeriesKey, int, str]],
) -> None:
    """But for the minutes until the first state was written."""
    whole, node, now = Node(), Node(), BEGIN
    for ok, failed, took, key, minutes, then in [FIRST, *steps, LAST]:
        now += minutes
        for one in (whole, node):
            one.count(key, ok, failed, took, now)
        whole.judge(is_written=True)
        if then != "killed before the state":
            node.judge(is_written=then != "state is lost")
            assert node.evaluator.conditions() == whole.evaluator.conditions()
            assert node.evaluator.judgements() == whole.evaluator.judgements()
        if then in ("restart", "killed before the state"):
            node = Node(node.connection)
    assert node.evaluator.dump() == whole.evaluator.dump()


@settings(max_examples=20, deadline=None)
@given(
    minutes=st.lists(
        st.tuples(st.sampled_from([0, 0, 0, 2, 30, 300]), st.sampled_from([0, 300, 300]), st.booleans()),
        min_size=2,
        max_size=60,
    )
)
def test_replay_says_what_a_node_did_that_was_restarted_again_and_again(
    minutes: list[tuple[int, int, bool]],
) -> None:
    node, traffic = Node(), Collected([])
    changes: list[RuleChange] = []
    for minute, (bad, total, is_restarted) in enumerate([(0, 300, False), *minutes, (0, 1, False)], BEGIN):
        failed = min(bad, total)
        node.count(KEYS[0], total - failed, failed, 0.01, minute + 1)
        if total:
            traffic.add(minute, KEYS[0], [total, failed])
        changes += node.judge(is_written=True)
        if is_restarted:
            node = Node(node.connection)
    (found,) = replay(traffic, [Case("the same", (OBJECTIVES[0],))])
    told = [
        (one.slo, one.group, one.rule, one.minute + 1, one.is_muted) for one in changes if one.kind == "fired"
    ]
    assert [(one.slo, one.group, one.rule, one.fired_tick, one.is_muted) for one in found.episodes] == [
        one for one in told if one[0] == OBJECTIVES[0].name
    ]
    resolved = {
        (one.slo, one.group, one.rule, one.minute + 1)
        for one in changes
        if one.kind == "resolved" and one.slo == OBJECTIVES[0].name
    }
    assert {
        (one.slo, one.group, one.rule, one.resolved_tick)
        for one in found.episodes
        if one.resolved_tick is not None
    } == resolved
    ends = [
        {(one.group.get("version"), one.good_events, one.total_events, one.budget_left) for one in judgements}
        for judgements in (
            [one for one in node.evaluator.judgements() if one.slo == OBJECTIVES[0].name],
            found.judgements,
        )
    ]
    assert ends[0] == ends[1]
