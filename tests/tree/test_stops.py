"""Stopping: order, limits, those whose supervisor is gone, and stops that come at a bad time."""

import asyncio
from typing import TYPE_CHECKING

import anyio
import pytest

from supervisor import Actor, ActorSystem, ChildSpec, StartFailedError, Supervisor, start_child, start_tree
from supervisor.clock import monotonic
from supervisor.process.exits import SHUTDOWN
from supervisor.testing import captured, settle
from tests.process.actors import Scripted, Seen, Trapping, running

if TYPE_CHECKING:
    from supervisor.tree import Tree


class SlowToStop(Actor):
    """Needs a second to clean up."""

    trap_exit = True

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def terminate(self, reason: object) -> None:
        await asyncio.sleep(1.0)
        self.seen((self.path, monotonic(), str(reason)))


def slow(name: str, seen: Seen, *, shutdown: float = 5.0) -> ChildSpec:
    return ChildSpec(name, SlowToStop, (seen,), shutdown=shutdown)


@pytest.mark.conformance("A36")
async def test_each_is_gone_before_the_next_is_asked() -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [slow("x", seen), slow("y", seen)])
    async with running(slow("a", seen), inner, slow("b", seen)):
        pass
    assert seen.events == [
        ("b", 1.0, "shut down"),
        ("inner/y", 2.0, "shut down"),
        ("inner/x", 3.0, "shut down"),
        ("a", 4.0, "shut down"),
    ]


@pytest.mark.conformance("A38")
async def test_one_that_takes_too_long_does_not_take_time_from_the_others() -> None:
    seen = Seen()
    with captured(("supervisor", "stop", "overdue")) as overdue:
        async with running(slow("a", seen), slow("b", seen, shutdown=0.3), slow("c", seen)):
            pass
    assert seen.events == [("c", 1.0, "shut down"), ("a", 2.3, "shut down")]
    assert [(event.metadata["path"], event.at) for event in overdue] == [("b", 1.3)]


@pytest.mark.conformance("A38")
async def test_limit_of_zero_asks_and_kills_at_once() -> None:
    seen = Seen()
    async with running(slow("a", seen, shutdown=0.0)):
        pass
    assert monotonic() == 0.0
    assert seen.events == []


@pytest.mark.conformance("A41")
async def test_no_end_during_a_stop_leads_to_a_restart() -> None:
    class CrashesInCleanup(Trapping):
        def terminate(self, reason: object) -> None:
            raise ZeroDivisionError

    seen = Seen()
    names = [ChildSpec(name, CrashesInCleanup, (seen,)) for name in "abcdef"]
    async with running(*names, max_restarts=0) as tree:
        pass
    assert seen.events.count("init") == 6
    assert tree.is_running is False


@pytest.mark.conformance("F15")
async def test_abandoned_child_is_reported_and_does_not_keep_the_others_from_stopping() -> None:
    release, seen = asyncio.Event(), Seen()

    class Stubborn(Actor):
        async def handle_cast(self, message: object) -> None:
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue

    with captured(("supervisor", "child", "abandoned")) as abandoned:
        async with running(slow("a", seen), ChildSpec("b", Stubborn, shutdown=1.0)) as tree:
            tree.ref("b").cast("x")
            await settle()
            report = await tree.stop()
    assert [(one.path, round(one.seconds, 6)) for one in report.would_not_stop] == [("b", 1.5)]
    assert seen.events == [("a", pytest.approx(2.5), "shut down")]
    assert [(event.metadata["path"], event.measurements) for event in abandoned] == [
        ("b", {"duration_seconds": pytest.approx(1.5)})
    ]
    release.set()
    await settle()
    assert tree.system.zombies == set()


async def test_second_stop_is_harmless() -> None:
    async with running(ChildSpec("a", Scripted, (Seen(),))) as tree:
        assert not await tree.stop()
        assert not await tree.stop()


# --- those whose supervisor is gone -------------------------------------------------------------------------


@pytest.mark.conformance("A44")
@pytest.mark.parametrize("killed", ["root", "inner"])
async def test_block_is_not_left_before_those_have_ended_whose_supervisor_was_killed(killed: str) -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [slow("x", seen)], restart="temporary")
    async with running(inner) as tree:
        tree.kill(killed)
    assert [event[0] for event in seen.events] == ["inner/x"]  # type: ignore[index]
    assert tree.system.processes == ()


async def test_those_whose_supervisor_was_killed_are_asked_newest_first() -> None:
    seen = Seen()

    class Notes(Trapping):
        def terminate(self, reason: object) -> None:
            self.seen(self.path)

    async with running(*(ChildSpec(name, Notes, (seen,)) for name in "abc")) as tree:
        tree.kill("root")
    assert seen.events[3:] == ["c", "b", "a"]


async def test_orphan_is_given_its_own_limit() -> None:
    seen = Seen()
    async with running(slow("a", seen, shutdown=0.3)) as tree:
        tree.kill("root")
        await settle()
    assert monotonic() == pytest.approx(0.3)
    assert seen.events == []


async def test_successor_of_a_killed_supervisor_waits_for_what_it_left_behind() -> None:
    """Two that bear one name must never run at once."""
    seen = Seen()

    class Notes(SlowToStop):
        def init(self) -> None:
            self.seen(("init", monotonic()))

    inner = Supervisor.spec("inner", [ChildSpec("x", Notes, (seen,))])
    async with running(inner) as tree:
        tree.kill("inner")
        await asyncio.sleep(5.0)
        assert seen.events == [("init", 0.0), ("inner/x", 1.0, "was killed"), ("init", 1.0)]


# --- at a bad time ------------------------------------------------------------------------------------------


class Hangs(Actor):
    async def init(self) -> None:
        await asyncio.sleep(3600.0)


async def test_stop_during_the_start_stops_what_had_come_up_in_order() -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [slow("x", seen), ChildSpec("hangs", Hangs)])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(10.0), running(slow("a", seen), inner):
            pytest.fail("it came up")
    assert seen.events == [("inner/x", 11.0, "shut down"), ("a", 12.0, "shut down")]


async def test_supervisor_that_is_stopped_during_its_start_was_shut_down_and_did_not_fail() -> None:
    system = ActorSystem()
    root = system.spawn(lambda: Supervisor([ChildSpec("it", Hangs)]), path="root", name="root")
    await settle()
    root.exit(SHUTDOWN, from_parent=True)
    assert await root.started == SHUTDOWN
    assert root.reason == SHUTDOWN


async def test_start_that_is_broken_off_is_told_to_who_asked_for_it_and_is_no_failed_start() -> None:
    with captured(("supervisor", "child", "start_failed")) as failed:
        async with running() as tree:
            starting = asyncio.ensure_future(start_child(tree.ref("root"), ChildSpec("hangs", Hangs)))
            await settle()
        with pytest.raises(StartFailedError, match="'hangs' failed to start: shut down"):
            await starting
    assert failed == []


@pytest.mark.conformance("A27", "S1.30")
async def test_failed_start_two_levels_down_reaches_who_starts_the_tree() -> None:
    class Fails(Actor):
        def init(self) -> None:
            raise ZeroDivisionError("no disk")

    seen = Seen()
    inner = Supervisor.spec("inner", [slow("x", seen), ChildSpec("y", Fails)])
    with pytest.raises(StartFailedError, match=r"'inner' failed to start") as raised:
        async with running(slow("a", seen), inner):
            pytest.fail("it came up")
    cause = raised.value.__cause__
    assert isinstance(cause, StartFailedError)
    assert cause.path == "inner/y"
    assert isinstance(cause.__cause__, ZeroDivisionError)
    assert [event[0] for event in seen.events] == ["inner/x", "a"]  # type: ignore[index]


async def _in_block(seen: Seen, entered: "asyncio.Future[Tree]") -> None:
    async with running(slow("a", seen), slow("b", seen)) as tree:
        entered.set_result(tree)
        await asyncio.sleep(3600.0)


@pytest.mark.conformance("F23")
async def test_second_cancellation_makes_the_stop_brutal() -> None:
    seen, entered = Seen(), asyncio.get_running_loop().create_future()
    block = asyncio.ensure_future(_in_block(seen, entered))
    tree = await entered
    block.cancel()
    await asyncio.sleep(0.5)
    block.cancel()
    with pytest.raises(asyncio.CancelledError):
        await block
    assert monotonic() == pytest.approx(0.5)
    assert (seen.events, tree.system.processes) == ([], ())


@pytest.mark.conformance("F23")
async def test_cancelled_scope_of_anyio_is_one_cancellation_and_no_second() -> None:
    """It cancels at every await, also at those of the stop."""
    seen = Seen()
    with anyio.move_on_after(10.0):
        async with start_tree(Supervisor.spec("root", [slow("a", seen), slow("b", seen)])):
            await asyncio.sleep(3600.0)
    assert seen.events == [("b", 11.0, "shut down"), ("a", 12.0, "shut down")]


async def test_error_of_the_block_is_raised_after_the_stop() -> None:
    seen = Seen()
    with pytest.raises(ZeroDivisionError):
        async with running(slow("a", seen)):
            raise ZeroDivisionError
    assert seen.events == [("a", 1.0, "shut down")]
