"""Looking into a running actor, and holding it still."""

import asyncio

import pytest

from supervisor import (
    Actor,
    CallFailedError,
    CallingSelfError,
    ChildSpec,
    Continue,
    NoProcessError,
    get_state,
    get_status,
    process_info,
    replace_state,
    resume,
    suspend,
    which_children,
)
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen, one, running


class Counter(Actor):
    def __init__(self, count: int = 0) -> None:
        self.count = count

    def handle_cast(self, message: object) -> None:
        self.count += 1

    async def handle_call(self, request: object, caller: object) -> object:
        if isinstance(request, asyncio.Event):
            await request.wait()
        return self.count

    def format_state(self) -> object:
        return f"at {self.count}"


@pytest.mark.conformance("B35")
async def test_state_is_read_between_two_messages_ahead_of_those_that_wait() -> None:
    async with running(ChildSpec("it", Counter)) as tree:
        ref = tree.ref("it", Counter)
        hold = asyncio.Event()
        in_hand = ref.ask(hold)
        await settle()
        ref.cast("add")
        state = asyncio.ensure_future(get_state(ref))
        await settle()
        assert not state.done()  # a message is in hand
        hold.set()
        await settle()
        assert in_hand.done()
        counts: list[int] = []
        state.add_done_callback(lambda done: counts.append(done.result().count))
        await settle()
        assert (await state).count == 1  # the instance itself, which has gone on meanwhile
        assert await ref.call("count") == 1


@pytest.mark.conformance("B35")
async def test_state_is_replaced_as_a_whole() -> None:
    async with running(ChildSpec("it", Counter)) as tree:
        ref = tree.ref("it", Counter)
        new = await replace_state(ref, lambda old: Counter(old.count + 40))
        assert new.pid == ref.pid
        assert await ref.call("count") == 40
        ref.cast("add")
        assert await ref.call("count") == 41


@pytest.mark.conformance("B35")
@pytest.mark.parametrize(
    ("function", "error"),
    [
        pytest.param(lambda _: 1 / 0, ZeroDivisionError, id="raises"),
        pytest.param(lambda _: next(iter(())), RuntimeError, id="raises-what-no-future-takes"),
        pytest.param(lambda _: "no actor", TypeError, id="returns-no-actor"),
    ],
)
async def test_function_that_fails_leaves_the_state_as_it_is(
    function: object, error: type[Exception]
) -> None:
    async with running(ChildSpec("it", Counter, (7,))) as tree:
        ref, before = tree.ref("it", Counter), tree.ref("it").pid
        with pytest.raises(error):
            await replace_state(ref, function)  # type: ignore[arg-type]
        assert await ref.call("count") == 7
        assert ref.pid is before


@pytest.mark.conformance("B35")
async def test_suspended_actor_handles_nothing_but_what_the_system_asks() -> None:
    async with running(ChildSpec("it", Counter)) as tree:
        ref = tree.ref("it", Counter)
        await suspend(ref)
        ref.cast("add")
        ref.cast("add")
        await settle()
        assert process_info(ref).doing == "suspended"
        assert (await get_status(ref)).state == "at 0"
        assert process_info(ref).waiting == 2
        await resume(ref)
        assert await ref.call("count") == 2


@pytest.mark.conformance("B35")
async def test_suspended_actor_can_be_stopped() -> None:
    async with one() as (tree, seen):
        await suspend(tree.ref("it"))
        tree.ref("it").cast("never handled")
        await tree.ref("it").stop()
        assert ("cast", "never handled") not in seen.events


@pytest.mark.conformance("B36")
async def test_facts_of_an_actor_that_hangs_in_a_handler() -> None:
    async with running(ChildSpec("it", Counter), ChildSpec("other", Scripted, (Seen(),))) as tree:
        ref, hold = tree.ref("it", Counter), asyncio.Event()
        await asyncio.sleep(2.0)
        in_hand = ref.ask(hold, timeout=None)
        await settle()
        ref.cast("waits")
        tree.system.address("it").process.actor.label = "counting"  # type: ignore[union-attr]
        await asyncio.sleep(3.0)
        info = process_info(ref)
        assert (info.path, info.name, info.label, info.actor) == ("it", "it", "counting", "Counter")
        assert (info.doing, info.handling, info.handling_seconds) == ("handling", "Event", 3.0)
        assert (info.waiting, info.uptime_seconds) == (1, 5.0)
        assert info.parent == tree.ref("root").pid
        hold.set()
        await in_hand
        await settle()
        assert (process_info(ref).doing, process_info(ref).handling) == ("waiting", None)


@pytest.mark.conformance("B36")
async def test_facts_name_links_monitors_and_children() -> None:
    async with running(ChildSpec("a", Scripted, (Seen(),)), ChildSpec("b", Scripted, (Seen(),))) as tree:
        a, b = (tree.system.address(name).process for name in "ab")
        assert a is not None
        assert b is not None
        a.actor.link(tree.ref("b"))
        a.actor.monitor(tree.ref("b"))
        child = await a.actor.start_link(lambda: Scripted(Seen()))
        about_a, about_b = process_info(tree.ref("a")), process_info(tree.ref("b"))
        assert about_a.links == (b.pid,)
        assert about_a.monitoring == (b.pid,)
        assert about_a.children == (child,)
        assert about_b.links == about_b.monitored_by == (a.pid,)


async def test_nobody_has_no_facts_and_no_state() -> None:
    async with running() as tree:
        with pytest.raises(NoProcessError, match="no process"):
            process_info(tree.ref("nobody"))
        with pytest.raises(NoProcessError):
            await get_state(tree.ref("nobody"))


async def test_request_that_was_not_served_fails_with_the_end_of_its_actor() -> None:
    async with running(ChildSpec("it", Counter, restart="temporary")) as tree:
        ref = tree.ref("it", Counter)
        in_hand = ref.ask(asyncio.Event(), timeout=None)
        await settle()
        asked = asyncio.ensure_future(get_state(ref))
        await settle()
        tree.kill("it")
        with pytest.raises(CallFailedError, match="was killed"):
            await asked
        with pytest.raises(CallFailedError):
            await in_hand


class AsksItself(Actor):
    async def handle_call(self, request: object, caller: object) -> object:
        return await get_state(self.pid)


async def test_actor_that_asks_itself_is_told_so() -> None:
    async with running(ChildSpec("it", AsksItself, restart="temporary")) as tree:
        with pytest.raises(CallFailedError) as raised:
            await tree.ref("it").call("x")
        assert isinstance(raised.value.__cause__, CallingSelfError)


@pytest.mark.conformance("B35")
async def test_function_that_raises_no_exception_ends_the_actor_and_its_caller_learns_of_it() -> None:
    def leave(_: Actor) -> Actor:
        raise asyncio.CancelledError

    async with one() as (tree, seen):
        with pytest.raises(CallFailedError, match="CancelledError"):
            await replace_state(tree.ref("it"), leave)
        await settle()
        assert seen.events == ["init", ("terminate", "crashed (CancelledError)"), "init"]


@pytest.mark.conformance("B36")
async def test_actor_that_waits_in_a_continue_is_at_that() -> None:
    class Continues(Actor):
        def init(self) -> Continue:
            return Continue()

        async def handle_continue(self, argument: object) -> None:
            await asyncio.sleep(10.0)

    async with running(ChildSpec("it", Continues)) as tree:
        await asyncio.sleep(3.0)
        info = process_info(tree.ref("it"))
        assert (info.doing, info.handling, info.handling_seconds) == ("handling", "Continue", 3.0)
        await asyncio.sleep(10.0)
        assert process_info(tree.ref("it")).doing == "waiting"


async def test_new_state_has_reported_what_the_old_one_had() -> None:
    class Ready(Counter):
        def init(self) -> None:
            self.report_ready()

    async with running(ChildSpec("it", Ready)) as tree:
        await replace_state(tree.ref("it", Counter), lambda _: Counter())
        [child] = await which_children(tree.ref("root"))
        assert child.is_ready
