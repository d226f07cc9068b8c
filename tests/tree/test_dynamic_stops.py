"""Ending the children of a dynamic supervisor: one by request, or all of them at once."""

import asyncio
import itertools
import sys
from typing import TYPE_CHECKING

import pytest

from supervisor import (
    Actor,
    Backoff,
    CallFailedError,
    ChildNotFoundError,
    ChildSpec,
    Crashed,
    DynamicSupervisor,
    Killed,
    NoProcessError,
    Pid,
    Shutdown,
    count_children,
    terminate_child,
    which_children,
)
from supervisor.clock import monotonic
from supervisor.process.exits import KILLED, SHUTDOWN, ExitReason
from supervisor.testing import captured, settle
from tests.process.actors import Seen, Trapping, running
from tests.tree.dynamic_trees import Leaf, Watcher, started, workers
from tests.tree.test_supervisor import HangsInCleanup, Swallows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from supervisor import ActorRef, Tree
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit


class CleansUp(Actor):
    """Takes its time to end."""

    trap_exit = True

    def __init__(self, seconds: float, order: list[tuple[str, float]] | None = None) -> None:
        self.seconds, self.order = seconds, [] if order is None else order

    async def terminate(self, reason: object) -> None:
        self.order.append(("begins", monotonic()))
        await asyncio.sleep(self.seconds)
        self.order.append(("ends", monotonic()))


class FailsAtTheEnd(Actor):
    trap_exit = True

    def terminate(self, reason: object) -> None:
        raise ZeroDivisionError("in cleanup")


async def watching(tree: "Tree", *pids: Pid) -> list[ExitReason]:
    """The reasons with which they end, as somebody else is told of them."""
    reasons: list[ExitReason] = []
    watcher = await tree.system.start(lambda: Watcher(reasons))
    assert watcher is not None
    for pid in pids:
        await watcher.call(pid)
    return reasons


# --- all at once --------------------------------------------------------------------------------------------


@pytest.mark.conformance("A36")
async def test_all_are_asked_at_once_and_the_slowest_sets_the_time() -> None:
    order: list[tuple[str, float]] = []
    async with workers() as (tree, ref):
        for seconds in (3.0, 1.0, 2.0):
            await started(ref, (CleansUp, seconds, order))
        began = monotonic()
        stopping = asyncio.ensure_future(tree.stop())
        await asyncio.sleep(0.5)
        assert [node.state for node in tree.describe().walk()][2:] == ["stopping"] * 3
        assert not await stopping
    assert [what for what, _ in order[:3]] == ["begins"] * 3
    assert [at - began for _, at in order[3:]] == pytest.approx([1.0, 2.0, 3.0])


@pytest.mark.conformance("A36", "A38")
async def test_children_of_one_limit_have_one_deadline_and_those_of_another_have_theirs() -> None:
    limits: tuple[ShutdownLimit, ...] = (1.0, 1.0, 3.0, "infinity")
    async with workers() as (tree, ref):
        for limit in limits:
            await started(
                ref, ChildSpec("it", CleansUp, (3600.0 if limit != "infinity" else 5.0,), shutdown=limit)
            )
        began = monotonic()
        with captured(("supervisor", "stop", "overdue"), ("supervisor", "child", "stopped")) as events:
            report = await tree.stop()
    late = [event.at - began for event in events if event.name[1] == "stop"]
    assert late == pytest.approx([1.0, 1.0, 3.0])
    ended = [
        event.measurements["duration_seconds"]
        for event in events
        if event.name[1] == "child" and event.metadata["supervisor"] == "workers"
    ]
    assert ended == pytest.approx([1.0, 1.0, 3.0, 5.0])
    assert len(report.overdue) == 3


@pytest.mark.conformance("A37", "A39", "A42", "S1.20", "S3.31", "S3.32", "S3.33", "S3.34")
@pytest.mark.parametrize(
    ("actor", "limit", "reason"),
    [
        pytest.param(Leaf, "brutal_kill", KILLED, id="brutal"),
        pytest.param(Leaf, "infinity", SHUTDOWN, id="patient"),
        pytest.param(Leaf, 5.0, SHUTDOWN, id="with-a-limit"),
        pytest.param(Leaf, 0, SHUTDOWN, id="obeys-without-time"),
        pytest.param(HangsInCleanup, 1.0, KILLED, id="too-late"),
        pytest.param(FailsAtTheEnd, "infinity", Crashed, id="own-reason"),
    ],
)
async def test_watchers_see_how_each_child_ended_and_the_supervisor_is_shut_down(
    actor: type[Actor], limit: "ShutdownLimit", reason: "ExitReason | type[Crashed]"
) -> None:
    async with workers() as (tree, ref):
        pids = [await started(ref, ChildSpec("it", actor, shutdown=limit)) for _ in range(10)]
        workers_pid = ref.pid
        assert workers_pid is not None
        seen = await watching(tree, *pids, workers_pid)
        await terminate_child(tree.ref("root"), "workers")
        await settle()
        assert len(seen) == 11
        assert seen[-1] == SHUTDOWN
        for one in seen[:10]:
            assert isinstance(one, Crashed) if reason is Crashed else one == reason


async def test_who_swallows_every_cancellation_is_abandoned_named_and_holds_up_nobody() -> None:
    async with workers() as (tree, ref):
        swallower = await started(ref, ChildSpec("it", Swallows, shutdown=1.0))
        swallower.cast("begin")
        others = [await started(ref, ChildSpec("it", Leaf, shutdown=1.0)) for _ in range(3)]
        await settle()
        began = monotonic()
        report = await tree.stop()
        assert monotonic() - began == pytest.approx(1.5)
        assert [one.path for one in report.would_not_stop] == [swallower.path]
        assert not any(pid.is_alive for pid in others)
        for zombie in tuple(tree.system.zombies):  # or the loop could not be closed
            while not zombie.task.done():
                zombie.task.cancel()
                await asyncio.sleep(0)


@pytest.mark.conformance("A41")
async def test_no_end_during_a_stop_leads_to_a_restart_or_a_limit() -> None:
    seen = [Seen() for _ in range(20)]
    async with workers(max_restarts=0) as (tree, ref):
        for one in seen:
            await started(ref, ChildSpec("it", Trapping, (one,)))
        with captured(("supervisor", "gave_up"), ("supervisor", "child", "restarting")) as events:
            await tree.stop()
    assert events == []
    assert all(one.events == ["init", ("terminate", "shut down")] for one in seen)


@pytest.mark.conformance("S1.78")
async def test_ending_ten_times_as_many_costs_about_ten_times_as_much() -> None:
    """The cost is counted in calls of functions, as tests do not judge by time."""
    assert await _cost_of_ending(1000) < 15 * await _cost_of_ending(100)


async def _cost_of_ending(count: int) -> int:
    counted = itertools.count()
    async with workers() as (tree, ref):
        pids = [await started(ref, ChildSpec("it", Leaf, restart="temporary")) for _ in range(count)]
        sys.setprofile(lambda *_: next(counted))
        try:
            for pid in pids[: count // 2]:
                await terminate_child(ref, pid)
            await tree.stop()
        finally:
            sys.setprofile(None)
    return next(counted)


@pytest.mark.conformance("A44")
async def test_killed_supervisor_takes_its_children_along_and_comes_back_without_them() -> None:
    seen = Seen()
    async with running(DynamicSupervisor.spec("workers")) as tree:
        ref = tree.ref("workers")
        pid = await started(ref, ChildSpec("it", Trapping, (seen,)))
        tree.kill("workers")
        await settle()
        assert not pid.is_alive
        assert seen.events == ["init", ("terminate", "was killed")]
        assert await which_children(ref) == ()


async def test_children_of_a_killed_root_are_waited_for_within_their_limits() -> None:
    async with running(DynamicSupervisor.spec("workers")) as tree:
        await started(tree.ref("workers"), ChildSpec("it", CleansUp, (2.0,), shutdown=3.0))
        tree.kill("root")
        began = monotonic()
        assert not await tree.stop()
        assert monotonic() - began == pytest.approx(2.0)
        assert tree.system.processes == ()


@pytest.mark.conformance("S3.6")
async def test_it_is_found_by_its_name_ends_with_its_starter_and_stops_synchronously() -> None:
    spec = DynamicSupervisor.spec("workers", name="the workers")
    async with running(spec) as tree:
        ref = tree.ref("the workers")
        pid = await started(ref, (CleansUp, 1.0))
        assert ref.pid is tree.ref("workers").pid
        await ref.stop()
        assert not pid.is_alive
        await settle()
        again = await started(ref, Leaf)
        tree.kill("root")
        await settle()
        assert not again.is_alive
        with pytest.raises(NoProcessError):
            await count_children(ref)


# --- one by request -----------------------------------------------------------------------------------------


@pytest.mark.conformance("A46", "S3.39", "S3.40")
@pytest.mark.parametrize(
    ("limit", "reason"), [("brutal_kill", Killed), (5.0, Shutdown)], ids=["brutal", "with-a-limit"]
)
async def test_terminated_child_is_gone_for_good_and_asking_again_finds_nobody(
    limit: "ShutdownLimit", reason: type[ExitReason]
) -> None:
    async with workers(max_restarts=0) as (tree, ref):
        pid = await started(ref, ChildSpec("it", Leaf, shutdown=limit))
        sibling = await started(ref, Leaf)
        seen = await watching(tree, pid)
        await terminate_child(ref, pid)
        await settle()
        assert [type(one) for one in seen] == [reason]
        assert [info.pid for info in await which_children(ref)] == [sibling]
        with pytest.raises(ChildNotFoundError, match=r"no child <Pid \d+ 'workers/#\d+'> under 'workers'"):
            await terminate_child(ref, pid)


@pytest.mark.conformance("A54", "S1.65")
async def test_stranger_is_not_found_and_left_alone() -> None:
    async with workers() as (tree, ref):
        stranger = await tree.system.start(Leaf, name="workers/stranger")
        assert stranger is not None
        for wanted in (stranger, "nobody", 7):
            with pytest.raises(ChildNotFoundError):
                await terminate_child(ref, wanted)  # type: ignore[arg-type]
        assert stranger.is_alive


async def test_two_who_terminate_one_child_both_wait_for_its_end() -> None:
    async with workers() as (_, ref):
        pid = await started(ref, (CleansUp, 2.0))
        first = asyncio.ensure_future(terminate_child(ref, pid))
        await asyncio.sleep(1.0)
        await terminate_child(ref, pid)
        assert not pid.is_alive
        await first


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda _, ref: terminate_child(ref, "it"), id="it-will-not-come-back"),
        pytest.param(lambda tree, _: tree.stop(), id="its-supervisor-stops"),
    ],
)
async def test_who_waits_in_the_mailbox_of_a_child_that_waits_for_its_restart_is_told_of_its_end(
    end: "Callable[[Tree, ActorRef[Actor]], Awaitable[object]]",
) -> None:
    child = ChildSpec("it", Leaf, mailbox="keep", backoff=Backoff(initial=10.0))
    async with workers() as (tree, ref):
        await started(ref, child, key="it")
        tree.kill("workers/it")
        await settle()
        waiting = asyncio.ensure_future(tree.ref("workers/it").call("hello"))
        await settle()
        await end(tree, ref)
        with pytest.raises(CallFailedError):
            await waiting
