"""How actors end, who is told, and what runs before."""

import asyncio

import pytest

from supervisor import Actor, ChildSpec, Continue, Crashed, Down, Exit, Killed, Normal, Stop
from supervisor.process import NoProcess
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen, Trapping, one, running


class Watcher(Scripted):
    """Monitors what it is told to."""

    def handle_cast(self, message: object) -> None:
        match message:
            case ("monitor", str(path)):
                self.seen(("number", self.monitor(self.ref(path))))
            case ("demonitor", int(number)):
                self.demonitor(number)


def downs(seen: Seen) -> list[Down]:
    return [event[1] for event in seen.events if isinstance(event, tuple) and isinstance(event[1], Down)]


def watching(other: type[Scripted] = Scripted) -> tuple[Seen, ChildSpec, ChildSpec]:
    seen = Seen()
    return (
        seen,
        ChildSpec("watcher", Watcher, (seen,)),
        ChildSpec("it", other, (Seen(),), restart="temporary"),
    )


@pytest.mark.conformance("B28")
@pytest.mark.parametrize(
    ("end", "reason"),
    [
        pytest.param("stop", Normal, id="normal"),
        pytest.param("crash", Crashed, id="crash"),
        pytest.param(None, Killed, id="kill"),
    ],
)
async def test_each_monitor_gives_exactly_one_down(end: str | None, reason: type) -> None:
    seen, watcher, other = watching()
    async with running(watcher, other) as tree:
        for _ in range(3):
            tree.ref("watcher").cast(("monitor", "it"))
        await settle()
        if end is None:
            tree.kill("it")
        else:
            tree.ref("it").cast(end)
        await settle()
        assert len({one.monitor for one in downs(seen)}) == len(downs(seen)) == 3
        assert {type(one.reason) for one in downs(seen)} == {reason}


@pytest.mark.conformance("B28")
async def test_monitor_of_nobody_is_answered_at_once() -> None:
    seen, watcher, other = watching()
    async with running(watcher, other) as tree:
        tree.ref("watcher").cast(("monitor", "nobody"))
        await settle()
        assert [type(one.reason) for one in downs(seen)] == [NoProcess]


@pytest.mark.conformance("B28")
async def test_monitor_that_is_taken_back_gives_none() -> None:
    seen, watcher, other = watching()
    async with running(watcher, other) as tree:
        tree.ref("watcher").cast(("monitor", "it"))
        await settle()
        tree.ref("watcher").cast(("demonitor", seen.events[-1][1]))  # type: ignore[index]
        tree.ref("it").cast("stop")
        await settle()
        assert downs(seen) == []


@pytest.mark.conformance("B19")
@pytest.mark.parametrize("end", ["stop", "crash"])
async def test_terminate_runs_after_a_stop_and_after_a_crash(end: str) -> None:
    async with one(restart="temporary") as (tree, seen):
        tree.ref("it").cast(end)
        await settle()
        assert seen.events[-1][0] == "terminate"  # type: ignore[index]


@pytest.mark.conformance("B19")
async def test_terminate_does_not_run_after_a_kill() -> None:
    async with one(Trapping, restart="temporary") as (tree, seen):
        tree.kill("it")
        await settle()
        assert seen.events == ["init"]


@pytest.mark.conformance("B19", "B20")
@pytest.mark.parametrize(("actor", "cleans_up"), [(Scripted, False), (Trapping, True)])
async def test_only_an_actor_that_traps_exits_cleans_up_at_a_stop(
    actor: type[Scripted], cleans_up: bool
) -> None:
    async with one(actor) as (_, seen):
        pass
    assert (("terminate", "shut down") in seen.events) is cleans_up


@pytest.mark.conformance("B18")
async def test_stop_after_a_reply() -> None:
    async with one(restart="temporary") as (tree, seen):
        assert await tree.ref("it").call("reply and stop") == "bye"
        await settle()
        assert seen.events[-1] == ("terminate", "ended normally")


class Linked(Scripted):
    def init(self) -> object:
        self.link(self.ref("first"))
        return super().init()


class TrapsLink(Linked):
    trap_exit = True


@pytest.mark.conformance("B25")
async def test_abnormal_end_takes_a_linked_actor_with_it() -> None:
    seen = Seen()
    specs = ChildSpec("first", Scripted, (Seen(),)), ChildSpec("second", Linked, (seen,))
    async with running(*specs) as tree:
        tree.ref("first").cast("crash")
        await settle()
        assert seen.events == ["init", "init"]


@pytest.mark.conformance("B25")
async def test_normal_end_does_not() -> None:
    seen = Seen()
    specs = ChildSpec("first", Scripted, (Seen(),), restart="temporary"), ChildSpec("second", Linked, (seen,))
    async with running(*specs) as tree:
        tree.ref("first").cast("stop")
        await settle()
        assert seen.events == ["init"]


@pytest.mark.conformance("B25")
async def test_linked_actor_that_traps_exits_gets_a_message_instead() -> None:
    seen = Seen()
    specs = ChildSpec("first", Scripted, (Seen(),)), ChildSpec("second", TrapsLink, (seen,))
    async with running(*specs) as tree:
        tree.ref("first").cast("crash")
        await settle()
        told = [event[1] for event in seen.events if isinstance(event, tuple)]
        assert [type(one) for one in told] == [Exit]
        assert [type(one.reason) for one in told] == [Crashed]


class Timed(Scripted):
    def handle_cast(self, message: object) -> None:
        match message:
            case ("after", float(seconds)):
                self.timer = self.send_after("due", seconds)
            case "cancel":
                self.timer.cancel()


@pytest.mark.conformance("B17")
async def test_timer_delivers_at_its_time() -> None:
    async with one(Timed) as (tree, seen):
        tree.ref("it").cast(("after", 30.0))
        await asyncio.sleep(29.9)
        assert ("info", "due") not in seen.events
        await asyncio.sleep(0.2)
        assert ("info", "due") in seen.events


@pytest.mark.conformance("B17")
async def test_timer_that_is_cancelled_or_whose_actor_died_never_fires() -> None:
    async with one(Timed) as (tree, seen):
        tree.ref("it").cast(("after", 30.0))
        tree.ref("it").cast("cancel")
        await settle()
        tree.ref("it").cast(("after", 30.0))
        await settle()
        process = tree.system.address("it").process
        assert process is not None
        assert len(process.timers or ()) == 1
        tree.kill("it")
        await settle()
        assert process.timers == {}
        await asyncio.sleep(100.0)
        assert seen.events == ["init", "init"]


@pytest.mark.conformance("F5")
async def test_cancellation_that_nobody_asked_for_is_a_crash() -> None:
    """Something that the actor awaited was cancelled; that is no request to stop."""

    class AwaitsCancelled(Scripted):
        async def handle_cast(self, message: object) -> None:
            future = asyncio.get_running_loop().create_future()
            future.cancel()
            await future

    async with one(AwaitsCancelled) as (tree, seen):
        tree.ref("it").cast("x")
        await settle()
        assert seen.events == ["init", ("terminate", "crashed (CancelledError)"), "init"]


class Raises(Scripted):
    def handle_cast(self, message: object) -> None:
        assert isinstance(message, BaseException)
        raise message


class OwnBaseError(BaseException):
    pass


@pytest.mark.conformance("F5", "F7")
@pytest.mark.parametrize("error", [OwnBaseError(), asyncio.CancelledError()])
async def test_error_that_is_no_exception_is_a_crash_like_any_other(error: BaseException) -> None:
    async with one(Raises) as (tree, seen):
        tree.ref("it").cast(error)
        await settle()
        assert seen.events == ["init", ("terminate", f"crashed ({type(error).__name__})"), "init"]


@pytest.mark.conformance("F6")
@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
async def test_request_to_end_the_program_stops_the_tree_in_order_and_is_raised_then(
    error: BaseException,
) -> None:
    """It must not leave the loop at once, and take all others down without cleanup."""
    other = Seen()
    specs = ChildSpec("other", Trapping, (other,)), ChildSpec("it", Raises, (Seen(),))

    async def run() -> None:
        async with running(*specs) as tree:
            tree.ref("it").cast(error)
            await tree.wait()

    with pytest.raises(type(error)) as raised:
        await run()
    assert raised.value is error
    assert other.events == ["init", ("terminate", "shut down")]


@pytest.mark.conformance("B1")
async def test_stop_of_init_ends_it_before_it_ran() -> None:
    class Declines(Actor):
        def init(self) -> Stop:
            return Stop()

    from supervisor import StartFailedError  # noqa: PLC0415

    with pytest.raises(StartFailedError, match="'it' failed to start: ended normally"):
        async with running(ChildSpec("it", Declines)):
            pass


@pytest.mark.conformance("B5")
async def test_continue_is_chained() -> None:
    class Chain(Scripted):
        def handle_continue(self, argument: object) -> object:
            self.seen(argument)
            return Continue(argument - 1) if isinstance(argument, int) and argument else None

        def handle_cast(self, message: object) -> object:
            return Continue(message)

    async with one(Chain) as (tree, seen):
        tree.ref("it").cast(3)
        tree.ref("it").send("after")
        await settle()
        assert seen.events == ["init", 3, 2, 1, 0, ("info", "after")]
