"""Starting an actor by itself, in nobody's care."""

import asyncio
from contextvars import ContextVar

import pytest

from supervisor import (
    IGNORE,
    POSTPONE,
    Actor,
    ActorSystem,
    AlreadyRegisteredError,
    BadReturnError,
    ChildSpec,
    Crashed,
    Info,
    Shutdown,
    StartFailedError,
    Stop,
)
from supervisor.process import KILLED
from supervisor.testing import captured, settle
from tests.process.actors import Scripted, Seen, Trapping, running


class Declines(Actor):
    def init(self) -> object:
        return IGNORE


class Refuses(Actor):
    def init(self) -> object:
        return Stop(Shutdown("not today"))


class Fails(Actor):
    def init(self) -> object:
        raise ZeroDivisionError("no luck")


class Hangs(Actor):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def init(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.seen("cleaned up")


@pytest.mark.conformance("B1", "S8.9")
async def test_start_waits_for_init_and_gives_a_handle_that_is_linked_to_nobody() -> None:
    seen = Seen()
    async with running(ChildSpec("other", Scripted, (Seen(),))) as tree:
        pid = await tree.system.start(lambda: Scripted(seen))
        assert pid is not None
        assert seen.events == ["init"]
        before = tree.ref("other").pid
        pid.cast("crash")
        await settle()
        assert not pid.is_alive
        assert tree.ref("other").pid is before


@pytest.mark.conformance("B1", "B3")
@pytest.mark.parametrize(
    ("actor", "message"),
    [
        pytest.param(Refuses, r"'it' failed to start: shut down \(not today\)", id="stops"),
        pytest.param(Fails, r"'it' failed to start: crashed \(ZeroDivisionError: no luck\)", id="raises"),
    ],
)
async def test_failed_init_is_an_error_with_its_reason_and_leaves_nothing(
    actor: type[Actor], message: str
) -> None:
    async with running() as tree:
        before = tree.system.processes
        with pytest.raises(StartFailedError, match=message):
            await tree.system.start(actor, name="it")
        await settle()
        assert tree.system.processes == before
        assert tree.system.whereis("it") is None


@pytest.mark.conformance("B1", "B3")
async def test_init_that_declines_gives_no_handle_and_leaves_nothing() -> None:
    async with running() as tree:
        before = tree.system.processes
        assert await tree.system.start(Declines, name="it") is None
        await settle()
        assert tree.system.processes == before
        assert tree.system.whereis("it") is None


@pytest.mark.conformance("B1")
async def test_init_that_takes_too_long_is_killed() -> None:
    seen = Seen()
    async with running() as tree:
        with pytest.raises(StartFailedError, match="had not finished after 2") as raised:
            await tree.system.start(lambda: Hangs(seen), name="it", timeout=2.0)
        assert isinstance(raised.value, TimeoutError)
        await settle()
        assert seen.events == ["cleaned up"]
        assert tree.system.whereis("it") is None


@pytest.mark.conformance("B2")
async def test_name_that_is_taken_runs_no_init() -> None:
    seen = Seen()
    async with running() as tree:
        owner = await tree.system.start(lambda: Scripted(Seen()), name="it")
        with pytest.raises(AlreadyRegisteredError) as raised:
            await tree.system.start(lambda: Scripted(seen), name="it")
        assert raised.value.owner is owner
        assert seen.events == []


@pytest.mark.conformance("S8.8")
async def test_no_name_leaves_it_unnamed() -> None:
    async with running() as tree:
        pid = await tree.system.start(lambda: Scripted(Seen()))
        assert pid is not None
        assert await pid.call("hello") == "hello"


@pytest.mark.conformance("B3")
async def test_failed_start_of_a_linked_actor_leaves_no_message_with_a_starter_that_traps() -> None:
    seen = Seen()
    async with running(ChildSpec("it", Trapping, (seen,))) as tree:
        process = tree.system.address("it").process
        assert process is not None
        for actor in (Fails, Refuses):
            with pytest.raises(StartFailedError):
                await process.actor.start_link(actor)
        assert await process.actor.start_link(Declines) is None
        await settle()
        assert seen.events == ["init"]


@pytest.mark.conformance("B3")
async def test_failed_start_of_a_linked_actor_does_not_end_its_starter() -> None:
    async with running(ChildSpec("it", Scripted, (Seen(),))) as tree:
        process = tree.system.address("it").process
        assert process is not None
        with pytest.raises(StartFailedError):
            await process.actor.start_link(Fails)
        with pytest.raises(StartFailedError, match="had not finished"):
            await process.actor.start_link(lambda: Hangs(Seen()), timeout=1.0)
        await settle()
        assert process.is_alive


async def test_linked_actor_ends_with_its_starter_and_its_starter_with_it() -> None:
    async with running(ChildSpec("it", Scripted, (Seen(),))) as tree:
        process = tree.system.address("it").process
        assert process is not None
        first, second = [await process.actor.start_link(lambda: Scripted(Seen())) for _ in range(2)]
        assert first is not None
        assert second is not None
        first.cast("crash")
        await settle()
        assert not process.is_alive
        assert not second.is_alive


async def test_tree_that_stops_leaves_nobody_behind_also_none_that_nobody_supervised() -> None:
    seen = Seen()
    async with running() as tree:
        pid = await tree.system.start(lambda: Trapping(seen))
        assert pid is not None
    assert not pid.is_alive
    assert seen.events == ["init", ("terminate", "shut down")]


@pytest.mark.conformance("B22")
@pytest.mark.parametrize(
    ("end", "reported"),
    [("stop", 0), ("crash", 1)],
)
async def test_crash_is_reported_once_and_an_orderly_end_never(end: str, reported: int) -> None:
    class Shows(Scripted):
        def format_state(self) -> object:
            return "no secrets"

    with captured(("actor", "crashed")) as events:
        async with running(ChildSpec("it", Shows, (Seen(),), restart="temporary")) as tree:
            tree.ref("it").cast(end)
            await settle()
    assert len(events) == reported
    for event in events:
        assert event.metadata["path"] == "it"
        assert (event.metadata["message"], event.metadata["state"]) == ("str", "no secrets")


@pytest.mark.conformance("B22")
async def test_report_of_a_crash_shows_no_state_unless_told_how_and_survives_a_failing_hook() -> None:
    class Broken(Scripted):
        def format_state(self) -> object:
            raise RuntimeError

    with captured(("actor", "crashed")) as events:
        specs = [ChildSpec(one.__name__, one, (Seen(),), restart="temporary") for one in (Scripted, Broken)]
        async with running(*specs) as tree:
            for spec in specs:
                tree.ref(spec.id).cast("crash")
            await settle()
    assert [event.metadata["state"] for event in events] == [None, "format_state raised RuntimeError"]


@pytest.mark.conformance("B22", "F7")
async def test_hook_that_raises_no_exception_keeps_nobody_from_hearing_of_the_crash() -> None:
    class Broken(Scripted):
        def format_state(self) -> object:
            raise asyncio.CancelledError

    with captured(("actor", "crashed")) as events:
        async with running(ChildSpec("it", Broken, (Seen(),))) as tree:
            before = tree.ref("it").pid
            tree.ref("it").cast("crash")
            await settle()
            assert tree.ref("it").pid not in (None, before)
    assert [event.metadata["state"] for event in events] == ["format_state raised CancelledError"]


@pytest.mark.conformance("F12")
@pytest.mark.parametrize("is_async", [False, True])
async def test_init_runs_in_the_actors_own_task_and_context(*, is_async: bool) -> None:
    bound: ContextVar[str] = ContextVar("bound", default="the starter's")
    seen: list[object] = []

    class Plain(Actor):
        def init(self) -> object:
            bound.set("its own")
            seen.append(asyncio.current_task())
            return None

        def handle_call(self, request: object, caller: object) -> object:
            seen.append(asyncio.current_task())
            return bound.get()

    class Async(Plain):
        async def init(self) -> object:
            return super().init()

    async with running() as tree:
        pid = await tree.system.start(Async if is_async else Plain)
        assert pid is not None
        assert await pid.call("what is bound?") == "its own"
        assert bound.get() == "the starter's"
        assert seen[0] is seen[1] is not asyncio.current_task()


async def test_plain_init_has_run_when_the_process_is_there() -> None:
    seen = Seen()
    process = ActorSystem().spawn(lambda: Scripted(seen), path="it")
    assert (process.has_started, seen.events) == (True, ["init"])
    process.kill()
    await process.ended


async def test_plain_init_that_kills_itself_has_not_come_up() -> None:
    class Suicide(Actor):
        def init(self) -> None:
            self._process.kill()

    process = ActorSystem().spawn(Suicide, path="it")
    assert process.outcome == process.reason == KILLED
    await settle()
    assert process.task.done()


@pytest.mark.conformance("B1", "B21")
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(7, id="number"),
        pytest.param(POSTPONE, id="postpone"),
        pytest.param(Info("x", "nonsense"), id="beside-its-info"),  # type: ignore[arg-type]
    ],
)
@pytest.mark.parametrize("is_async", [False, True])
async def test_init_that_returns_nonsense_has_not_come_up(value: object, *, is_async: bool) -> None:
    class Plain(Actor):
        def init(self) -> object:
            return value

    class Async(Actor):
        async def init(self) -> object:
            return value

    with pytest.raises(
        StartFailedError, match=r"init of .* must return None, Continue, Idle, IGNORE, Info or Stop, got"
    ) as raised:
        await ActorSystem().start(Async if is_async else Plain)
    assert isinstance(raised.value.reason, Crashed)
    assert isinstance(raised.value.__cause__, BadReturnError)


@pytest.mark.conformance("F12")
async def test_factory_of_tasks_that_may_begin_them_at_once_is_not_asked_for_an_actors() -> None:
    """As asyncio's eager one does since Python 3.12: the actor would be missing in its own first step."""
    loop = asyncio.get_running_loop()
    seen = Seen()
    loop.set_task_factory(lambda *_args, **_options: pytest.fail("it was asked"))
    try:
        process = ActorSystem().spawn(lambda: Scripted(seen), path="it")
    finally:
        loop.set_task_factory(None)
    assert await process.pid.call("hello") == "hello"
    process.kill()
    await process.ended
