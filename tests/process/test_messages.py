"""Messages: calls, casts, infos, their order, and what a caller is told when nobody answers."""

import asyncio

import pytest

from supervisor import (
    Actor,
    ActorSystem,
    Backoff,
    CallFailedError,
    CallingSelfError,
    CallTimeoutError,
    ChildSpec,
    NoProcessError,
)
from supervisor.clock import monotonic
from supervisor.testing import captured, settle
from tests.process.actors import Scripted, Seen, one, running


async def test_call_gives_the_handlers_result() -> None:
    async with one() as (tree, _):
        assert await tree.ref("it").call("hello") == "hello"


@pytest.mark.conformance("B30")
async def test_casts_of_one_sender_arrive_in_order_among_its_calls() -> None:
    async with one() as (tree, seen):
        for number in range(600):  # more than a batch
            tree.ref("it").cast(number)
        assert await tree.ref("it").call("done") == "done"
        assert seen.events == ["init", *(("cast", number) for number in range(600))]


@pytest.mark.conformance("B15")
async def test_send_reaches_handle_info() -> None:
    async with one() as (tree, seen):
        tree.ref("it").send("x")
        await settle()
        assert seen.events[-1] == ("info", "x")


@pytest.mark.conformance("B5")
async def test_reply_goes_out_before_the_continue_that_follows_it() -> None:
    async with one() as (tree, seen):
        assert await tree.ref("it").call("reply and continue") == "first"
        await settle()
        assert seen.events[-1] == ("continue", "then")


@pytest.mark.conformance("B11")
async def test_reply_may_come_later_and_from_another_message() -> None:
    async with one() as (tree, _):
        waiting = asyncio.ensure_future(tree.ref("it").call("later"))
        await settle()
        assert not waiting.done()
        tree.ref("it").cast("answer")
        assert await waiting == "at last"


@pytest.mark.conformance("B8")
async def test_caller_that_waits_for_a_later_reply_is_told_of_the_crash() -> None:
    async with one() as (tree, _):
        waiting = asyncio.ensure_future(tree.ref("it").call("later", timeout=None))
        await settle()
        tree.ref("it").cast("crash")
        with pytest.raises(CallFailedError, match="crashed \\(ZeroDivisionError: asked to\\)") as raised:
            await waiting
        assert isinstance(raised.value.__cause__, ZeroDivisionError)


@pytest.mark.conformance("B8")
async def test_call_in_hand_fails_with_the_crash_as_its_cause() -> None:
    async with one() as (tree, _):
        with pytest.raises(CallFailedError) as raised:
            await tree.ref("it").call("crash")
        assert isinstance(raised.value.__cause__, ZeroDivisionError)


@pytest.mark.conformance("B34")
async def test_unread_call_fails_at_once_when_its_actor_ends() -> None:
    async with one() as (tree, _):
        first = asyncio.ensure_future(tree.ref("it").call("crash"))
        second = asyncio.ensure_future(tree.ref("it").call("hello", timeout=None))
        for call in (first, second):
            with pytest.raises(CallFailedError):
                await call


@pytest.mark.conformance("B9")
async def test_call_times_out_and_its_late_reply_is_dropped() -> None:
    class Slow(Scripted):
        async def handle_call(self, request: object, caller: object) -> object:
            await asyncio.sleep(10.0)
            self.seen("served")
            return request

    async with one(Slow) as (tree, seen):
        with pytest.raises(CallTimeoutError, match=r"timed out after 2\.5 s; its mailbox holds 0 messages"):
            await tree.ref("it").call("x", timeout=2.5)
        await asyncio.sleep(20.0)
        assert seen.events == ["init", "served"]


@pytest.mark.conformance("B7")
async def test_call_to_nobody_says_so_at_once() -> None:
    async with one() as (tree, _):
        with pytest.raises(NoProcessError, match="no process"):
            await tree.ref("nobody").call("x")


@pytest.mark.conformance("B14")
async def test_cast_to_nobody_is_fine() -> None:
    async with one() as (tree, _):
        tree.ref("nobody").cast("x")


@pytest.mark.conformance("B10")
async def test_actor_that_calls_itself_is_told_so() -> None:
    class Narcissus(Scripted):
        async def handle_call(self, request: object, caller: object) -> object:
            return await self.ref("it").call(request)

    async with one(Narcissus) as (tree, _):
        with pytest.raises(CallFailedError) as raised:
            await tree.ref("it").call("x")
        assert isinstance(raised.value.__cause__, CallingSelfError)


@pytest.mark.conformance("B31")
async def test_no_other_message_is_let_in_while_a_handler_waits() -> None:
    class Waits(Scripted):
        async def handle_cast(self, message: object) -> None:
            self.seen(("begins", message))
            await asyncio.sleep(1.0)
            self.seen(("ends", message))

    async with one(Waits) as (tree, seen):
        tree.ref("it").cast(1)
        tree.ref("it").cast(2)
        await asyncio.sleep(5.0)
        assert seen.events[1:] == [("begins", 1), ("ends", 1), ("begins", 2), ("ends", 2)]


@pytest.mark.conformance("B12")
async def test_caller_that_is_cancelled_does_not_disturb_the_actor() -> None:
    async with one() as (tree, _):
        call = asyncio.ensure_future(tree.ref("it").call("later"))
        await settle()
        call.cancel()
        assert await tree.ref("it").call("count") == 1


@pytest.mark.conformance("C15")
async def test_ref_survives_a_restart_and_a_handle_does_not() -> None:
    async with one() as (tree, _):
        ref, old = tree.ref("it"), tree.ref("it").pid
        assert old is not None
        assert await ref.call("count") == 1
        tree.kill("it")
        await settle()
        assert await ref.call("count") == 1  # the state is new
        assert not old.is_alive
        with pytest.raises(NoProcessError):
            await old.call("count")
        assert ref.pid != old


@pytest.mark.conformance("B2")
async def test_a_name_is_claimed_before_the_actor_is_made() -> None:
    seen = Seen()

    class Rival(Actor):
        def init(self) -> None:
            seen("rival made")

    async with one() as (tree, _):
        system: ActorSystem = tree.system
        with pytest.raises(ValueError, match="name 'it' is taken"):
            system.spawn(Rival, path="x", name="it")
        await settle()
        assert seen.events == []


@pytest.mark.conformance("B4")
async def test_continue_of_init_runs_before_any_message() -> None:
    class Prepares(Scripted):
        def init(self) -> object:
            from supervisor import Continue  # noqa: PLC0415

            self.ref("it").cast("early")
            return Continue("rest of init")

    async with one(Prepares) as (_, seen):
        await settle()
        assert seen.events == [("continue", "rest of init"), ("cast", "early")]


async def test_kept_mailbox_costs_a_crash_only_the_message_in_hand() -> None:
    seen = Seen()
    spec = ChildSpec("it", Scripted, (seen,), mailbox="keep")
    async with running(spec) as tree:
        for message in (1, "crash", 2, 3):
            tree.ref("it").cast(message)
        waiting = asyncio.ensure_future(tree.ref("it").call("hello"))
        assert await waiting == "hello"
        assert [event for event in seen.events if event[0] == "cast"] == [  # type: ignore[index]
            ("cast", 1),
            ("cast", "crash"),
            ("cast", 2),
            ("cast", 3),
        ]


@pytest.mark.conformance("B34")
async def test_dropped_mailbox_loses_them_as_in_otp() -> None:
    async with one() as (tree, seen):
        for message in (1, "crash", 2):
            tree.ref("it").cast(message)
        await settle()
        assert ("cast", 2) not in seen.events


async def test_kept_mailbox_does_not_hand_on_a_timer_of_the_dead() -> None:
    """Or each kill would leave a successor with one timer more than it set."""

    class Ticks(Scripted):
        def init(self) -> None:
            self.send_after("tick", 1.0)

        async def handle_info(self, message: object) -> None:
            self.seen(message)
            self.send_after("tick", 1.0)

        async def handle_cast(self, message: object) -> None:
            await asyncio.sleep(2.0)

    seen = Seen()
    async with running(ChildSpec("it", Ticks, (seen,), mailbox="keep")) as tree:
        for _ in range(5):
            tree.ref("it").cast("be busy")
            await asyncio.sleep(1.5)  # the tick waits in the mailbox
            tree.kill("it")
            await settle()
        seen.events.clear()
        await asyncio.sleep(10.5)
    assert seen.events == ["tick"] * 10


async def test_messages_that_die_with_their_actor_are_counted_but_not_the_runtimes_own() -> None:
    with captured(("actor", "mailbox", "dropped")) as dropped:
        async with one(restart="temporary") as (tree, _):
            tree.ref("it").cast("stop")
            tree.ref("it").cast("lost")
            await settle()
    assert [event.measurements for event in dropped] == [{"count": 1}]


async def test_tree_that_stops_in_order_reports_no_message_as_dropped() -> None:
    """Each child's end is told to its supervisor, which is stopping itself and reads it no more."""
    with captured(("actor", "mailbox", "dropped")) as dropped:
        async with one():
            pass
    assert dropped == []


@pytest.mark.conformance("B6")
async def test_call_waits_five_seconds_unless_told_otherwise() -> None:
    async with one() as (tree, _):
        it = tree.ref("it")
        with pytest.raises(CallTimeoutError, match="timed out after 5"):
            await it.call("later")
        assert monotonic() == 5.0
        with pytest.raises(CallTimeoutError):
            await it.call("later", timeout=0.5)
        assert monotonic() == 5.5
        for_ever = asyncio.ensure_future(it.call("later", timeout=None))
        await asyncio.sleep(10_000.0)
        assert not for_ever.done()
        it.cast("answer")
        assert await for_ever == "at last"


@pytest.mark.conformance("B6")
async def test_each_reply_belongs_to_its_own_call() -> None:
    async with one() as (tree, _):
        calls = [tree.ref("it").ask(number) for number in range(1, 100)]
        assert await asyncio.gather(*calls) == list(range(1, 100))


LATER = Backoff(initial=10.0, factor=1.0, jitter=0.0)


async def test_reference_tells_when_somebody_has_come_up() -> None:
    async with one(backoff=LATER) as (tree, _):
        before = await tree.ref("it").when_up()
        tree.kill("it")
        await settle()
        with pytest.raises(CallTimeoutError):
            await tree.ref("it").when_up(timeout=1.0)
        after = await tree.ref("it").when_up(timeout=None)
        assert before is not after is tree.ref("it").pid
        assert monotonic() == 10.0


async def test_one_that_does_not_come_up_is_not_up() -> None:
    class Slow(Scripted):
        async def init(self) -> None:
            await asyncio.sleep(7.0)
            if not self.seen.events:
                self.seen("failed")
                raise ZeroDivisionError

    system, seen = ActorSystem(), Seen()
    ref = system.ref("it")
    system.spawn(lambda: Slow(seen), path="it", name="it")
    waiting = asyncio.ensure_future(ref.when_up(timeout=None))
    await asyncio.sleep(8.0)
    assert not waiting.done()
    process = system.spawn(lambda: Slow(seen), path="it", name="it")
    assert await waiting is process.pid
    assert monotonic() == 15.0
    process.kill()
    await process.ended
