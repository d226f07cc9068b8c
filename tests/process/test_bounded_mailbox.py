"""A mailbox that holds so many messages, and each rule for the next one."""

import asyncio

import pytest

from supervisor import (
    NO_REPLY,
    POSTPONE,
    Actor,
    CallTimeoutError,
    ChildSpec,
    Down,
    MailboxFullError,
    MailboxLimit,
    NoProcessError,
    Tree,
    get_status,
)
from supervisor.process.bounded_mailbox import WhenFull
from supervisor.testing import captured, settle
from tests.process.actors import Seen, running


class Gated(Actor):
    """Opens its gate to one message at a time."""

    def __init__(self, seen: Seen, gate: asyncio.Semaphore) -> None:
        self.seen, self.gate = seen, gate

    async def handle_cast(self, message: object) -> None:
        await self.gate.acquire()
        self.seen(message)

    async def handle_call(self, request: object, caller: object) -> object:
        await self.gate.acquire()
        self.seen(request)
        return request

    def handle_info(self, message: object) -> None:
        self.seen(message)


class Setup:
    """An actor with room for two messages, and one in hand."""

    def __init__(self, when_full: WhenFull) -> None:
        self.seen, self.gate = Seen(), asyncio.Semaphore(0)
        limit = MailboxLimit(2, when_full)
        self.spec = ChildSpec("it", Gated, (self.seen, self.gate), restart="temporary", mailbox_limit=limit)

    async def fill(self, tree: Tree) -> None:
        tree.ref("it").cast("in hand")
        await settle()
        tree.ref("it").cast(1)
        tree.ref("it").cast(2)

    async def open(self) -> None:
        for _ in range(10):
            self.gate.release()
        await settle()


pytestmark = pytest.mark.conformance("B33")


async def test_refusing_mailbox_raises_at_the_sender() -> None:
    it = Setup("refuse")
    async with running(it.spec) as tree:
        await it.fill(tree)
        with pytest.raises(MailboxFullError, match="mailbox of 'it' is full with 2 messages") as raised:
            tree.ref("it").cast(3)
        assert (raised.value.target, raised.value.size, raised.value.when_full) == ("it", 2, "refuse")
        with pytest.raises(MailboxFullError):
            await tree.ref("it").call(3)
        with pytest.raises(MailboxFullError):
            tree.ref("it").send(3)
        await it.open()
        assert it.seen.events == ["in hand", 1, 2]


@pytest.mark.parametrize(
    ("when_full", "kept"),
    [
        pytest.param("drop_newest", ["in hand", 1, 2], id="newest"),
        pytest.param("drop_oldest", ["in hand", 2, 3], id="oldest"),
    ],
)
async def test_dropping_mailbox_loses_one_and_reports_it(when_full: WhenFull, kept: list[object]) -> None:
    it = Setup(when_full)
    async with running(it.spec) as tree:
        await it.fill(tree)
        with captured(("actor", "mailbox", "dropped")) as events:
            tree.ref("it").cast(3)
        assert [(event.measurements, event.metadata) for event in events] == [
            ({"count": 1}, {"target": "it", "message": "int"})
        ]
        await it.open()
        assert it.seen.events == kept


async def test_call_that_is_dropped_fails_at_once() -> None:
    it = Setup("drop_oldest")
    async with running(it.spec) as tree:
        tree.ref("it").cast("in hand")
        await settle()
        first = tree.ref("it").ask("first")
        tree.ref("it").cast(2)
        tree.ref("it").cast(3)
        with pytest.raises(MailboxFullError):
            await first
        await it.open()
        assert it.seen.events == ["in hand", 2, 3]


async def test_senders_wait_for_room_in_the_order_in_which_they_came() -> None:
    it = Setup("wait")
    async with running(it.spec) as tree:
        await it.fill(tree)
        waiting = [asyncio.ensure_future(tree.ref("it").cast_wait(number)) for number in (3, 4)]
        await settle()
        call = tree.ref("it").ask(5)
        assert [one.done() for one in waiting] == [False, False]
        it.gate.release()
        await settle()
        assert [one.done() for one in waiting] == [True, False]
        await it.open()
        assert await call == 5
        assert it.seen.events == ["in hand", 1, 2, 3, 4, 5]


async def test_plain_cast_cannot_wait_and_is_told_what_can() -> None:
    it = Setup("wait")
    async with running(it.spec) as tree:
        await it.fill(tree)
        with pytest.raises(MailboxFullError, match="await cast_wait"):
            tree.ref("it").cast(3)


async def test_sender_that_is_cancelled_while_it_waits_has_sent_nothing() -> None:
    it = Setup("wait")
    async with running(it.spec) as tree:
        await it.fill(tree)
        waiting = asyncio.ensure_future(tree.ref("it").cast_wait(3))
        await settle()
        waiting.cancel()
        await settle()
        await tree_opened(it)
        assert it.seen.events == ["in hand", 1, 2]


async def test_sender_that_is_cancelled_as_it_is_let_in_takes_its_message_back() -> None:
    it = Setup("wait")
    async with running(it.spec) as tree:
        await it.fill(tree)
        first, second = [asyncio.ensure_future(tree.ref("it").cast_wait(number)) for number in (3, 4)]
        await settle()
        it.gate.release()
        await asyncio.sleep(0)
        process = tree.system.address("it").process
        assert process is not None
        assert (process.in_hand, first.done()) == (1, False)  # it has been let in, and has not run since
        first.cancel()
        await settle()
        assert (first.cancelled(), second.done()) == (True, True)
        await it.open()
        assert it.seen.events == ["in hand", 1, 2, 4]


async def test_call_that_times_out_before_there_is_room_is_never_handled() -> None:
    it = Setup("wait")
    async with running(it.spec) as tree:
        await it.fill(tree)
        with pytest.raises(CallTimeoutError, match="its mailbox holds 2 messages"):
            await tree.ref("it").call(3, timeout=1.0)
        await tree_opened(it)
        assert it.seen.events == ["in hand", 1, 2]


async def tree_opened(it: Setup) -> None:
    await it.open()
    await settle()


async def test_those_who_wait_for_room_learn_of_the_end() -> None:
    it = Setup("wait")
    async with running(it.spec) as tree:
        await it.fill(tree)
        waiting = asyncio.ensure_future(tree.ref("it").cast_wait(3))
        call = tree.ref("it").ask(4, timeout=None)
        await settle()
        with captured(("actor", "mailbox", "dropped")) as events:
            tree.kill("it")
            await settle()
        assert waiting.done()  # a cast to nobody is fine
        assert [event.measurements["count"] for event in events] == [4]
        with pytest.raises(Exception, match="was killed"):
            await call
        with pytest.raises(NoProcessError):
            tree.ref("it").ask(5)


async def test_full_actor_hears_the_runtime_and_can_be_inspected() -> None:
    it = Setup("refuse")
    async with running(it.spec) as tree:
        await it.fill(tree)
        process = tree.system.address("it").process
        assert process is not None
        process.actor.send_after("tick", 1.0)
        number = process.actor.monitor(tree.ref("nobody"))
        status = asyncio.ensure_future(get_status(tree.ref("it")))
        await asyncio.sleep(1.0)
        it.gate.release()
        await settle()
        assert (await status).info.waiting == 4  # two messages, the monitor's answer and the timer's
        await it.open()
        down = it.seen.events[3]
        assert isinstance(down, Down)
        assert (down.monitor, it.seen.events[4]) == (number, "tick")


async def test_full_actor_can_be_stopped() -> None:
    it = Setup("refuse")
    async with running(it.spec) as tree:
        await it.fill(tree)
        stopping = asyncio.ensure_future(tree.ref("it").stop())
        await settle()
        it.gate.release()
        await stopping
        assert it.seen.events == ["in hand"]


class Postpones(Actor):
    def handle_cast(self, message: object) -> object:
        return POSTPONE if message == "later" else None

    def handle_call(self, request: object, caller: object) -> object:
        return NO_REPLY


async def test_postponed_messages_take_up_room() -> None:
    limit = MailboxLimit(1, "refuse")
    async with running(ChildSpec("it", Postpones, mailbox_limit=limit)) as tree:
        tree.ref("it").cast("later")
        await settle()
        with pytest.raises(MailboxFullError):
            tree.ref("it").cast("next")


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "many"])
def test_size_must_be_a_whole_number_above_zero(size: object) -> None:
    with pytest.raises(ValueError, match="mailbox limit: size must be a whole number >= 1, got"):
        MailboxLimit(size)  # type: ignore[arg-type]


def test_rule_must_be_one_that_there_is() -> None:
    with pytest.raises(ValueError, match=r"when_full must be one of 'wait', 'refuse', .* got 'explode'"):
        MailboxLimit(1, "explode")  # type: ignore[arg-type]
