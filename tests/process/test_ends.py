"""Ends that go wrong: swallowed, repeated, raised in cleanup, never come."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from supervisor import (
    Actor,
    ActorSystem,
    ChildSpec,
    Continue,
    Crashed,
    Down,
    Exit,
    Killed,
    NoProcess,
    Shutdown,
    Stop,
)
from supervisor.process.exits import KILLED, NORMAL, SHUTDOWN
from supervisor.process.process import Process
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen, Trapping, Unyielding, one, running


async def spawn(actor: Actor) -> Process:
    """One process without a tree, running."""
    process = ActorSystem().spawn(lambda: actor, path="it")
    await asyncio.wait({process.started})
    return process


class Waits(Actor):
    """Waits in its handler; what it does when it is cancelled there, subclasses say."""

    def __init__(self) -> None:
        self.terminated: list[object] = []
        self.handled: list[object] = []

    async def handle_cast(self, message: object) -> object:
        self.handled.append(message)
        try:
            await asyncio.sleep(3600.0)
        except asyncio.CancelledError:
            return self.cancelled()
        return None

    def cancelled(self) -> object:
        raise ZeroDivisionError("in cleanup")

    def terminate(self, reason: object) -> None:
        self.terminated.append(reason)


class Swallows(Waits):
    def cancelled(self) -> object:
        return None


class SwallowsAndStops(Waits):
    def cancelled(self) -> object:
        return Stop(NORMAL)


@asynccontextmanager
async def waiting(actor: Waits) -> AsyncIterator[Process]:
    """A process whose actor waits in its handler, with one more message behind."""
    process = await spawn(actor)
    process.pid.cast("in hand")
    process.pid.cast("behind")
    await settle()
    yield process


@pytest.mark.conformance("B19")
@pytest.mark.parametrize("actor", [Waits, Swallows, SwallowsAndStops])
async def test_killed_is_killed_whatever_its_finally_blocks_say(actor: type[Waits]) -> None:
    it = actor()
    async with waiting(it) as process:
        process.kill()
        assert await process.ended == KILLED
        assert (it.terminated, it.handled) == ([], ["in hand"])


async def test_failure_in_a_finally_block_is_the_reason_of_an_actor_that_was_asked_to_stop() -> None:
    it = Waits()
    async with waiting(it) as process:
        process.exit(SHUTDOWN, from_parent=True)
        reason = await process.ended
        assert isinstance(reason, Crashed)
        assert isinstance(reason.exception, ZeroDivisionError)
        assert it.terminated == []


@pytest.mark.conformance("F2")
async def test_handler_that_swallows_its_cancellation_gets_no_further_message() -> None:
    it = Swallows()
    async with waiting(it) as process:
        process.exit(SHUTDOWN, from_parent=True)
        assert await process.ended == SHUTDOWN
        assert it.handled == ["in hand"]


async def test_init_that_swallows_its_cancellation_has_not_come_up() -> None:
    class Swallows(Actor):
        async def init(self) -> None:
            try:
                await asyncio.sleep(3600.0)
            except asyncio.CancelledError:
                return

    process = ActorSystem().spawn(Swallows, path="it")
    await settle()
    process.kill()
    assert await process.started == KILLED


@pytest.mark.conformance("F1")
async def test_actor_that_is_ended_before_its_first_step_has_run_nothing_of_its_async_init() -> None:
    """A task that is cancelled then runs neither body nor finally."""
    made: list[object] = []

    class Made(Actor):
        async def init(self) -> None:
            made.append(self)

    process = ActorSystem().spawn(Made, path="it")
    process.kill()
    assert await process.ended == KILLED
    assert process.started.result() == KILLED
    assert made == []


async def test_kill_of_itself_in_its_last_step_is_a_kill() -> None:
    class Suicide(Actor):
        def handle_cast(self, message: object) -> Stop:
            self._process.kill()
            return Stop()

    process = await spawn(Suicide())
    process.pid.cast("now")
    assert await process.ended == KILLED


async def test_kill_that_comes_after_the_last_step_changes_nothing() -> None:
    class KilledTooLate(Scripted):
        def terminate(self, reason: object) -> None:
            asyncio.get_running_loop().call_soon(self._process.kill)  # before anybody knows that it has ended

    process = await spawn(KilledTooLate(Seen()))
    process.pid.cast("stop")
    assert await process.ended == NORMAL


async def test_chain_of_continues_ends_with_the_cancellation_that_it_swallowed() -> None:
    begun: list[object] = []

    class Chain(Actor):
        def init(self) -> Continue:
            return Continue(0)

        async def handle_continue(self, argument: object) -> Continue:
            begun.append(argument)
            try:
                await asyncio.sleep(3600.0)
            except asyncio.CancelledError:
                return Continue("another")
            return Continue("yet another")

    process = await spawn(Chain())
    process.exit(SHUTDOWN, from_parent=True)
    assert await process.ended == SHUTDOWN
    assert begun == [0]


async def test_parent_is_told_of_an_end_but_not_of_a_start_that_failed() -> None:
    """It knows that from the start."""

    class Fails(Actor):
        def init(self) -> None:
            raise ZeroDivisionError

    seen = Seen()
    parent = await spawn(Trapping(seen))
    parent.system.spawn(Fails, path="fails", parent=parent)
    came_up = parent.system.spawn(Actor, path="up", parent=parent)
    await settle()
    came_up.kill()
    await settle()
    assert seen.events == ["init", ("info", Exit(came_up.pid, KILLED))]
    parent.kill()
    await parent.ended


@pytest.mark.conformance("B24")
async def test_exception_of_terminate_replaces_the_reason_and_keeps_the_crash_before_it() -> None:
    class FailsTwice(Scripted):
        def terminate(self, reason: object) -> None:
            raise ValueError("in cleanup")

    process = await spawn(FailsTwice(Seen()))
    process.pid.cast("crash")
    reason = await process.ended
    assert isinstance(reason, Crashed)
    assert isinstance(reason.exception, ValueError)
    assert isinstance(reason.exception.__context__, ZeroDivisionError)


async def test_crash_that_was_handed_on_by_a_future_does_not_end_whoever_it_came_from() -> None:
    """Its traceback has the frame of a coroutine that goes on."""
    went_on = asyncio.Event()
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def source() -> None:
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError as error:
            future.set_exception(error)
            await asyncio.sleep(1.0)
            went_on.set()

    class Awaits(Scripted):
        async def handle_cast(self, message: object) -> None:
            await future

    process = await spawn(Awaits(Seen()))
    process.pid.cast("x")
    running = asyncio.ensure_future(source())
    assert isinstance(await process.ended, Crashed)
    await asyncio.sleep(2.0)
    assert went_on.is_set()
    assert running.done()


@pytest.mark.conformance("F22")
async def test_remembered_crash_does_not_keep_what_the_dead_functions_held() -> None:
    class Big:
        pass

    class Holds(Scripted):
        def handle_cast(self, message: object) -> None:
            big = Big()
            seen.append(weakref.ref(big))
            raise ZeroDivisionError

    seen: list[weakref.ref[Big]] = []
    process = await spawn(Holds(Seen()))
    process.pid.cast("x")
    reason = await process.ended
    gc.collect()
    assert isinstance(reason, Crashed)
    assert seen[0]() is None
    assert reason.exception.__traceback__ is not None


# --- abandoned ----------------------------------------------------------------------------------------------


class Undead(Unyielding):
    """Does not end, until it is let go; then it tries to go on as if nothing had happened."""

    async def handle_cast(self, message: object) -> None:
        await super().handle_cast(message)
        self.send_after("late", 1.0)
        self.monitor(self.ref("nobody"))
        self.monitor(self.ref("it"))
        self.link(self.ref("it"))


@pytest.mark.conformance("F19")
async def test_abandoned_actor_gives_one_down_and_its_real_end_is_silent() -> None:
    release, seen = asyncio.Event(), Seen()

    class Watcher(Scripted):
        def init(self) -> None:
            self.monitor(self.ref("it"))

    specs = (
        ChildSpec("it", Undead, (release,), shutdown="brutal_kill", restart="temporary"),
        ChildSpec("watcher", Watcher, (seen,)),
    )
    async with running(*specs) as tree:
        process = tree.system.address("it").process
        assert process is not None
        tree.ref("it").cast("x")
        await settle()
        process.kill()
        process.abandon()
        await settle()
        assert [str(event[1].reason) for event in seen.events] == ["was killed"]  # type: ignore[index]
        assert tree.system.zombies == {process}
        release.set()
        await settle()
        assert tree.system.zombies == set()
        assert len(seen.events) == 1


@pytest.mark.conformance("F15")
async def test_abandoned_actor_takes_nothing_from_its_successor_and_sends_it_nothing() -> None:
    release, seen = asyncio.Event(), Seen()
    incarnations = iter([Undead(release), Scripted(seen), Scripted(seen)])
    async with running(ChildSpec("it", lambda: next(incarnations), mailbox="keep")) as tree:
        old = tree.system.address("it").process
        assert old is not None
        tree.ref("it").cast("in hand")
        await settle()
        old.kill()
        old.abandon()
        tree.ref("it").cast("for the next one")
        await settle()
        release.set()
        await asyncio.sleep(10.0)
        successor = tree.system.address("it").process
        assert successor is not None
        assert (successor.ties.monitors, successor.ties.links) == ({}, {})
        tree.kill("it")
        await settle()
        assert seen.events == ["init", ("cast", "for the next one"), "init"]


@pytest.mark.conformance("F15")
async def test_abandoned_actor_that_nobody_has_cancelled_takes_no_further_message() -> None:
    release, seen = asyncio.Event(), Seen()

    class Hangs(Scripted):
        async def handle_cast(self, message: object) -> None:
            self.seen(message)
            await release.wait()

    system = ActorSystem()
    process = system.spawn(lambda: Hangs(seen), path="it", name="it", keeps_mailbox=True)
    system.ref("it").cast("in hand")
    await settle()
    system.ref("it").cast("for the next one")
    process.abandon()
    release.set()
    await settle()
    assert seen.events == ["init", "in hand"]
    assert system.zombies == set()


# --- links and exit signals ---------------------------------------------------------------------------------


class Links(Scripted):
    def handle_cast(self, message: object) -> None:
        self.link(self.ref(str(message)))


class TrapsLinks(Links):
    trap_exit = True


@pytest.mark.conformance("B25", "B26")
@pytest.mark.parametrize(
    ("said", "ends"),
    [
        pytest.param(Shutdown("enough"), True, id="shutdown-does"),
        pytest.param(NORMAL, False, id="normal-does-not"),
    ],
)
async def test_only_a_normal_end_leaves_a_linked_actor_alone(said: Shutdown, *, ends: bool) -> None:
    class Ends(Scripted):
        def handle_cast(self, message: object) -> object:
            return Stop(said)

    specs = (
        ChildSpec("a", Ends, (Seen(),), restart="temporary"),
        ChildSpec("b", Links, (Seen(),), restart="temporary"),
    )
    async with running(*specs) as tree:
        linked = tree.ref("b").pid
        tree.ref("b").cast("a")
        await settle()
        tree.ref("a").cast("now")
        await settle()
        assert linked is not None
        assert linked.is_alive is not ends


@pytest.mark.conformance("B27")
async def test_link_to_nobody_ends_it_at_once() -> None:
    process = await spawn(Links(Seen()))
    process.pid.cast("nobody")
    assert await process.ended == NoProcess()


@pytest.mark.conformance("B27")
async def test_link_to_nobody_is_a_message_to_one_that_traps() -> None:
    seen = Seen()
    process = await spawn(TrapsLinks(seen))
    process.pid.cast("nobody")
    await settle()
    assert seen.events == ["init", ("info", Exit(None, NoProcess()))]
    process.kill()
    await process.ended


@pytest.mark.conformance("B26")
async def test_kill_of_a_linked_actor_arrives_as_a_message_where_exits_are_trapped() -> None:
    seen = Seen()
    specs = ChildSpec("a", Scripted, (Seen(),)), ChildSpec("b", TrapsLinks, (seen,))
    async with running(*specs) as tree:
        tree.ref("b").cast("a")
        await settle()
        killed = tree.ref("a").pid
        tree.kill("a")
        await settle()
        assert seen.events[-1] == ("info", Exit(killed, Killed()))


@pytest.mark.conformance("B20")
async def test_request_to_stop_passes_the_queue_but_not_the_message_in_hand() -> None:
    handled: list[object] = []

    class Slow(Trapping):
        async def handle_cast(self, message: object) -> None:
            await asyncio.sleep(1.0)
            handled.append(message)

    async with one(Slow, restart="temporary") as (tree, seen):
        for number in range(5):
            tree.ref("it").cast(number)
        await settle()
        await tree.stop()
        assert handled == [0]
        assert seen.events == ["init", ("terminate", "shut down")]


@pytest.mark.conformance("B29")
async def test_down_comes_after_what_the_ended_one_had_sent() -> None:
    seen = Seen()

    class Watcher(Scripted):
        def init(self) -> None:
            self.monitor(self.ref("it"))

    class SaysGoodbye(Scripted):
        def handle_cast(self, message: object) -> Stop:
            self.ref("watcher").send("goodbye")
            return Stop()

    specs = (
        ChildSpec("it", SaysGoodbye, (Seen(),), restart="temporary"),
        ChildSpec("watcher", Watcher, (seen,)),
    )
    async with running(*specs) as tree:
        tree.ref("it").cast("x")
        await settle()
        assert [type(event[1]) for event in seen.events] == [str, Down]  # type: ignore[index]


async def test_what_is_made_must_be_an_actor() -> None:
    process = ActorSystem().spawn(dict, path="it")  # type: ignore[arg-type]
    outcome = await process.started
    assert isinstance(outcome, Crashed)
    assert str(outcome.exception) == "start of 'it' must make an Actor, got {}"
