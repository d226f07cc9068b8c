"""Streams of tasks that end early: by time, by their reader, by an error; and what is left then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import Literal, TypeVar

import pytest

from supervisor import (
    Crashed,
    Exited,
    Killed,
    MaxChildrenError,
    NoProcessError,
    Ok,
    Outcome,
    Pid,
    TaskTimeoutError,
    async_stream,
    which_children,
)
from supervisor.clock import monotonic
from supervisor.testing import settle
from tests.tree.task_trees import (
    Boss,
    Office,
    TrappingBoss,
    all_of,
    call,
    double,
    for_ever,
    odd_ones_fail,
    office,
)

T = TypeVar("T")

untyped_stream: Callable[..., object] = async_stream
"""For options that a type checker would refuse."""

both_ways = pytest.mark.parametrize("link", [True, False])


# --- time -------------------------------------------------------------------------------------------------


@both_ways
@pytest.mark.conformance("D7")
async def test_task_that_takes_too_long_raises_in_the_consumer_and_ends_the_others(link: bool) -> None:
    async with office() as it:

        async def work(_: Boss) -> float:
            came: list[Outcome[float]] = []
            stream = async_stream(it.tasks, [1.0, 60.0, 2.0], _sleep, max_concurrency=2, link=link)
            with pytest.raises(TaskTimeoutError, match=r"gave no result within 5\.0 s"):
                await _gather(stream, came)
            assert came == [Ok(1.0)]
            return monotonic()

        assert await it.by_boss(work) == pytest.approx(5.0)
        assert it.running == []
        await settle()
        assert it.seen == []


async def _sleep(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


@both_ways
@pytest.mark.parametrize("boss", [Boss, TrappingBoss])
@pytest.mark.conformance("D7")
async def test_task_that_takes_too_long_may_be_killed_and_is_an_item_then(
    boss: type[Boss], link: bool
) -> None:
    async with office(boss) as it:

        async def work(_: Boss) -> list[Outcome[float]]:
            stream = async_stream(
                it.tasks,
                [1.0, 60.0, 2.0],
                _sleep,
                max_concurrency=2,
                link=link,
                timeout=3.0,
                on_timeout="kill",
                zip_input_on_exit=True,
            )
            return [one async for one in stream]

        first, late, last = await it.by_boss(work)
        assert (first, last) == (Ok(1.0), Ok(2.0))
        assert isinstance(late, Exited)
        assert late.input == 60.0
        assert isinstance(late.reason, Crashed)
        assert isinstance(late.reason.exception, TaskTimeoutError)
        assert monotonic() == pytest.approx(3.0)
        await settle()
        assert it.running == []
        assert it.seen == []
        assert it.boss.pid is not None


async def test_stubborn_task_is_given_up_half_a_second_after_its_time() -> None:
    async with office() as it:
        stream = async_stream(it.tasks, [1], it.stubborn, timeout=1.0, on_timeout="kill")
        outcomes = [one async for one in stream]
        assert [type(one) for one in outcomes] == [Exited]
        assert monotonic() == pytest.approx(1.5)


@pytest.mark.conformance("D7")
@pytest.mark.parametrize("on_timeout", ["raise", "kill"])
async def test_limit_of_time_is_for_each_task_and_not_for_all(on_timeout: Literal["raise", "kill"]) -> None:
    async with office() as it:
        stream = async_stream(
            it.tasks, [1.0] * 9, _sleep, max_concurrency=1, timeout=1.5, on_timeout=on_timeout
        )
        assert await all_of(stream) == [Ok(1.0)] * 9
        assert monotonic() == pytest.approx(9.0)


async def test_nothing_is_started_any_more_once_a_task_has_taken_too_long() -> None:
    started: list[float] = []

    async def work(seconds: float) -> None:
        started.append(seconds)
        await asyncio.sleep(seconds)

    async with office() as it:
        stream = async_stream(it.tasks, [1.0, 60.0, 2.0, 3.0], work, max_concurrency=2, timeout=5.0)
        async with aclosing(stream):
            assert await anext(stream) == Ok(None)
            await asyncio.sleep(10.0)
            with pytest.raises(TaskTimeoutError):
                await anext(stream)
        assert started == [1.0, 60.0]


async def test_no_limit_of_time_is_none() -> None:
    async with office() as it:
        assert [one async for one in async_stream(it.tasks, [60.0], _sleep, timeout=None)] == [Ok(60.0)]


# --- early ends -------------------------------------------------------------------------------------------


async def _take_one(it: Office, link: bool) -> list[Pid]:
    async def work(_: Boss) -> list[Pid]:
        async for one in async_stream(
            it.tasks, [0.5, 60.0, 60.0, 60.0], _sleep, max_concurrency=3, timeout=None, link=link
        ):
            assert one == Ok(0.5)
            break
        ran = it.running
        await asyncio.sleep(0.1)
        return ran

    return await it.by_boss(work)


@both_ways
@pytest.mark.parametrize("boss", [Boss, TrappingBoss])
@pytest.mark.conformance("D7", "S9.29", "S9.42", "S9.43")
async def test_loop_that_is_left_early_is_followed_by_the_end_of_its_tasks_and_leaves_no_message(
    boss: type[Boss], link: bool
) -> None:
    async with office(boss) as it:
        ran = await _take_one(it, link)
        assert len(ran) == 2
        assert it.running == []
        await settle()
        assert it.seen == []
        assert it.boss.pid is not None
        assert await which_children(it.tasks) == ()


@pytest.mark.conformance("D7")
async def test_closing_a_stream_waits_for_the_end_of_its_tasks() -> None:
    ended: list[float] = []

    async def cleans_up(_: int) -> None:
        try:
            await for_ever()
        finally:
            await asyncio.sleep(2.0)
            ended.append(monotonic())

    async with office() as it:
        stream = async_stream(it.tasks, [1, 2, 3], cleans_up, max_concurrency=3)
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await anext(stream)
        assert ended == pytest.approx([3.0, 3.0, 3.0])
        assert monotonic() == pytest.approx(3.0)
        assert it.running == []


async def test_end_of_a_stream_takes_no_longer_than_the_limit_of_its_tasks() -> None:
    async with office() as it:
        stream = async_stream(it.tasks, [1, 2, 3], it.stubborn, max_concurrency=3, shutdown=1.0)
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await anext(stream)
        assert monotonic() == pytest.approx(2.5)


@both_ways
@pytest.mark.conformance("D7", "S9.35")
async def test_failures_carry_their_inputs_and_the_stream_can_be_left_at_one(link: bool) -> None:
    async with office(TrappingBoss) as it:

        async def work(_: Boss) -> tuple[object, list[object]]:
            came: list[object] = []
            stream = async_stream(
                it.tasks, [0, 2, 3, 4], odd_ones_fail, max_concurrency=1, zip_input_on_exit=True, link=link
            )
            async with aclosing(stream):
                async for one in stream:
                    if isinstance(one, Exited):
                        return one.input, came
                    came.append(one.value)
            raise AssertionError

        assert await it.by_boss(work) == (3, [0, 2])
        await settle()
        assert it.running == []
        assert it.seen == []


@both_ways
@pytest.mark.conformance("S9.44")
async def test_one_task_too_many_is_an_error_that_ends_the_stream_cleanly(link: bool) -> None:
    async with office(max_children=2) as it:

        async def work(_: Boss) -> None:
            with pytest.raises(MaxChildrenError):
                await all_of(async_stream(it.tasks, range(4), for_ever, max_concurrency=4, link=link))

        await it.by_boss(work)
        assert it.running == []
        await settle()
        assert it.seen == []
        assert await which_children(it.tasks) == ()


async def test_crash_of_the_supervisor_shows_as_items_and_the_stream_goes_on_with_the_next() -> None:
    async with office() as it:
        stream = async_stream(it.tasks, [for_ever, for_ever, _nothing, _nothing], call, max_concurrency=2)
        asking = asyncio.ensure_future(all_of(stream))
        await settle()
        it.tree.kill("tasks")
        assert await asking == [Exited(Killed()), Exited(Killed()), Ok(None), Ok(None)]


async def test_stream_under_a_supervisor_that_does_not_run_raises_where_it_is_read() -> None:
    async with office() as it:
        with pytest.raises(NoProcessError):
            await all_of(async_stream(it.tree.ref("nobody"), range(3), double))


async def _nothing() -> None:
    pass


async def _gather(stream: AsyncIterator[Outcome[T]], into: list[Outcome[T]]) -> None:
    async for one in stream:
        into.append(one)  # noqa: PERF401  what came before an error counts
