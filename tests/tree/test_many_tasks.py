"""Waiting for several tasks: order, one limit for all, failures, and what becomes of the slow ones."""

import asyncio

import pytest

from supervisor import (
    Crashed,
    Exited,
    Ok,
    TaskFailedError,
    TaskOwnerError,
    TaskSpentError,
    TaskTimeoutError,
    await_many,
    start_task,
    yield_many,
)
from supervisor.clock import monotonic
from supervisor.testing import settle
from supervisor.tree.many_tasks import OnTimeout
from tests.tree.task_trees import Boss, TrappingBoss, double, double_later, fail, for_ever, office


@pytest.mark.conformance("D5")
async def test_results_come_in_the_order_of_the_tasks_in_the_time_of_the_slowest() -> None:
    async with office() as it:
        tasks = [await start_task(it.tasks, double_later, 10 - one, float(10 - one) / 4) for one in range(10)]
        began = monotonic()
        assert await await_many(tasks) == [20, 18, 16, 14, 12, 10, 8, 6, 4, 2]
        assert monotonic() - began == pytest.approx(2.5)
        with pytest.raises(TaskSpentError):
            await tasks[0]
        assert await await_many([]) == []


@pytest.mark.conformance("D5")
async def test_first_failure_is_raised_at_once_and_the_others_are_given_up() -> None:
    async with office() as it:

        async def fail_later(seconds: float) -> int:
            await asyncio.sleep(seconds)
            raise ZeroDivisionError(seconds)

        tasks = [
            await start_task(it.tasks, double_later, 2, 4.0),
            await start_task(it.tasks, fail_later, 3.0),
            await start_task(it.tasks, fail_later, 1.0),
        ]
        began = monotonic()
        with pytest.raises(TaskFailedError) as raised:
            await await_many(tasks)
        assert monotonic() - began == pytest.approx(1.0)
        assert raised.value.task is tasks[2]
        assert isinstance(raised.value.__cause__, ZeroDivisionError)
        assert len(it.running) == 2
        with pytest.raises(TaskSpentError):
            await tasks[0]


@pytest.mark.conformance("D5")
async def test_one_limit_holds_for_all_together_and_no_late_result_arrives() -> None:
    async with office(TrappingBoss) as it:

        async def work(_: Boss) -> float:
            tasks = [
                await start_task(it.tasks, double_later, 2, seconds, link=False) for seconds in (3.0, 6.0)
            ]
            began = monotonic()
            with pytest.raises(TaskTimeoutError) as raised:
                await await_many(tasks)
            assert raised.value.task is tasks[1]
            return monotonic() - began

        assert await it.by_boss(work) == pytest.approx(5.0)
        await asyncio.sleep(5.0)
        assert it.running == []
        assert it.seen == []


@pytest.mark.conformance("D3")
async def test_many_can_be_asked_for_by_their_owner_only_and_once() -> None:
    async with office() as it:
        mine = await start_task(it.tasks, double, 2)
        bosss = await it.by_boss(lambda _: start_task(it.tasks, double, 3))
        for asking in (await_many, yield_many):
            with pytest.raises(TaskOwnerError):
                await asking([mine, bosss])
            with pytest.raises(ValueError, match="timeout must be"):
                await asking([mine], -1.0)
        assert await await_many([mine, mine]) == [4, 4]
        for asking in (await_many, yield_many):
            with pytest.raises(TaskSpentError):
                await asking([mine])


async def test_owner_that_was_cancelled_while_it_waited_for_many_may_wait_again() -> None:
    async with office() as it:
        tasks = [await start_task(it.tasks, double_later, one) for one in range(3)]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await await_many(tasks)
        assert await await_many(tasks) == [0, 2, 4]


# --- yield_many -------------------------------------------------------------------------------------------


@pytest.mark.conformance("D4")
async def test_yield_many_tells_of_each_how_it_ended_or_that_it_has_not() -> None:
    async with office() as it:
        tasks = [
            await start_task(it.tasks, double_later, 2, 6.0),
            await start_task(it.tasks, double_later, 3, 1.0),
            await start_task(it.tasks, double_fails, 4),
        ]
        began = monotonic()
        slow, quick, failed = await yield_many(tasks)
        assert monotonic() - began == pytest.approx(5.0)
        assert slow == (tasks[0], None)
        assert quick == (tasks[1], Ok(6))
        assert failed[0] is tasks[2]
        assert isinstance(failed[1], Exited)
        assert isinstance(failed[1].reason, Crashed)
        assert await tasks[0] == 4
        with pytest.raises(TaskSpentError):
            await tasks[1]


async def double_fails(number: int) -> int:
    await fail(number)
    return number


@pytest.mark.conformance("D4")
async def test_yield_many_ends_with_the_last_or_when_enough_have_ended() -> None:
    async with office() as it:
        tasks = [await start_task(it.tasks, double_later, one, float(one)) for one in (1, 2, 3, 4)]
        began = monotonic()
        outcomes = await yield_many(tasks, limit=2, on_timeout="kill")
        assert monotonic() - began == pytest.approx(2.0)
        assert [outcome for _, outcome in outcomes] == [Ok(2), Ok(4), None, None]
        assert len(it.running) == 2  # the time had not passed, so nobody is killed
        assert [outcome for _, outcome in await yield_many(tasks[2:])] == [Ok(6), Ok(8)]
        assert monotonic() - began == pytest.approx(4.0)
        assert await yield_many([]) == []


@pytest.mark.conformance("D4")
@pytest.mark.parametrize(
    ("on_timeout", "left"),
    [
        pytest.param("nothing", "goes on and may be asked again", id="nothing"),
        pytest.param("ignore", "goes on and is not linked", id="ignore"),
        pytest.param("kill", "is gone", id="kill"),
    ],
)
@pytest.mark.parametrize("boss", [Boss, TrappingBoss])
async def test_slow_ones_are_treated_as_asked_for(boss: type[Boss], on_timeout: OnTimeout, left: str) -> None:
    async with office(boss) as it:

        async def work(_: Boss) -> None:
            tasks = [await start_task(it.tasks, for_ever) for _ in range(3)]
            outcomes = await yield_many(tasks, 1.0, on_timeout=on_timeout)
            assert [outcome for _, outcome in outcomes] == [None, None, None]
            if on_timeout == "nothing":
                assert [outcome for _, outcome in await yield_many(tasks, 0)] == [None, None, None]
            else:
                with pytest.raises(TaskSpentError):
                    await yield_many(tasks, 0)

        await it.by_boss(work)
        assert it.boss.pid is not None
        assert it.seen == []
        assert len(it.running) == (0 if left == "is gone" else 3)
        await it.boss.stop()
        await settle()
        assert len(it.running) == (3 if left == "goes on and is not linked" else 0)


@pytest.mark.conformance("D4")
async def test_stubborn_ones_are_killed_together_and_in_time() -> None:
    async with office() as it:
        tasks = [await start_task(it.tasks, it.stubborn) for _ in range(3)]
        began = monotonic()
        outcomes = await yield_many(tasks, 1.0, on_timeout="kill")
        assert monotonic() - began == pytest.approx(1.5)
        assert [outcome for _, outcome in outcomes] == [None, None, None]


async def test_options_that_cannot_work_are_refused() -> None:
    with pytest.raises(
        ValueError, match="on_timeout must be one of 'nothing', 'ignore', 'kill', got 'raise'"
    ):
        await yield_many([], on_timeout="raise")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limit must be a whole number >= 1 or None, got 0"):
        await yield_many([], limit=0)
