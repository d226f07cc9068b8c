"""Messages that wait for a successor, and those that do not."""

import asyncio
import gc
import weakref

import pytest

from supervisor import Actor, Backoff, CallFailedError, ChildSpec, terminate_child
from supervisor.process.exits import SHUTDOWN
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen, running

LATER = Backoff(initial=10.0, jitter=0.0)


def kept(seen: Seen, actor: type[Scripted] = Scripted) -> ChildSpec:
    return ChildSpec("it", actor, (seen,), mailbox="keep", backoff=LATER)


async def test_messages_wait_out_a_backoff_though_nobody_holds_a_reference() -> None:
    seen = Seen()
    async with running(kept(seen)) as tree:
        tree.ref("it").cast("crash")
        tree.ref("it").cast("waits")
        await settle()
        gc.collect()
        tree.ref("it").cast("comes later")
        assert tree.describe().children[0].mailbox == 2
        await asyncio.sleep(10.0)
        await settle()
        assert seen.events[-3:] == ["init", ("cast", "waits"), ("cast", "comes later")]


async def test_call_waits_for_the_successor() -> None:
    async with running(kept(Seen())) as tree:
        tree.kill("it")
        await settle()
        call = asyncio.ensure_future(tree.ref("it").call("hello", timeout=60.0))
        await asyncio.sleep(9.9)
        assert not call.done()
        assert await call == "hello"


async def test_what_was_sent_to_a_handle_dies_with_it() -> None:
    seen = Seen()
    async with running(kept(seen)) as tree:
        pid = tree.ref("it").pid
        assert pid is not None
        pid.cast("crash")
        pid.cast("for you only")
        call = pid.ask("for you only")
        tree.ref("it").cast("for whoever comes")
        with pytest.raises(CallFailedError):
            await call
        await asyncio.sleep(20.0)
        assert seen.events[-2:] == ["init", ("cast", "for whoever comes")]


async def test_down_that_was_not_read_does_not_reach_the_successor() -> None:
    class Watches(Scripted):
        def init(self) -> None:
            if not self.seen.events:
                self.monitor(self.ref("other"))
            self.seen("init")

        async def handle_cast(self, message: object) -> None:
            await asyncio.sleep(3600.0)

    seen = Seen()
    async with running(ChildSpec("other", Scripted, (Seen(),)), kept(seen, Watches)) as tree:
        tree.ref("it").cast("be busy")
        await settle()
        tree.kill("other")
        await settle()
        tree.kill("it")
        await asyncio.sleep(20.0)
        assert seen.events == ["init", "init"]


async def test_request_to_stop_that_was_not_read_does_not_stop_the_successor() -> None:
    class Traps(Scripted):
        trap_exit = True

        async def handle_cast(self, message: object) -> None:
            await asyncio.sleep(3600.0)

    seen = Seen()
    async with running(kept(seen, Traps)) as tree:
        process = tree.system.address("it").process
        assert process is not None
        tree.ref("it").cast("be busy")
        await settle()
        process.exit(SHUTDOWN, from_parent=True)
        process.kill()
        await asyncio.sleep(50.0)
        assert seen.events == ["init", "init"]


async def test_those_who_wait_are_told_when_no_successor_is_coming() -> None:
    async with running(kept(Seen())) as tree:
        tree.kill("it")
        await settle()
        call = asyncio.ensure_future(tree.ref("it").call("hello", timeout=None))
        await settle()
        await terminate_child(tree.ref("root"), "it")
        with pytest.raises(CallFailedError, match="shut down"):
            await call


async def test_those_who_wait_are_told_when_the_tree_stops() -> None:
    async with running(kept(Seen())) as tree:
        tree.kill("it")
        await settle()
        call = asyncio.ensure_future(tree.ref("it").call("hello", timeout=None))
        await settle()
    with pytest.raises(CallFailedError):
        await call


async def test_idle_actor_does_not_hold_on_to_its_last_message() -> None:
    class Big:
        pass

    class Takes(Actor):
        def handle_cast(self, message: object) -> None:
            del message

    async with running(ChildSpec("it", Takes)) as tree:
        big = Big()
        still = weakref.ref(big)
        tree.ref("it").cast(big)
        del big
        await settle()
        assert still() is None
