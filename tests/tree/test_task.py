"""One task and its owner: who may ask for the result, when, how often, and in which ways."""

import asyncio
import gc
import weakref
from contextlib import suppress

import pytest

from supervisor import (
    Actor,
    BadChildSpecError,
    Crashed,
    Exited,
    Killed,
    Ok,
    Outcome,
    Shutdown,
    Task,
    TaskDone,
    TaskFailedError,
    TaskOwnerError,
    TaskSpentError,
    TaskTimeoutError,
    start_task,
)
from supervisor.clock import monotonic
from supervisor.testing import settle
from tests.tree.task_trees import (
    Boss,
    TrappingBoss,
    double,
    double_later,
    fail,
    for_ever,
    office,
)


class Exiter(Actor):
    """Sends the exit signal that it is told to."""

    def handle_call(self, request: object, caller: object) -> None:
        assert isinstance(request, tuple)
        self.send_exit(*request)


# --- await ------------------------------------------------------------------------------------------------


@pytest.mark.conformance("D3")
async def test_result_can_be_taken_once() -> None:
    async with office() as it:
        task = await start_task(it.tasks, double, 2)
        assert await task == 4
        assert task.is_done
        for again in (task.wait(), task.yield_(), task.shutdown()):
            with pytest.raises(TaskSpentError, match="taken or given up already"):
                await again
        for once_more in (task.ignore, task.deliver):
            with pytest.raises(TaskSpentError):
                once_more()


@pytest.mark.conformance("D3")
async def test_only_the_owner_may_ask_for_the_result() -> None:
    async with office() as it:
        mine = await start_task(it.tasks, double_later, 2)
        bosss = await it.by_boss(lambda _: start_task(it.tasks, double_later, 3))

        async def ask(task: Task[int]) -> None:
            for waiting in (task.wait(), task.yield_(), task.shutdown()):
                with pytest.raises(TaskOwnerError, match="who has started"):
                    await waiting
            for asking in (task.ignore, task.deliver):
                with pytest.raises(TaskOwnerError):
                    asking()

        await ask(bosss)
        await it.by_boss(lambda _: ask(mine))
        await asyncio.create_task(ask(mine))
        assert await mine == 4
        assert await it.by_boss(lambda _: bosss.wait()) == 6


@pytest.mark.conformance("D3")
async def test_patience_ends_after_five_seconds_and_no_late_result_arrives() -> None:
    async with office(TrappingBoss) as it:

        async def work(_: Boss) -> float:
            task = await start_task(it.tasks, double_later, 2, 8.0, link=False)
            began = monotonic()
            with pytest.raises(TaskTimeoutError, match=r"gave no result within 5\.0 s") as raised:
                await task
            assert isinstance(raised.value, TimeoutError)
            assert raised.value.task is task
            return monotonic() - began

        assert await it.by_boss(work) == pytest.approx(5.0)
        assert len(it.running) == 1
        await asyncio.sleep(10.0)
        assert it.running == []
        assert it.seen == []


async def test_time_limit_may_be_another_or_none() -> None:
    async with office() as it:
        assert await (await start_task(it.tasks, double_later, 2, 60.0)).wait(timeout=None) == 120 / 30
        began = monotonic()
        with pytest.raises(TaskTimeoutError):
            await (await start_task(it.tasks, for_ever)).wait(timeout=0.5)
        assert monotonic() - began == pytest.approx(0.5)
        task = await start_task(it.tasks, double, 2)
        for waiting in (task.wait(-1.0), task.yield_(float("nan"))):
            with pytest.raises(ValueError, match="timeout must be seconds >= 0"):
                await waiting
        assert await task == 4


@pytest.mark.conformance("D3", "S9.21")
async def test_what_a_task_raises_surfaces_where_it_is_awaited() -> None:
    async with office() as it:
        for link in (True, False):
            task = await start_task(it.tasks, fail, "no disk", link=link)
            with pytest.raises(TaskFailedError, match=r"gave no result: it crashed .*no disk") as raised:
                await task
            cause = raised.value.__cause__
            assert isinstance(cause, ZeroDivisionError)
            assert raised.value.reason == Crashed(cause)


@pytest.mark.conformance("D3", "S9.23")
@pytest.mark.parametrize("reason", [Shutdown("no more money"), Killed(), Shutdown()])
async def test_reason_with_which_a_task_exits_surfaces_where_it_is_awaited(reason: Shutdown | Killed) -> None:
    async with office() as it:
        task = await start_task(it.tasks, for_ever)
        exiter = await it.tree.system.start(Exiter)
        assert exiter is not None
        await exiter.call((task.pid, reason))
        with pytest.raises(TaskFailedError) as raised:
            await task
        assert raised.value.reason == reason


async def test_owner_that_was_cancelled_while_it_waited_may_wait_again() -> None:
    async with office() as it:
        task = await start_task(it.tasks, double_later, 2)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await task
        assert await task == 4


async def test_task_may_cancel_itself_as_coroutines_do_and_has_failed_then() -> None:
    async def cancel_a_future() -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    async with office() as it:
        task = await start_task(it.tasks, cancel_a_future)
        with pytest.raises(TaskFailedError) as raised:
            await task
        assert isinstance(raised.value.__cause__, asyncio.CancelledError)


async def test_nothing_is_kept_of_a_task_that_has_ended() -> None:
    class Big:
        pass

    async with office() as it:
        await (await start_task(it.tasks, double, 2))  # what one needs for the first time
        big = Big()
        gone = weakref.ref(big)
        gc.disable()
        try:
            task = await start_task(it.tasks, lambda _: None, big)
            await task
            assert not task.owner._tied
            del task, big
            await settle()
            assert gone() is None
        finally:
            gc.enable()


# --- yield, shutdown, ignore ------------------------------------------------------------------------------


@pytest.mark.conformance("D4")
async def test_yield_gives_none_in_time_then_the_outcome_and_never_raises_for_a_failure() -> None:
    async with office() as it:
        task = await start_task(it.tasks, double_later, 2)
        assert await task.yield_(0.4) is None
        assert await task.yield_(0) is None
        assert await task.yield_(0.7) == Ok(4)
        failing = await start_task(it.tasks, fail)
        outcome = await failing.yield_()
        assert isinstance(outcome, Exited)
        assert isinstance(outcome.reason, Crashed)
        assert isinstance(outcome.reason.exception, ZeroDivisionError)
        began = monotonic()
        assert await (await start_task(it.tasks, for_ever)).yield_() is None
        assert monotonic() - began == pytest.approx(5.0)


async def _cleans_up_badly() -> None:
    try:
        await for_ever()
    finally:
        raise ZeroDivisionError


async def _finishes_all_the_same() -> int:
    with suppress(asyncio.CancelledError):
        await for_ever()
    return 7


@pytest.mark.conformance("D4")
@pytest.mark.parametrize("shutdown", [5.0, 0, "infinity", "brutal_kill"])
async def test_shutdown_gives_none_if_the_task_ended_by_it(shutdown: object) -> None:
    async with office() as it:
        task = await start_task(it.tasks, for_ever)
        await settle()
        assert await task.shutdown(shutdown) is None  # type: ignore[arg-type]
        assert not task.pid.is_alive


@pytest.mark.conformance("D4")
async def test_shutdown_gives_a_result_or_a_failure_of_before_or_of_meanwhile() -> None:
    async with office() as it:
        early = await start_task(it.tasks, double, 2)
        await settle()
        assert await early.shutdown() == Ok(4)
        meanwhile = await start_task(it.tasks, _finishes_all_the_same)
        await settle()
        assert await meanwhile.shutdown() == Ok(7)
        for work, is_early in ((fail, True), (_cleans_up_badly, False)):
            task: Task[None] = await start_task(it.tasks, work)
            await settle()
            assert task.is_done is is_early
            outcome = await task.shutdown()
            assert isinstance(outcome, Exited)
            assert isinstance(outcome.reason, Crashed)


@pytest.mark.conformance("D4")
async def test_shutdown_takes_no_longer_than_its_limit_whatever_the_task_does() -> None:
    async with office() as it:
        task = await start_task(it.tasks, it.stubborn)
        await settle()
        began = monotonic()
        assert await task.shutdown(2.0) is None
        assert monotonic() - began == pytest.approx(2.5)


async def test_shutdown_that_cannot_be_is_refused_and_takes_nothing() -> None:
    async with office() as it:
        task = await start_task(it.tasks, double_later, 2)
        with pytest.raises(BadChildSpecError, match="shutdown must be"):
            await task.shutdown(-1.0)
        assert await task == 4


@pytest.mark.conformance("D4")
@pytest.mark.parametrize("boss", [Boss, TrappingBoss])
async def test_shutdown_of_a_linked_task_harms_its_owner_not_and_leaves_no_message(boss: type[Boss]) -> None:
    async with office(boss) as it:

        async def work(_: Boss) -> None:
            task = await start_task(it.tasks, for_ever)
            await asyncio.sleep(1.0)
            assert await task.shutdown("brutal_kill") is None

        await it.by_boss(work)
        await settle()
        assert it.boss.pid is not None
        assert it.seen == []


async def _fail_later() -> None:
    await asyncio.sleep(0.1)
    await fail()


@pytest.mark.conformance("D4")
async def test_ignored_task_goes_on_alone_and_its_late_result_is_dropped() -> None:
    async with office(TrappingBoss) as it:

        async def work(_: Boss) -> None:
            task = await start_task(it.tasks, double_later, 2)
            assert task.ignore() is None
            failing = await start_task(it.tasks, _fail_later)
            assert failing.ignore() is None

        await it.by_boss(work)
        await it.boss.stop()
        await asyncio.sleep(0.5)
        assert len(it.running) == 1
        await asyncio.sleep(1.0)
        assert it.running == []
        assert it.seen == []


@pytest.mark.conformance("D4")
async def test_ignoring_one_that_has_ended_gives_its_outcome() -> None:
    async with office() as it:
        task, failing = await start_task(it.tasks, double, 2), await start_task(it.tasks, fail)
        await settle()
        assert task.ignore() == Ok(4)
        outcome: Outcome[object] | None = failing.ignore()
        assert isinstance(outcome, Exited)


# --- delivery ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_late", [False, True])
async def test_delivered_result_comes_as_one_message_and_cannot_be_taken_otherwise(is_late: bool) -> None:
    async with office() as it:

        async def work(_: Boss) -> Task[int]:
            task = await start_task(it.tasks, double_later, 2)
            await asyncio.sleep(2.0 if is_late else 0.0)
            task.deliver()
            with pytest.raises(TaskSpentError):
                await task
            return task

        task = await it.by_boss(work)
        await asyncio.sleep(3.0)
        assert it.seen == [TaskDone(task, Ok(4))]


async def test_failure_is_delivered_too_where_the_task_is_not_linked() -> None:
    async with office() as it:

        async def work(_: Boss) -> None:
            (await start_task(it.tasks, fail, link=False)).deliver()

        await it.by_boss(work)
        await settle()
        (done,) = it.seen
        assert isinstance(done, TaskDone)
        assert isinstance(done.outcome, Exited)


async def test_coroutine_has_no_mailbox_to_deliver_to() -> None:
    async with office() as it:
        task = await start_task(it.tasks, double, 2)
        with pytest.raises(TypeError, match="to an actor only"):
            task.deliver()
        assert await task == 4


async def test_actor_that_ends_before_the_delivery_misses_it_and_nothing_breaks() -> None:
    async with office() as it:

        async def work(_: Boss) -> None:
            (await start_task(it.tasks, double_later, 2, link=False)).deliver()

        await it.by_boss(work)
        await it.boss.stop()
        await asyncio.sleep(2.0)
        assert it.running == []
