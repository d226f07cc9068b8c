"""What happens when there are too many restarts: limits of a child's own, pauses, failures, and the pace."""

import asyncio
import gc
import random
import weakref
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor import (
    Actor,
    Backoff,
    BadChildSpecError,
    ChildSpec,
    ChildStateError,
    MaxRestartsExceededError,
    NoProcessError,
    Pace,
    Supervisor,
    Tree,
    count_children,
    delete_child,
    restart_child,
    start_tree,
    terminate_child,
    which_child,
    which_children,
)
from supervisor.clock import monotonic
from supervisor.testing import ScriptedChild, captured, crash_after, refuse, run, settle
from supervisor.tree import Strategy
from tests.process.actors import Scripted, Seen, running
from tests.tree.test_restarts import Row

LATER = Backoff(initial=10.0, factor=1.0, jitter=0.0)


def leaf(name: str, **options: object) -> ChildSpec:
    return ChildSpec(name, Scripted, (Seen(),), **options)  # type: ignore[arg-type]


async def kill(tree: Tree, *paths: str) -> None:
    for path in paths:
        tree.kill(path)
        await settle()


# --- a limit of its own -------------------------------------------------------------------------------------


@pytest.mark.conformance("A18")
async def test_limit_of_the_supervisor_is_shared_by_its_children() -> None:
    async def crash_each_once() -> None:
        async with start_tree(Supervisor.spec("root", map(leaf, "abc"), max_restarts=2)) as tree:
            await kill(tree, "a", "b", "c")
            await tree.wait()

    with pytest.raises(MaxRestartsExceededError, match="last: child 'c' was killed") as gave_up:
        await crash_each_once()
    assert (gave_up.value.limit, gave_up.value.max_restarts) == ("supervisor", 2)


async def test_limit_of_a_childs_own_is_reached_by_that_child_alone() -> None:
    async def crash() -> None:
        specs = [leaf("a", max_restarts=1, max_seconds=60.0), leaf("b")]
        async with start_tree(Supervisor.spec("root", specs, max_restarts=100)) as tree:
            await kill(tree, "b", "a", "b", "b")
            await asyncio.sleep(59.0)
            assert tree.is_running
            await kill(tree, "a")
            await tree.wait()

    with pytest.raises(
        MaxRestartsExceededError,
        match=r"2 restarts within 60\.0 s \(max_restarts=1 of the child's own\); last: child 'a' was killed",
    ) as gave_up:
        await crash()
    error = gave_up.value
    assert (error.limit, error.child, error.restarts, error.max_restarts, error.max_seconds) == (
        "child",
        "a",
        2,
        1,
        60.0,
    )


async def test_limit_of_a_childs_own_does_not_spare_the_supervisors() -> None:
    async def crash() -> None:
        root = Supervisor.spec("root", [leaf("a", max_restarts=100)], max_restarts=1)
        async with start_tree(root) as tree:
            await kill(tree, "a", "a")
            await tree.wait()

    with pytest.raises(MaxRestartsExceededError) as gave_up:
        await crash()
    assert gave_up.value.limit == "supervisor"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_restarts": -1}, "child 'it': max_restarts must be a whole number >= 0, got -1"),
        ({"max_restarts": 1, "max_seconds": 0.0}, "child 'it': max_seconds must be seconds > 0, got 0.0"),
    ],
)
def test_limit_that_cannot_work_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadChildSpecError, match=message):
        leaf("it", **options)


# --- "mark_failed" ------------------------------------------------------------------------------------------


async def test_child_that_hits_the_limit_is_left_out_and_its_siblings_go_on() -> None:
    bad = ScriptedChild("bad", crash_after(1.0))
    with captured(("supervisor", "child", "failed")) as failed:
        async with start_tree(
            Supervisor.spec("root", [leaf("a"), bad.spec(), leaf("b")], when_limit_hit="mark_failed")
        ) as tree:
            before = [tree.ref(name).pid for name in "ab"]
            await asyncio.sleep(60.0)
            assert bad.started_at == [0.0, 1.0, 2.0, 3.0]
            assert [tree.ref(name).pid for name in "ab"] == before
            info = await which_child(tree.ref("root"), "bad")
            assert (info.state, info.pid) == ("failed", None)
            assert isinstance(info.failure, MaxRestartsExceededError)
            assert (info.failure.child, info.failure.restarts) == ("bad", 4)
            assert (await count_children(tree.ref("root"))).active == 2
            assert "bad  (failed, 3 restarts)" in tree.render()
    (event,) = failed
    assert (event.at, event.metadata["error"]) == (4.0, info.failure)


async def test_failed_child_comes_back_by_request_with_a_clean_record() -> None:
    it = ScriptedChild("it", crash_after(1.0), crash_after(1.0), run)
    root = Supervisor.spec("root", [it.spec()], max_restarts=1, when_limit_hit="mark_failed")
    async with start_tree(root) as tree:
        await asyncio.sleep(10.0)
        assert await restart_child(tree.ref("root"), "it") is not None
        info = await which_child(tree.ref("root"), "it")
        assert (info.state, info.failure) == ("running", None)
        await kill(tree, "it")
        assert (await which_child(tree.ref("root"), "it")).state == "running"


async def test_failed_child_may_be_terminated_and_deleted() -> None:
    root = Supervisor.spec("root", map(leaf, "ab"), max_restarts=0, when_limit_hit="mark_failed")
    async with start_tree(root) as tree:
        await kill(tree, "a", "b")
        await terminate_child(tree.ref("root"), "a")
        assert [info.state for info in await which_children(tree.ref("root"))] == ["stopped", "failed"]
        await delete_child(tree.ref("root"), "b")
        assert [info.id for info in await which_children(tree.ref("root"))] == ["a"]


async def test_crashes_that_made_one_child_fail_are_not_held_against_the_next() -> None:
    root = Supervisor.spec("root", map(leaf, "ab"), max_restarts=1, when_limit_hit="mark_failed")
    async with start_tree(root) as tree:
        await kill(tree, "a", "a", "b")
        assert [info.state for info in await which_children(tree.ref("root"))] == ["failed", "running"]


async def test_callers_that_wait_in_the_kept_mailbox_of_a_failed_child_are_told() -> None:
    spec = leaf("it", mailbox="keep")
    root = Supervisor.spec("root", [spec], max_restarts=0, when_limit_hit="mark_failed")
    async with start_tree(root) as tree:
        await kill(tree, "it")
        with pytest.raises(NoProcessError):
            await tree.ref("it").call("anybody there?")


@pytest.mark.parametrize(
    ("strategy", "order"),
    [
        pytest.param("rest_for_one", ["-c", "!b", "!b", "+c"], id="rest_for_one-starts-those-behind-it"),
        pytest.param(
            "one_for_all",
            ["-c", "-a", "+a", "!b", "-a", "+a", "!b", "+c"],
            id="one_for_all-leaves-those-before-it-and-starts-those-behind-it",
        ),
    ],
)
async def test_child_that_fails_within_a_round_is_passed_over(strategy: str, order: list[str]) -> None:
    row = Row()
    row.refusals["b"] = 100
    root = Supervisor.spec(
        "root",
        row.specs(),
        strategy=strategy,  # type: ignore[arg-type]
        max_restarts=2,
        when_limit_hit="mark_failed",
    )
    async with start_tree(root) as tree:
        await kill(tree, "b")
        assert row.order[3:] == order
        assert [info.state for info in await which_children(tree.ref("root"))] == [
            "running",
            "failed",
            "running",
        ]


# --- "pause" ------------------------------------------------------------------------------------------------


async def test_pause_holds_restarts_back_for_a_time_while_siblings_serve_on() -> None:
    bad = ScriptedChild("bad", crash_after(1.0), crash_after(1.0), run)
    root = Supervisor.spec(
        "root", [leaf("a"), bad.spec(), leaf("b")], max_restarts=1, when_limit_hit="pause", pause_seconds=20.0
    )
    with captured(("supervisor", "restarts", "paused"), ("supervisor", "restarts", "resumed")) as told:
        async with start_tree(root) as tree:
            await asyncio.sleep(5.0)
            assert (await which_child(tree.ref("root"), "bad")).state == "restarting"
            with pytest.raises(ChildStateError, match="restarting"):
                await restart_child(tree.ref("root"), "bad")
            assert await tree.ref("a").call("count") == 1
            await kill(tree, "b")
            assert tree.ref("b").pid is None
            await asyncio.sleep(16.9)
            assert tree.ref("b").pid is None
            await asyncio.sleep(0.2)
            await settle()
            assert [info.state for info in await which_children(tree.ref("root"))] == ["running"] * 3
    assert bad.started_at == [0.0, 1.0, 22.0]
    assert [(event.name[-1], event.at) for event in told] == [("paused", 2.0), ("resumed", 22.0)]
    assert isinstance(told[0].metadata["error"], MaxRestartsExceededError)
    assert told[1].measurements == {"waiting": 2}


async def test_ends_within_a_pause_cost_nothing_and_all_come_back_after_it() -> None:
    root = Supervisor.spec(
        "root", map(leaf, "abc"), max_restarts=0, when_limit_hit="pause", pause_seconds=10.0
    )
    async with start_tree(root) as tree:
        await kill(tree, "a", "b", "c")
        await asyncio.sleep(10.0)
        await settle()
        assert [info.state for info in await which_children(tree.ref("root"))] == ["running"] * 3


async def test_window_is_empty_after_a_pause() -> None:
    root = Supervisor.spec(
        "root", [leaf("it")], max_restarts=1, max_seconds=100.0, when_limit_hit="pause", pause_seconds=10.0
    )
    async with start_tree(root) as tree:
        await kill(tree, "it", "it")
        await asyncio.sleep(10.0)
        await settle()
        await kill(tree, "it")
        assert tree.ref("it").pid is not None


async def test_backoff_that_ends_in_a_pause_is_prolonged_and_no_other_is() -> None:
    short, long = ScriptedChild("short", crash_after(0.0), run), ScriptedChild("long", crash_after(0.0), run)
    fifteen = Backoff(initial=15.0, jitter=0.0)
    root = Supervisor.spec(
        "root",
        [short.spec(backoff=LATER), long.spec(backoff=fifteen), leaf("it")],
        max_restarts=3,
        max_seconds=60.0,
        when_limit_hit="pause",
        pause_seconds=4.0,
    )
    async with start_tree(root) as tree:
        await asyncio.sleep(8.0)
        await kill(tree, "it", "it")
        await asyncio.sleep(60.0)
        assert short.started_at == [0.0, 12.0]
        assert long.started_at == [0.0, 15.0]


async def test_stop_does_not_wait_for_a_pause() -> None:
    root = Supervisor.spec("root", [leaf("it")], max_restarts=0, when_limit_hit="pause")
    async with asyncio.timeout(1.0), start_tree(root) as tree:
        await kill(tree, "it")
        assert tree.is_running


async def test_restart_that_was_called_off_in_a_pause_stays_off() -> None:
    root = Supervisor.spec("root", [leaf("it")], max_restarts=0, when_limit_hit="pause", pause_seconds=5.0)
    async with start_tree(root) as tree:
        await kill(tree, "it")
        await terminate_child(tree.ref("root"), "it")
        await asyncio.sleep(10.0)
        assert (await which_child(tree.ref("root"), "it")).state == "stopped"


# --- delays -------------------------------------------------------------------------------------------------


async def test_backoff_of_the_supervisor_is_for_children_that_have_none_of_their_own() -> None:
    mine, none = ScriptedChild("mine", crash_after(0.0), run), ScriptedChild("none", crash_after(0.0), run)
    two = Backoff(initial=2.0, jitter=0.0)
    root = Supervisor.spec("root", [mine.spec(backoff=two), none.spec()], child_backoff=LATER)
    async with start_tree(root):
        await asyncio.sleep(30.0)
        assert (mine.started_at, none.started_at) == ([0.0, 2.0], [0.0, 10.0])


async def test_word_of_a_child_that_it_is_healthy_begins_its_delays_anew() -> None:
    started: list[float] = []

    class Crashes(Actor):
        def init(self) -> None:
            started.append(monotonic())
            if len(started) == 3:
                self.report_healthy()
            self.send_after("crash", 0.0)

        def handle_info(self, message: object) -> None:
            raise ZeroDivisionError

    backoff = Backoff(initial=1.0, factor=2.0, jitter=0.0, reset_after=None)
    root = Supervisor.spec("root", [ChildSpec("it", Crashes, backoff=backoff)], max_restarts=100)
    async with start_tree(root):
        await asyncio.sleep(9.0)
        assert started == [0.0, 1.0, 3.0, 4.0, 6.0]


# --- the pace -----------------------------------------------------------------------------------------------


async def test_pace_spreads_the_restarts_of_many_that_end_at_once() -> None:
    many = [ScriptedChild(f"n{number}", crash_after(1.0), run) for number in range(6)]
    root = Supervisor.spec(
        "root", [one.spec() for one in many], max_restarts=100, restart_pace=Pace(per_second=2.0, burst=3)
    )
    async with start_tree(root) as tree:
        await asyncio.sleep(1.25)
        assert [info.state for info in await which_children(tree.ref("root"))].count("restarting") == 3
        await asyncio.sleep(10.0)
    assert sorted(one.started_at[1] for one in many) == [1.0, 1.0, 1.0, 1.5, 2.0, 2.5]


async def test_pace_holds_for_restarts_that_fail_as_well() -> None:
    it = ScriptedChild("it", run, refuse)
    root = Supervisor.spec("root", [it.spec()], max_restarts=100, restart_pace=Pace(per_second=1.0))
    async with start_tree(root) as tree:
        await kill(tree, "it")
        await asyncio.sleep(3.5)
        assert it.started_at == [0.0, 0.0, 1.0, 2.0, 3.0]
        await terminate_child(tree.ref("root"), "it")


@given(
    gaps=st.lists(st.floats(0, 3), max_size=40),
    per_second=st.sampled_from([0.5, 1.0, 4.0]),
    burst=st.integers(1, 5),
)
def test_no_stretch_of_time_holds_more_restarts_than_the_pace_allows(
    gaps: list[float], per_second: float, burst: int
) -> None:
    pace, booked, made = Pace(per_second, burst), 0.0, []
    for now in accumulate(gaps):
        wait, booked = pace.book(booked, now)
        made.append(now + wait)
    assert made == sorted(made)
    for first in range(len(made)):
        for last in range(first, len(made)):
            assert last - first + 1 <= burst + (made[last] - made[first]) * per_second + 1e-6


@given(gaps=st.lists(st.floats(0.5, 3), max_size=40))
def test_who_keeps_to_the_pace_never_waits(gaps: list[float]) -> None:
    booked = 0.0
    for now in accumulate(gaps):
        wait, booked = Pace(per_second=2.0).book(booked, now)
        assert wait == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"per_second": 0.0}, "pace per_second must be > 0, got 0.0"),
        ({"per_second": 1.0, "burst": 0}, "pace burst must be at least 1, got 0"),
    ],
)
def test_pace_that_cannot_work_is_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Pace(**options)  # type: ignore[arg-type]


def test_jitter_of_a_supervisor_comes_from_the_source_that_it_is_given() -> None:
    rng = random.Random(7)
    assert Supervisor(rng=rng)._restarts._rng is rng


@pytest.mark.conformance("F22")
@pytest.mark.parametrize("strategy", ["one_for_one", "one_for_all"])
@pytest.mark.parametrize("is_slow", [False, True], ids=["plain", "slow"])
async def test_child_that_is_left_out_holds_on_to_nobody_who_failed_to_start(
    strategy: Strategy, *, is_slow: bool
) -> None:
    made: list[weakref.ref[Actor]] = []

    class Fails(Actor):
        def init(self) -> object:
            made.append(weakref.ref(self))
            if is_slow:
                return self._slowly()
            self._fail()
            return None

        def _fail(self) -> None:
            if len(made) > 1:
                raise ZeroDivisionError

        async def _slowly(self) -> None:
            await asyncio.sleep(1.0)
            self._fail()

    options = {"strategy": strategy, "max_restarts": 2, "when_limit_hit": "mark_failed"}
    above = Supervisor.spec("above", [ChildSpec("it", Fails)], **options)  # type: ignore[arg-type]
    async with running(above) as tree:
        await settle()
        tree.kill("above/it")
        await asyncio.sleep(10.0)
        (child,) = await which_children(tree.ref("above"))
        assert isinstance(child.failure, MaxRestartsExceededError)
        await settle()
        gc.collect()
        assert [one() for one in made] == [None] * 3
