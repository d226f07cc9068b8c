"""What handlers may return beyond a reply: idle times, postponing, and nonsense."""

import asyncio

import pytest

from supervisor import (
    IDLE,
    POSTPONE,
    Actor,
    BadReturnError,
    CallFailedError,
    ChildSpec,
    Continue,
    Idle,
    Reply,
    get_status,
    resume,
    suspend,
)
from supervisor.clock import monotonic
from supervisor.testing import captured, settle
from tests.process.actors import Scripted, Seen, running


class Idles(Actor):
    """Is idle after ten seconds without a message, if it was told so last."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def init(self) -> Idle:
        return Idle(10.0)

    def handle_cast(self, message: object) -> object:
        return Idle(10.0) if message == "idle" else None

    def handle_call(self, request: object, caller: object) -> object:
        return Reply("yes", Idle(10.0))

    def handle_info(self, message: object) -> None:
        self.seen((message, monotonic()))


@pytest.mark.conformance("B16")
async def test_idle_time_after_init_and_after_a_reply() -> None:
    seen = Seen()
    async with running(ChildSpec("it", Idles, (seen,))) as tree:
        await asyncio.sleep(11.0)
        await tree.ref("it").call("x")
        await asyncio.sleep(30.0)
        assert seen.events == [(IDLE, 10.0), (IDLE, 21.0)]


@pytest.mark.conformance("B16")
async def test_any_message_calls_an_idle_time_off() -> None:
    seen = Seen()
    async with running(ChildSpec("it", Idles, (seen,))) as tree:
        await asyncio.sleep(9.0)
        tree.ref("it").cast("anything")
        await asyncio.sleep(100.0)
        assert seen.events == []


@pytest.mark.conformance("B16")
async def test_idle_time_does_not_run_while_messages_wait() -> None:
    seen = Seen()
    async with running(ChildSpec("it", Idles, (seen,))) as tree:
        tree.ref("it").cast("idle")
        tree.ref("it").cast("anything")
        await asyncio.sleep(100.0)
        assert seen.events == []


async def test_request_of_the_system_begins_an_idle_time_anew() -> None:
    seen = Seen()
    async with running(ChildSpec("it", Idles, (seen,))) as tree:
        await asyncio.sleep(9.0)
        await get_status(tree.ref("it"))
        await asyncio.sleep(100.0)
        assert seen.events == [(IDLE, 19.0)]


class Door(Actor):
    """Lets nothing in before it is open."""

    def __init__(self, seen: Seen) -> None:
        self.seen, self.is_open = seen, False

    def handle_cast(self, message: object) -> object:
        if message == "open":
            self.is_open = True
            self.retry_postponed()
            return None
        if message == "crash":
            raise ZeroDivisionError
        return self._let_in(message)

    def handle_call(self, request: object, caller: object) -> object:
        return self._let_in(request) or "in"

    def _let_in(self, message: object) -> object:
        if not self.is_open:
            return POSTPONE
        self.seen(message)
        return None


@pytest.mark.conformance("B32")
async def test_postponed_messages_come_back_in_front_and_in_order() -> None:
    seen = Seen()
    async with running(ChildSpec("it", Door, (seen,))) as tree:
        it = tree.ref("it")
        it.cast(1)
        reply = it.ask(2)
        it.cast(3)
        it.cast("open")
        it.cast(4)
        assert await reply == "in"
        await settle()
        assert seen.events == [1, 2, 3, 4]


@pytest.mark.conformance("B32", "B34")
async def test_postponed_call_fails_when_its_actor_ends() -> None:
    async with running(ChildSpec("it", Door, (Seen(),))) as tree:
        reply = tree.ref("it").ask(1, timeout=None)
        await settle()
        tree.ref("it").cast("crash")
        with pytest.raises(CallFailedError):
            await reply


@pytest.mark.conformance("B32")
async def test_postponed_messages_wait_for_a_successor_where_the_mailbox_is_kept() -> None:
    seen = Seen()
    async with running(ChildSpec("it", Door, (seen,), mailbox="keep")) as tree:
        for message in (1, 2, "crash", 3):
            tree.ref("it").cast(message)
        await settle()
        tree.ref("it").cast("open")
        await settle()
        assert seen.events == [1, 2, 3]


class Nonsense(Actor):
    def init(self) -> object:
        return None

    def handle_cast(self, message: object) -> object:
        return Continue() if message == "continue" else message

    def handle_continue(self, argument: object) -> object:
        return "nonsense"

    async def handle_info(self, message: object) -> object:
        return message

    def handle_call(self, request: object, caller: object) -> object:
        return Reply("answered", "nonsense")  # type: ignore[arg-type]


@pytest.mark.conformance("B21")
@pytest.mark.parametrize("send", ["cast", "continue", "send"])
async def test_nonsense_of_a_handler_is_a_crash_and_callers_learn_of_it(send: str) -> None:
    with captured(("actor", "crashed")) as events:
        async with running(ChildSpec("it", Nonsense, restart="temporary")) as tree:
            it = tree.ref("it")
            if send == "send":
                it.send("nonsense")
            else:
                it.cast("continue" if send == "continue" else "nonsense")
            waiting = it.ask("unread")
            with pytest.raises(CallFailedError, match=r"must return None, Continue, .* got str") as raised:
                await waiting
    assert isinstance(raised.value.__cause__, BadReturnError)
    assert raised.value.__cause__.value == "nonsense"
    assert len(events) == 1


@pytest.mark.conformance("B21")
async def test_nonsense_beside_a_reply_is_a_crash_after_the_reply() -> None:
    with captured(("actor", "crashed")) as events:
        async with running(ChildSpec("it", Nonsense, restart="temporary")) as tree:
            assert await tree.ref("it").call("x") == "answered"
            await settle()
    assert len(events) == 1


@pytest.mark.conformance("B16", "B35")
async def test_message_that_comes_while_it_is_suspended_calls_an_idle_time_off() -> None:
    seen = Seen()
    async with running(ChildSpec("it", Idles, (seen,))) as tree:
        await suspend(tree.ref("it"))
        tree.ref("it").cast("anything")
        await resume(tree.ref("it"))
        await asyncio.sleep(100.0)
        assert seen.events == []


@pytest.mark.conformance("B5", "F13")
async def test_endless_chain_of_continues_lets_others_have_their_turn_and_can_be_killed() -> None:
    class Goes(Actor):
        def init(self) -> Continue:
            return Continue(100_000)

        def handle_continue(self, left: object) -> Continue | None:
            assert isinstance(left, int)
            return Continue(left - 1) if left else None

    async with running(
        ChildSpec("it", Goes, restart="temporary"), ChildSpec("other", Scripted, (Seen(),))
    ) as tree:
        process = tree.system.address("it").process
        assert process is not None
        assert await tree.ref("other").call("hello") == "hello"
        assert isinstance(process.in_hand, Continue)
        tree.kill("it")
        await settle()
        assert not process.is_alive


@pytest.mark.conformance("B32")
async def test_postponed_messages_are_retried_at_once_also_where_no_handler_asks_for_it() -> None:
    class Gate(Scripted):
        is_open = False

        def handle_cast(self, message: object) -> object:
            if not self.is_open:
                return POSTPONE
            self.seen(message)
            return None

    seen = Seen()
    async with running(ChildSpec("it", Gate, (seen,))) as tree:
        process = tree.system.address("it").process
        assert process is not None
        gate = process.actor
        assert isinstance(gate, Gate)
        tree.ref("it").cast("x")
        await settle()
        gate.is_open = True
        asyncio.get_running_loop().call_later(1.0, gate.retry_postponed)
        await asyncio.sleep(2.0)
        assert seen.events == ["init", "x"]
