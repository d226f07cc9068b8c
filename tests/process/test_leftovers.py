"""What is left of those that have ended: nothing, and nobody who waits for them."""

import asyncio
import gc
import logging
import weakref
from collections import Counter
from functools import partial
from itertools import pairwise

import pytest

from supervisor import (
    POSTPONE,
    Actor,
    ActorSystem,
    CallTimeoutError,
    ChildSpec,
    MailboxLimit,
    Pid,
    StartFailedError,
)
from supervisor.clock import monotonic
from supervisor.process.exits import KILLED
from supervisor.process.milestones import ended_within
from supervisor.process.process import Process
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen, Trapping, Unyielding, running


class Hangs(Actor):
    async def init(self) -> None:
        await asyncio.Event().wait()


class Busy(Actor):
    """Never comes to the end of a message."""

    async def handle_cast(self, message: object) -> None:
        await asyncio.Event().wait()

    async def handle_call(self, request: object, caller: object) -> None:
        await asyncio.Event().wait()


def starter() -> Process:
    return ActorSystem().spawn(Actor, path="starter")


@pytest.mark.conformance("B1", "B3")
async def test_child_that_takes_too_long_to_start_is_none() -> None:
    process = starter()
    with pytest.raises(StartFailedError):
        await process.actor.start_link(Hangs, timeout=1.0)
    await settle()
    assert process.children == ()


@pytest.mark.conformance("B3")
async def test_start_that_is_cancelled_leaves_nobody() -> None:
    system = ActorSystem()
    start = asyncio.ensure_future(system.start(Hangs, name="it"))
    await settle()
    start.cancel()
    await settle()
    assert (system.processes, system.whereis("it")) == ((), None)


@pytest.mark.conformance("F15")
async def test_abandoned_actor_starts_nobody_who_would_outlive_it() -> None:
    process = starter()
    actor = process.actor
    process.abandon()
    with pytest.raises(StartFailedError, match="was killed"):
        await actor.start_link(lambda: pytest.fail("it was made"))
    assert process.system.processes == ()


@pytest.mark.conformance("F15")
async def test_abandoned_actor_sets_no_message_aside() -> None:
    release = asyncio.Event()

    class Undead(Unyielding):
        async def handle_cast(self, message: object) -> object:
            await super().handle_cast(message)
            return POSTPONE

    system = ActorSystem()
    process = system.spawn(partial(Undead, release), path="it")
    process.pid.cast("x")
    await settle()
    process.kill()
    process.abandon()
    release.set()
    await settle()
    assert (len(system.no_mailbox), system.zombies) == (0, set())


@pytest.mark.conformance("F22")
async def test_handle_of_a_dead_actor_does_not_keep_its_state() -> None:
    process = starter()
    pid, state = process.pid, weakref.ref(process.actor)
    process.kill()
    await settle()
    del process
    gc.collect()
    assert (pid.is_alive, state()) == (False, None)


@pytest.mark.conformance("B34")
async def test_request_whose_reply_nobody_collects_is_no_error_of_the_loop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    process = ActorSystem().spawn(Busy, path="it")
    with caplog.at_level(logging.ERROR, "asyncio"):
        process.pid.ask("x", timeout=None)
        await settle()
        process.kill()
        await settle()
        del process
        gc.collect()
    assert caplog.records == []


@pytest.mark.conformance("B33")
async def test_senders_that_gave_up_waiting_for_room_leave_nothing_behind() -> None:
    class Big:
        pass

    process = ActorSystem().spawn(Busy, path="it", limit=MailboxLimit(1))
    process.pid.cast("in hand")
    await settle()
    process.pid.cast("waits")
    first, second = Big(), Big()
    still = weakref.ref(first), weakref.ref(second)
    with pytest.raises(CallTimeoutError):
        await process.pid.call(first, timeout=1.0)
    sending = asyncio.ensure_future(process.pid.cast_wait(second))
    await settle()
    sending.cancel()
    await settle()
    del first, second, sending
    gc.collect()
    assert [one() for one in still] == [None, None]
    process.kill()
    await process.ended


async def cancelled_while_it_waits_for_the_end(process: Process) -> None:
    async def wait() -> None:
        await process.ended  # and not by `asyncio.wait`: so the future is cancelled, too

    waiting = asyncio.ensure_future(wait())
    await settle()
    waiting.cancel()
    await settle()


async def test_end_is_told_to_all_though_one_who_waited_for_it_was_cancelled() -> None:
    process = starter()
    await cancelled_while_it_waits_for_the_end(process)
    process.kill()
    process.end_if_idle()
    assert process.reason == KILLED


@pytest.mark.conformance("F2")
async def test_one_who_was_cancelled_while_it_waited_spoils_no_other_wait_for_that_end() -> None:
    process = starter()
    await cancelled_while_it_waits_for_the_end(process)
    assert not await ended_within(process, 2.0)
    assert monotonic() == 2.0
    process.kill()
    assert await ended_within(process, 2.0)


@pytest.mark.conformance("B25")
async def test_chain_of_many_links_ends_as_one_and_so_does_a_star() -> None:
    system = ActorSystem()
    chain = [system.spawn(Actor, path=str(number)) for number in range(3000)]
    for first, second in pairwise(chain):
        first.actor.link(second.pid)
    for number in range(3000):
        star = system.spawn(Actor, path=f"star-{number}")
        chain[0].actor.link(star.pid)
    chain[0].kill()
    chain[0].end_if_idle()
    await settle()
    assert system.processes == ()
    assert {process.reason for process in chain} == {KILLED}


_COUNTED = (Actor, Process, Pid, asyncio.Task, asyncio.Future, asyncio.TimerHandle)


async def live_once(watcher: Process, number: int) -> None:
    """Start somebody with all that may tie it to others, and end it in one of two ways."""
    system, actor = watcher.system, watcher.actor
    waiting = asyncio.ensure_future(system.ref(f"it-{number}").when_up())
    await asyncio.sleep(0)
    pid = await system.start(lambda: Scripted(Seen()), name=f"it-{number}")
    child = await actor.start_link(lambda: Scripted(Seen()))
    assert pid is not None
    assert child is not None
    assert await waiting is pid
    actor.monitor(pid)
    actor.link(pid)
    process = system.address(f"it-{number}").process
    assert process is not None
    process.actor.send_after("late", 3600.0)
    await pid.call("hello")
    pid.ask("later")
    for one in (process, child._process):
        one.kill()
        if number % 2:
            one.end_if_idle()
    await settle()
    actor.seen.events.clear()  # type: ignore[attr-defined]  # which hold handles


async def test_thousand_lives_leave_no_object_behind() -> None:
    def counted() -> Counter[str]:
        gc.collect()
        return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, _COUNTED))

    watcher = ActorSystem().spawn(lambda: Trapping(Seen()), path="watcher")
    await live_once(watcher, 0)
    before = counted()
    for number in range(1, 1000):
        await live_once(watcher, number)
    assert counted() == before
    watcher.kill()
    await watcher.ended


async def test_message_to_a_handle_that_waits_for_room_dies_with_it_where_others_are_kept() -> None:
    class Holds(Scripted):
        async def handle_cast(self, message: object) -> None:
            self.seen(message)
            if message == "in hand":
                await asyncio.Event().wait()

    seen = Seen()
    spec = ChildSpec("it", Holds, (seen,), mailbox="keep", mailbox_limit=MailboxLimit(1))
    async with running(spec) as tree:
        pid = tree.ref("it").pid
        assert pid is not None
        pid.cast("in hand")
        await settle()
        tree.ref("it").cast("for whoever comes")
        sending = asyncio.ensure_future(pid.cast_wait("for you only"))
        await settle()
        tree.kill("it")
        await settle()
        assert sending.done()
        assert seen.events == ["init", "in hand", "init", "for whoever comes"]
