"""What asyncio does to a task, and what an actor makes of it."""

import asyncio
import gc
import traceback
import weakref
from contextvars import ContextVar
from typing import ClassVar

import pytest

from supervisor import (
    Actor,
    ActorSystem,
    Backoff,
    ChildSpec,
    Continue,
    Crashed,
    MaxRestartsExceededError,
    Shutdown,
    Supervisor,
    start_child,
    start_tree,
    terminate_child,
)
from supervisor.clock import monotonic
from supervisor.process.exits import KILLED, SHUTDOWN, ExitReason
from supervisor.process.milestones import ended_within
from supervisor.testing import ScriptedChild, VirtualTimeLoop, captured, crash_after, settle
from tests.process.actors import Scripted, Seen, one, running


class Raises(Scripted):
    """Raises what it is sent."""

    def handle_cast(self, message: object) -> object:
        assert isinstance(message, BaseException)
        raise message


class Sleeps(Actor):
    """Sleeps in its handler; how long its `finally` takes, and what becomes of it, is noted."""

    def __init__(self, seen: Seen, cleanup_seconds: float = 0.0) -> None:
        self.seen, self.cleanup_seconds = seen, cleanup_seconds

    async def handle_cast(self, message: object) -> None:
        try:
            await asyncio.sleep(3600.0)
        finally:
            self.seen(("cleanup begins", monotonic()))
            await asyncio.sleep(self.cleanup_seconds)
            self.seen(("cleanup ends", monotonic()))


# --- before the first step ----------------------------------------------------------------------------------


@pytest.mark.conformance("F1")
@pytest.mark.parametrize(
    "reason", [SHUTDOWN, Shutdown("early"), KILLED], ids=["shutdown", "shutdown+detail", "kill"]
)
async def test_one_that_is_ended_before_its_first_step_ends_with_that_reason(reason: ExitReason) -> None:
    """Its task runs nothing and has no result, so the reason must come from elsewhere."""
    made: list[object] = []

    class Made(Actor):
        async def init(self) -> None:
            made.append(self)

    process = ActorSystem().spawn(Made, path="it")
    if reason == KILLED:
        process.kill()
    else:
        process.exit(reason, from_parent=True)
    assert await process.ended == reason
    assert (process.started.result(), made) == (reason, [])


@pytest.mark.conformance("F1")
async def test_task_cancelled_by_a_stranger_before_its_first_step_counts_as_killed() -> None:
    process = ActorSystem().spawn(Actor, path="it")
    process.task.cancel()
    assert await process.ended == KILLED


@pytest.mark.conformance("F1")
async def test_child_is_handed_out_only_when_it_has_run() -> None:
    seen = Seen()
    async with running() as tree:
        pid = await start_child(tree.ref("root"), ChildSpec("it", Scripted, (seen,)))
        assert seen.events == ["init"]
        assert pid is not None


# --- cancellation -------------------------------------------------------------------------------------------


@pytest.mark.conformance("F2")
async def test_wait_for_an_end_comes_back_on_time_though_the_cancellation_was_swallowed() -> None:
    class Swallows(Actor):
        async def handle_cast(self, message: object) -> None:
            try:
                await asyncio.sleep(3600.0)
            except asyncio.CancelledError:
                await asyncio.sleep(60.0)

    process = ActorSystem().spawn(Swallows, path="it")
    process.pid.cast("x")
    await settle()
    process.kill()
    assert not await ended_within(process, 2.0)
    assert monotonic() == 2.0
    assert await ended_within(process, None)
    assert monotonic() == 60.0


@pytest.mark.conformance("F4")
@pytest.mark.parametrize(
    ("limit", "noted"),
    [
        pytest.param(5.0, [("cleanup begins", 0.0), ("cleanup ends", 3.0)], id="within-its-limit-it-ends"),
        pytest.param(1.0, [("cleanup begins", 0.0)], id="at-its-limit-it-is-cut"),
    ],
)
async def test_cleanup_of_a_finally_block_has_the_time_of_its_limit(
    limit: float, noted: list[object]
) -> None:
    seen = Seen()
    async with running(ChildSpec("it", Sleeps, (seen, 3.0), shutdown=limit)) as tree:
        tree.ref("it").cast("x")
        await settle()
    assert seen.events == noted
    assert monotonic() == min(limit, 3.0)


@pytest.mark.conformance("F5")
async def test_supervisor_takes_the_stray_cancellation_of_a_child_for_a_crash() -> None:
    with captured(("supervisor", "child", "ended")) as ended:
        async with one(Raises) as (tree, seen):
            tree.ref("it").cast(asyncio.CancelledError())
            await settle()
            assert tree.is_running
            assert seen.events.count("init") == 2
    assert [type(event.metadata["reason"]) for event in ended] == [Crashed]


@pytest.mark.conformance("F8")
async def test_exception_of_a_finally_block_during_a_stop_is_the_reason_and_restarts_nothing() -> None:
    class FailsInFinally(Scripted):
        async def handle_cast(self, message: object) -> None:
            try:
                await asyncio.sleep(3600.0)
            finally:
                raise ZeroDivisionError("in cleanup")

    with captured() as events:
        async with one(FailsInFinally) as (tree, seen):
            tree.ref("it").cast("x")
            await settle()
            await terminate_child(tree.ref("root"), "it")
            await settle()
            assert seen.events.count("init") == 1
    [stopped] = [event for event in events if event.name == ("supervisor", "child", "stopped")]
    reason = stopped.metadata["reason"]
    assert isinstance(reason, Crashed)
    assert isinstance(reason.exception, ZeroDivisionError)
    assert isinstance(reason.exception.__context__, asyncio.CancelledError)
    assert ("supervisor", "child", "restarting") not in {event.name for event in events}


# --- exceptions that asyncio treats apart -------------------------------------------------------------------


class OwnBaseError(BaseException):
    pass


@pytest.mark.conformance("F7")
@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(StopIteration(7), StopIteration, id="stop-iteration"),
        pytest.param(StopAsyncIteration(), StopAsyncIteration, id="stop-async-iteration"),
        pytest.param(GeneratorExit(), GeneratorExit, id="generator-exit"),
        pytest.param(OwnBaseError(), OwnBaseError, id="base-of-its-own"),
        pytest.param(ExceptionGroup("many", [ZeroDivisionError()]), ExceptionGroup, id="group"),
        pytest.param(RecursionError(), RecursionError, id="recursion"),
        pytest.param(MemoryError(), MemoryError, id="memory"),
    ],
)
async def test_whatever_is_raised_is_a_crash_and_stays_out_of_the_loop(
    error: BaseException, told: type[BaseException]
) -> None:
    """One that nobody retrieved would fail the test by itself."""
    with captured(("supervisor", "child", "ended")) as ended:
        async with one(Raises) as (tree, seen):
            process = tree.system.address("it").process
            assert process is not None
            tree.ref("it").cast(error)
            await settle()
            assert [event if isinstance(event, str) else event[0] for event in seen.events] == [  # type: ignore[index]
                "init",
                "terminate",
                "init",
            ]
            assert process.task.exception() is None
    [reason] = [event.metadata["reason"] for event in ended]
    assert isinstance(reason, Crashed)
    assert type(reason.exception) is told


@pytest.mark.conformance("F7")
def test_actor_that_is_thrown_away_with_its_loop_awaits_nothing_more() -> None:
    seen = Seen()

    class CleansUp(Actor):
        def init(self) -> None:
            seen("init")

        async def terminate(self, reason: object) -> None:
            seen("terminate")
            await asyncio.sleep(1.0)

    async def leave_it() -> "asyncio.Task[None]":
        process = ActorSystem().spawn(CleansUp, path="it")
        await asyncio.wait({process.started})
        await asyncio.sleep(0)
        return process.task

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # it tells of the pending task, rightly
    coroutine = loop.run_until_complete(leave_it()).get_coro()
    loop.close()
    coroutine.close()  # as the collector does, sooner or later
    assert seen.events == ["init"]


@pytest.mark.conformance("F6")
@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
async def test_request_to_end_the_program_that_an_init_makes_reaches_who_starts_the_tree(
    error: BaseException,
) -> None:
    class Leaves(Actor):
        def init(self) -> None:
            raise error

    seen = Seen()
    with pytest.raises(type(error)) as raised:
        async with running(ChildSpec("first", Scripted, (seen,)), ChildSpec("it", Leaves)):
            pytest.fail("it came up")
    assert raised.value is error


# --- tasks among each other ---------------------------------------------------------------------------------


@pytest.mark.conformance("F11")
async def test_crash_cuts_no_sibling_in_the_middle_of_its_work() -> None:
    done: list[object] = []

    class Works(Actor):
        async def handle_cast(self, message: object) -> None:
            await asyncio.sleep(10.0)
            done.append(message)

    async with running(ChildSpec("works", Works), ChildSpec("it", Scripted, (Seen(),))) as tree:
        tree.ref("works").cast("work")
        await asyncio.sleep(5.0)
        tree.ref("it").cast("crash")
        await asyncio.sleep(5.0)
        await settle()
        assert done == ["work"]


@pytest.mark.conformance("F12")
async def test_actor_that_nobody_holds_is_not_collected() -> None:
    """The loop holds its tasks weakly."""
    seen = Seen()
    system = ActorSystem()
    system.spawn(lambda: Scripted(seen), path="it", name="it")
    await settle()
    gc.collect()
    await asyncio.sleep(10.0)
    assert await system.ref("it").call("hello") == "hello"
    for process in system.processes:
        process.kill()
        await process.ended


@pytest.mark.conformance("F12")
@pytest.mark.parametrize("is_async", [False, True], ids=["plain-init", "async-init"])
async def test_actor_is_known_by_its_name_in_its_very_first_step(*, is_async: bool) -> None:
    found: list[bool] = []

    class Looks(Actor):
        def init(self) -> object:
            if is_async:
                return self.look_later()
            self.look()
            return None

        def look(self) -> None:
            found.append(self.system.whereis("it") is self.pid and self._process in self.system.processes)

        async def look_later(self) -> None:
            self.look()

    async with running(ChildSpec("it", Looks)):
        assert found == [True]


@pytest.mark.conformance("F12")
async def test_child_does_not_see_the_context_of_whoever_asked_for_it() -> None:
    """It belongs to its supervisor, and a restart could not give it that context again."""
    request: ContextVar[str] = ContextVar("request", default="none")
    seen: list[str] = []

    class Looks(Actor):
        def init(self) -> None:
            seen.append(request.get())

    async with running() as tree:
        request.set("of a caller")
        await start_child(tree.ref("root"), ChildSpec("it", Looks))
        tree.kill("it")
        await settle()
    assert seen == ["none", "none"]


@pytest.mark.conformance("F18")
async def test_sender_that_is_being_cancelled_has_sent_both_or_none_of_what_it_sends_between_two_awaits() -> (
    None
):
    async with one() as (tree, seen):

        async def send() -> None:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            tree.ref("it").cast("first")
            tree.ref("it").cast("second")
            await asyncio.sleep(0)
            tree.ref("it").cast("third")

        with pytest.raises(asyncio.CancelledError):
            await asyncio.ensure_future(send())
        await settle()
        assert seen.events == ["init", ("cast", "first"), ("cast", "second")]


# --- restarts -----------------------------------------------------------------------------------------------

STORM = 2000


@pytest.mark.conformance("F20")
@pytest.mark.parametrize("fails_in", ["init", "handler"])
async def test_storm_of_restarts_lets_others_have_their_turn(fails_in: str) -> None:
    starts: list[object] = []

    class Fails(Actor):
        def init(self) -> Continue | None:
            starts.append(self)
            if fails_in == "init" and 1 < len(starts) < STORM:
                raise ZeroDivisionError
            return None if len(starts) == STORM else Continue()

        def handle_continue(self, argument: object) -> None:
            raise ZeroDivisionError

    specs = ChildSpec("it", Fails), ChildSpec("other", Scripted, (Seen(),))
    async with running(*specs, max_restarts=STORM + 1) as tree:
        assert await tree.ref("other").call("hello") == "hello"
        await start_child(tree.ref("root"), ChildSpec("new", Scripted, (Seen(),)))
        assert len(starts) < STORM


class Holds(Actor):
    """Crashes in three ways, each with frames of its own."""

    states: ClassVar[list[weakref.ref[object]]] = []

    def __init__(self) -> None:
        self.states.append(weakref.ref(self))

    def handle_cast(self, message: object) -> object:
        match message:
            case "at once":
                raise ZeroDivisionError
            case "later":
                return self.later()
            case _:
                return self.translated()

    async def later(self) -> None:
        await asyncio.sleep(0)
        await self.deeper()

    async def deeper(self) -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    async def translated(self) -> None:
        try:
            await self.deeper()
        except ZeroDivisionError as error:
            raise ValueError from error


@pytest.mark.conformance("F21")
@pytest.mark.parametrize("jump", [86_400.0, -86_400.0], ids=["forward", "back"])
async def test_wall_clock_that_is_set_changes_no_backoff_and_no_limit(
    jump: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after the sleep of a laptop, or by hand."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    child = ScriptedChild("it", crash_after(1.0))
    spec = child.spec(backoff=Backoff(initial=2.0, factor=1.0, jitter=0.0))
    root = Supervisor.spec("root", [spec], max_restarts=3, max_seconds=10.0)
    jumped = loop.unix_time() + jump
    loop.call_later(4.5, monkeypatch.setattr, loop, "unix_time", lambda: jumped)
    with pytest.raises(MaxRestartsExceededError):
        async with start_tree(root) as tree:
            await tree.wait()
    assert child.started_at == [0.0, 3.0, 6.0, 9.0]


@pytest.mark.conformance("F22")
@pytest.mark.parametrize("how", ["at once", "later", "translated"])
async def test_hundred_crashes_that_are_remembered_keep_no_state_of_the_dead(how: str) -> None:
    """A traceback has frames, and those have locals."""
    Holds.states.clear()
    with captured(("supervisor", "child", "ended")) as ended:  # it remembers the reasons
        async with running(ChildSpec("it", Holds)) as tree:
            for _ in range(100):
                tree.ref("it").cast(how)
                await settle()
            gc.collect()
            alive = [state for state in Holds.states if state() is not None]
            assert (len(ended), len(Holds.states), alive) == (100, 101, Holds.states[-1:])
    reason = ended[0].metadata["reason"]
    assert isinstance(reason, Crashed)
    assert any(
        "handle_cast" in line or "deeper" in line for line in traceback.format_exception(reason.exception)
    )
