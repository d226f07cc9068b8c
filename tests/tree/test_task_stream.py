"""Streams of tasks: their order, their input, how many run at once, failures, and whose they are."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import TypeVar

import pytest

from supervisor import (
    BadChildSpecError,
    Crashed,
    Exited,
    Ok,
    Outcome,
    Pid,
    Shutdown,
    async_stream,
    callers,
    terminate_child,
)
from supervisor.clock import monotonic
from supervisor.testing import settle
from tests.tree.task_trees import (
    Boss,
    TrappingBoss,
    all_of,
    call,
    double,
    double_later,
    fail,
    for_ever,
    odd_ones_fail,
    office,
    pid_of,
)

T = TypeVar("T")

untyped_stream: Callable[..., object] = async_stream
"""For options that a type checker would refuse."""

both_ways = pytest.mark.parametrize("link", [True, False])


async def twice(number: int) -> int:
    return number * 2


async def slowest_first(number: int) -> int:
    await asyncio.sleep(4.0 - number)
    return number


# --- outcomes ---------------------------------------------------------------------------------------------


@both_ways
@pytest.mark.conformance("D7", "S9.24", "S9.37")
async def test_outcomes_come_in_the_order_of_the_input(link: bool) -> None:
    async with office() as it:
        for function in (double, twice):
            outcomes = [one async for one in async_stream(it.tasks, range(5), function, link=link)]
            assert outcomes == [Ok(0), Ok(2), Ok(4), Ok(6), Ok(8)]


@both_ways
@pytest.mark.conformance("S9.25", "S9.38")
async def test_function_gets_the_item_and_then_its_further_arguments(link: bool) -> None:
    async with office() as it:
        outcomes = [one async for one in async_stream(it.tasks, [100, 200], divmod, 7, link=link)]
        assert outcomes == [Ok((14, 2)), Ok((28, 4))]


@pytest.mark.parametrize("ordered", [True, False])
@both_ways
@pytest.mark.conformance("D7", "S9.40")
async def test_order_holds_although_the_first_is_the_slowest_unless_it_is_not_wanted(
    link: bool, ordered: bool
) -> None:
    async with office() as it:
        stream = async_stream(
            it.tasks, range(4), slowest_first, max_concurrency=4, ordered=ordered, link=link
        )
        came = [(one, monotonic()) async for one in stream]
        expected = [0, 1, 2, 3] if ordered else [3, 2, 1, 0]
        assert [outcome for outcome, _ in came] == [Ok(one) for one in expected]
        assert came[0][1] == pytest.approx(4.0 if ordered else 1.0)
        assert came[-1][1] == pytest.approx(4.0)


@both_ways
@pytest.mark.parametrize("boss", [Boss, TrappingBoss])
@pytest.mark.conformance("S9.26", "S9.39")
async def test_finished_stream_leaves_no_tasks_and_no_messages(boss: type[Boss], link: bool) -> None:
    async with office(boss) as it:

        async def work(_: Boss) -> list[Outcome[int]]:
            return [one async for one in async_stream(it.tasks, range(20), double_later, 0.1, link=link)]

        assert await it.by_boss(work) == [Ok(one * 2) for one in range(20)]
        await settle()
        assert it.running == []
        assert it.seen == []


@pytest.mark.parametrize("boss", [None, Boss, TrappingBoss])
@pytest.mark.conformance("D7", "S9.41")
async def test_failures_of_tasks_that_are_not_linked_are_items_and_harm_nobody(
    boss: type[Boss] | None,
) -> None:
    async with office(boss or Boss) as it:

        async def work(_: Boss | None) -> list[Outcome[int]]:
            return [one async for one in async_stream(it.tasks, range(4), odd_ones_fail, link=False)]

        outcomes = await (work(None) if boss is None else it.by_boss(work))
        await settle()
        _check_odd_ones(outcomes)
        assert it.boss.pid is not None
        assert it.seen == []


@pytest.mark.parametrize("boss", [None, TrappingBoss])
@pytest.mark.conformance("D7")
async def test_failures_of_linked_tasks_are_items_too_where_no_actor_must_end_with_them(
    boss: type[Boss] | None,
) -> None:
    async with office(boss or Boss) as it:

        async def work(_: Boss | None) -> list[Outcome[int]]:
            return [one async for one in async_stream(it.tasks, range(4), odd_ones_fail)]

        _check_odd_ones(await (work(None) if boss is None else it.by_boss(work)))
        await settle()
        assert it.seen == []


def _check_odd_ones(outcomes: list[Outcome[int]]) -> None:
    assert [one.value if isinstance(one, Ok) else None for one in outcomes] == [0, None, 2, None]
    for one in outcomes:
        if isinstance(one, Exited):
            assert isinstance(one.reason, Crashed)
            assert isinstance(one.reason.exception, ZeroDivisionError)
            assert one.input is None


@pytest.mark.conformance("D9")
async def test_failure_of_a_linked_task_ends_an_actor_that_does_not_trap_exits_and_the_other_tasks() -> None:
    async with office() as it:

        async def work(_: Boss) -> list[Outcome[object]]:
            functions: list[Callable[[], Awaitable[object]]] = [for_ever, fail]
            return [one async for one in async_stream(it.tasks, functions, call, max_concurrency=4)]

        with pytest.raises(Exception, match="no luck"):
            await it.by_boss(work)
        await settle()
        assert it.boss.pid is None
        assert it.running == []


@pytest.mark.parametrize("boss", [Boss, TrappingBoss])
@pytest.mark.conformance("D9")
async def test_end_of_the_consumer_ends_linked_tasks(boss: type[Boss]) -> None:
    async with office(boss) as it:

        async def work(_: Boss) -> None:
            await all_of(async_stream(it.tasks, range(4), for_ever, max_concurrency=4, timeout=None))

        asking = asyncio.ensure_future(it.by_boss(work))
        await settle()
        assert len(it.running) == 4
        it.tree.kill("boss")
        await asyncio.wait({asking})
        await settle()
        assert isinstance(asking.exception(), Exception)
        assert it.running == []


# --- input ------------------------------------------------------------------------------------------------


class Numbers:
    """An endless input that counts how often it was asked."""

    def __init__(self) -> None:
        self.pulled = 0

    def __iter__(self) -> Iterator[int]:
        while True:
            self.pulled += 1
            yield self.pulled


@pytest.mark.conformance("D7")
async def test_input_is_pulled_only_as_far_as_tasks_are_started() -> None:
    async with office() as it:
        numbers = Numbers()
        stream = async_stream(it.tasks, numbers, twice, max_concurrency=3)
        assert numbers.pulled == 0
        async with aclosing(stream):
            yielded = 0
            async for _ in stream:
                yielded += 1
                assert numbers.pulled <= yielded + 3
                await settle()
                if yielded == 50:
                    break
        assert numbers.pulled <= 53


@pytest.mark.conformance("D7")
@pytest.mark.parametrize("max_concurrency", [1, 3])
@pytest.mark.parametrize("ordered", [True, False])
async def test_no_more_tasks_run_at_once_than_allowed_and_no_fewer(
    max_concurrency: int, ordered: bool
) -> None:
    now, most = 0, 0

    async def work(number: int) -> int:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(1.0)
        now -= 1
        return number

    async with office() as it:
        stream = async_stream(
            it.tasks, range(9), work, max_concurrency=max_concurrency, ordered=ordered, timeout=None
        )
        assert len([one async for one in stream]) == 9
        assert most == max_concurrency
        assert monotonic() == pytest.approx(9 / max_concurrency)


@pytest.mark.conformance("D7")
async def test_as_many_run_at_once_as_there_are_cores_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    async with office() as it:
        came = [monotonic() async for _ in async_stream(it.tasks, range(6), double_later)]
        assert came == pytest.approx([1.0, 1.0, 1.0, 2.0, 2.0, 2.0])


async def test_slow_one_at_the_head_does_not_keep_others_from_being_started() -> None:
    async with office() as it:

        async def work(number: int) -> int:
            await asyncio.sleep(4.5 if number == 0 else 1.0)
            return number

        came = [monotonic() async for _ in async_stream(it.tasks, range(9), work, max_concurrency=3)]
        assert came == pytest.approx([4.5] * 9)


async def ticks(count: int, seconds: float) -> AsyncIterator[int]:
    for number in range(count):
        await asyncio.sleep(seconds)
        yield number


@pytest.mark.conformance("D7")
async def test_input_may_be_async_and_outcomes_do_not_wait_for_it() -> None:
    async with office() as it:
        stream = async_stream(it.tasks, ticks(3, 2.0), double_later, 0.5)
        came = [(one, monotonic()) async for one in stream]
        assert [one for one, _ in came] == [Ok(0), Ok(2), Ok(4)]
        assert [when for _, when in came] == pytest.approx([2.5, 4.5, 6.5])


@pytest.mark.parametrize("is_async", [False, True])
async def test_failure_of_the_input_reaches_the_consumer_and_ends_the_tasks(is_async: bool) -> None:
    def numbers() -> Iterator[int]:
        yield 1
        yield 2
        raise ZeroDivisionError("no more numbers")

    async def later() -> AsyncIterator[int]:
        for number in numbers():
            yield number

    async with office() as it:
        stream = async_stream(it.tasks, later() if is_async else numbers(), for_ever, max_concurrency=4)
        with pytest.raises(ZeroDivisionError, match="no more numbers"):
            await all_of(stream)
        assert it.running == []


@pytest.mark.parametrize("fails", [False, True])
async def test_pull_that_nobody_waits_for_is_given_up_and_its_failure_is_nobodys(
    fails: bool,
) -> None:
    closed: list[str] = []
    complaints: list[object] = []

    async def stuck() -> AsyncIterator[int]:
        yield 1
        try:
            await asyncio.Event().wait()
        finally:
            closed.append("closed")
            if fails:
                raise ZeroDivisionError

    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async with office() as it:
        async with aclosing(async_stream(it.tasks, stuck(), twice, max_concurrency=2)) as stream:
            async for one in stream:
                assert one == Ok(2)
                break
        assert closed == ["closed"]
        gc.collect()
        assert complaints == []


# --- whose they are ---------------------------------------------------------------------------------------


@pytest.mark.conformance("D8", "S9.32")
async def test_tasks_of_a_stream_know_who_asked() -> None:
    async def who(_: int) -> tuple[Pid, ...]:
        return callers()

    async with office() as it:

        async def work(_: Boss) -> list[Outcome[tuple[Pid, ...]]]:
            return [one async for one in async_stream(it.tasks, range(2), who)]

        assert await it.by_boss(work) == [Ok((pid_of(it.boss),))] * 2


@pytest.mark.conformance("D7", "S9.33")
async def test_stream_may_be_read_by_another_task_than_the_one_that_made_it() -> None:
    async with office() as it:
        stream = async_stream(it.tasks, range(3), double_later)

        async def read(_: object = None) -> list[Outcome[int]]:
            return [one async for one in stream]

        assert await it.by_boss(read) == [Ok(0), Ok(2), Ok(4)]
        stream = async_stream(it.tasks, range(3), double_later)
        assert await asyncio.create_task(read()) == [Ok(0), Ok(2), Ok(4)]


# --- options ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param({"shutdown": "unknown"}, "shutdown must be 'brutal_kill', 'infinity' or", id="word"),
        pytest.param({"shutdown": -1}, "shutdown must be 'brutal_kill', 'infinity' or", id="negative"),
    ],
)
@pytest.mark.conformance("S9.36")
async def test_shutdown_that_cannot_work_is_refused_before_anything_is_started(
    options: dict[str, object], problem: str
) -> None:
    async with office() as it:
        with pytest.raises(BadChildSpecError, match=problem):
            untyped_stream(it.tasks, range(3), double, **options)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"max_concurrency": 0}, "max_concurrency must be a whole number >= 1, got 0"),
        ({"max_concurrency": True}, "max_concurrency must be a whole number >= 1, got True"),
        ({"timeout": -1.0}, "timeout must be seconds >= 0 or None, got -1.0"),
        ({"on_timeout": "nothing"}, "on_timeout must be 'raise' or 'kill', got 'nothing'"),
    ],
)
async def test_other_options_that_cannot_work_are_refused(options: dict[str, object], problem: str) -> None:
    async with office() as it:
        with pytest.raises(ValueError, match=problem):
            untyped_stream(it.tasks, range(3), double, **options)


async def test_task_that_is_terminated_from_outside_is_an_item() -> None:
    async with office() as it:
        stream = async_stream(it.tasks, [1], for_ever)
        asking = asyncio.ensure_future(anext(stream))
        await settle()
        await terminate_child(it.tasks, it.running[0])
        assert await asking == Exited(Shutdown())
