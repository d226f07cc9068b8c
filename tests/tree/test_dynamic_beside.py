"""Slow starts and stops under a dynamic supervisor hold up nobody else, and nothing is lost by that."""

import asyncio
from typing import ClassVar

import pytest

from supervisor import (
    Actor,
    Backoff,
    CallFailedError,
    ChildNotFoundError,
    ChildSpec,
    StartFailedError,
    StartTimeoutError,
    count_children,
    resume,
    start_child,
    suspend,
    terminate_child,
    which_child,
    which_children,
)
from supervisor.clock import monotonic
from supervisor.testing import captured, settle
from supervisor.tree.child import Child
from tests.process.actors import Seen
from tests.tree.dynamic_trees import Leaf, started, workers
from tests.tree.test_dynamic_stops import CleansUp

pytestmark = pytest.mark.conformance("A33")


class Slow(Actor):
    """Takes a while to come up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def init(self) -> None:
        await asyncio.sleep(self.seconds)


class SlowThenFails(Slow):
    async def init(self) -> None:
        await super().init()
        raise ZeroDivisionError("no disk")


class SlowThenCrashes(Slow):
    """Comes up, and crashes before anybody can be told of it."""

    starts: ClassVar[list[float]] = []

    async def init(self) -> None:
        self.starts.append(monotonic())
        await super().init()
        if len(self.starts) == 1:
            self.pid.cast("crash")

    def handle_cast(self, message: object) -> None:
        raise ZeroDivisionError("at once")


class SlowToComeBack(Slow):
    """Comes up at once, and from then on takes its time."""

    starts: ClassVar[int] = 0

    async def init(self) -> None:
        SlowToComeBack.starts += 1
        if SlowToComeBack.starts > 1:
            await super().init()


@pytest.fixture(autouse=True)
def _no_starts() -> None:
    SlowThenCrashes.starts.clear()
    SlowToComeBack.starts = 0


async def test_requests_are_served_while_a_child_takes_its_time_to_start() -> None:
    async with workers() as (_, ref):
        slow = asyncio.ensure_future(start_child(ref, (Slow, 60.0), key="slow"))
        await settle()
        began = monotonic()
        quick = await started(ref, Leaf)
        infos = await which_children(ref)
        assert [(info.state, info.pid) for info in infos] == [("starting", None), ("running", quick)]
        assert (await count_children(ref)).active == 1
        await terminate_child(ref, quick)
        assert monotonic() == began
        assert await slow is (await which_child(ref, "slow")).pid
        assert monotonic() - began == pytest.approx(60.0)


async def test_many_slow_starts_take_the_time_of_one_and_keep_their_order() -> None:
    async with workers() as (_, ref):
        began = monotonic()
        pids = await asyncio.gather(*(start_child(ref, (Slow, 10.0)) for _ in range(50)))
        assert monotonic() - began == pytest.approx(10.0)
        assert [info.pid for info in await which_children(ref)] == pids


async def test_slow_start_that_fails_is_told_to_who_asked_and_leaves_nothing() -> None:
    async with workers() as (_, ref):
        with captured(("supervisor", "child", "start_failed")) as failed:
            with pytest.raises(StartFailedError, match="no disk"):
                await start_child(ref, (SlowThenFails, 1.0))
            with pytest.raises(StartTimeoutError, match=r"after 2\.0 s \(start_timeout\)"):
                await start_child(ref, ChildSpec("it", Slow, (60.0,), start_timeout=2.0))
        assert len(failed) == 2
        assert await which_children(ref) == ()


async def test_start_waits_for_the_report_of_readiness_beside_other_work() -> None:
    class Ready(Actor):
        def init(self) -> None:
            self.send_after("ready", 3.0)

        def handle_info(self, message: object) -> None:
            self.report_ready()

    async with workers() as (_, ref):
        began = monotonic()
        ready = asyncio.ensure_future(start_child(ref, ChildSpec("it", Ready, ready_timeout=5.0)))
        await settle()
        await started(ref, Leaf)
        assert monotonic() == began
        assert await ready is not None
        assert monotonic() - began == pytest.approx(3.0)


async def test_child_that_crashes_as_soon_as_it_is_up_is_first_told_and_then_restarted() -> None:
    async with workers() as (tree, ref):
        pid = await start_child(ref, (SlowThenCrashes, 1.0), key="it")
        assert pid is not None
        await asyncio.sleep(2.0)
        assert not pid.is_alive
        assert tree.ref("workers/it").pid not in {pid, None}
        assert len(SlowThenCrashes.starts) == 2
        assert (await which_child(ref, "it")).restarts == 1


async def test_start_under_way_can_be_terminated() -> None:
    async with workers() as (tree, ref):
        slow = asyncio.ensure_future(start_child(ref, (Slow, 3600.0), key="slow"))
        await settle()
        await terminate_child(ref, "slow")
        with pytest.raises(StartFailedError):
            await slow
        assert await which_children(ref) == ()
        assert tree.ref("workers/slow").pid is None
        assert await start_child(ref, Leaf, key="slow") is not None


async def test_start_under_way_is_broken_off_by_a_stop() -> None:
    async with workers() as (tree, ref):
        slow = asyncio.ensure_future(start_child(ref, (Slow, 3600.0)))
        await settle()
        began = monotonic()
        assert not await tree.stop()
        assert monotonic() == began
        with pytest.raises((CallFailedError, StartFailedError)):
            await slow
        assert tree.system.processes == ()


async def test_start_under_way_is_broken_off_when_the_limit_is_hit() -> None:
    async with workers(max_restarts=0) as (tree, ref):
        slow = asyncio.ensure_future(start_child(ref, (Slow, 3600.0)))
        pid = await started(ref, Leaf)
        tree.kill(pid.path)
        await settle()
        assert ref.pid is None
        with pytest.raises((CallFailedError, StartFailedError)):
            await slow
        assert [process.path for process in tree.system.processes] == ["root"]


async def test_slow_restart_holds_up_nobody() -> None:
    async with workers() as (tree, ref):
        pid = await started(ref, (SlowToComeBack, 30.0), key="it")
        tree.kill("workers/it")
        await settle()
        began = monotonic()
        await started(ref, Leaf)
        assert (await which_child(ref, "it")).state == "starting"
        assert monotonic() == began
        await asyncio.sleep(31.0)
        info = await which_child(ref, "it")
        assert (info.state, info.restarts) == ("running", 1)
        assert info.pid is not pid


async def test_slow_restart_can_be_terminated_for_good() -> None:
    async with workers() as (tree, ref):
        await started(ref, (SlowToComeBack, 30.0), key="it")
        tree.kill("workers/it")
        await settle()
        await terminate_child(ref, "it")
        await asyncio.sleep(60.0)
        assert await which_children(ref) == ()
        assert tree.ref("workers/it").pid is None
        assert SlowToComeBack.starts == 2


@pytest.mark.conformance("A20", "A45", "S1.82")
async def test_supervisor_answers_and_stops_while_a_child_fails_to_come_back_again_and_again() -> None:
    class NeverAgain(Actor):
        starts = 0

        def init(self) -> None:
            NeverAgain.starts += 1
            if NeverAgain.starts > 1:
                raise ZeroDivisionError

    child = ChildSpec("it", NeverAgain, backoff=Backoff(initial=1.0, factor=1.0, jitter=0.0))
    async with workers(max_restarts=10**6) as (tree, ref):
        pid = await started(ref, child, key="it")
        tree.kill("workers/it")
        await asyncio.sleep(5.5)
        assert NeverAgain.starts == 6
        assert [(info.state, info.pid) for info in await which_children(ref)] == [("restarting", None)]
        again = await started(ref, Leaf)
        with pytest.raises(ChildNotFoundError):
            await terminate_child(ref, pid)
        await terminate_child(ref, "it")
        await asyncio.sleep(5.0)
        assert NeverAgain.starts == 6
        assert again.is_alive


async def test_slow_stop_holds_up_nobody_and_its_child_is_not_restarted() -> None:
    async with workers(max_restarts=0) as (tree, ref):
        slow = await started(ref, ChildSpec("it", CleansUp, (10.0,), shutdown="infinity"), key="slow")
        began = monotonic()
        ending = asyncio.ensure_future(terminate_child(ref, slow))
        await settle()
        assert (await which_child(ref, slow)).state == "stopping"
        await started(ref, Leaf)
        assert monotonic() == began
        await ending
        assert monotonic() - began == pytest.approx(10.0)
        with pytest.raises(ChildNotFoundError):
            await which_child(ref, slow)
        assert tree.ref("workers/slow").pid is None
        assert ref.pid is not None


class CleansUpUntrapped(Actor):
    """Does not trap exits, and takes its time to end all the same."""

    def __init__(self, seconds: float, seen: Seen) -> None:
        self.seconds, self.seen = seconds, seen

    async def handle_cast(self, message: object) -> None:
        try:
            await asyncio.sleep(3600.0)
        finally:
            await asyncio.sleep(self.seconds)
            self.seen("clean")


async def test_stop_of_all_waits_for_a_child_that_is_being_stopped_and_does_not_cancel_it_again() -> None:
    seen = Seen()
    async with workers() as (tree, ref):
        slow = await started(ref, ChildSpec("it", CleansUpUntrapped, (10.0, seen), shutdown="infinity"))
        slow.cast("begin")
        ending = asyncio.ensure_future(terminate_child(ref, slow))
        await asyncio.sleep(4.0)
        began = monotonic()
        await terminate_child(tree.ref("root"), "workers")
        assert monotonic() - began == pytest.approx(6.0)
        assert seen.events == ["clean"]
        with pytest.raises(CallFailedError):
            await ending


async def test_child_that_comes_up_in_the_moment_of_a_stop_is_stopped_as_well() -> None:
    class SlowBothWays(CleansUp):
        async def init(self) -> None:
            await asyncio.sleep(self.seconds)

    async with workers() as (tree, ref):
        slow = asyncio.ensure_future(start_child(ref, (SlowBothWays, 1.0), key="slow"))
        await settle()
        await asyncio.sleep(1.0)
        await ref.stop()
        assert tree.ref("workers/slow").pid is None
        with pytest.raises((CallFailedError, StartFailedError)):
            await slow


async def test_fault_of_ours_in_a_start_ends_the_supervisor_and_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def finish(_: Child) -> None:
        raise ZeroDivisionError("a fault of ours")

    async with workers() as (_, ref):
        monkeypatch.setattr(Child, "finish", finish)
        with pytest.raises(CallFailedError, match="a fault of ours"):
            await start_child(ref, (Slow, 1.0))


async def test_child_that_has_ended_is_terminated_once_more_before_its_end_was_told() -> None:
    """What asks for it waits before the message that the stop is over."""
    async with workers() as (tree, supervisor):
        await started(supervisor, ChildSpec("it", CleansUp, (1.0,)), key="it")
        first = asyncio.ensure_future(terminate_child(supervisor, "it"))
        await settle()
        await suspend(supervisor)
        second = asyncio.ensure_future(terminate_child(supervisor, "it"))
        await asyncio.sleep(2.0)
        await resume(supervisor)
        await first
        await second
        assert await which_children(supervisor) == ()
        assert tree.ref("workers").pid is not None
