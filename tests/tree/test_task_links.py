"""Whose end is whose: links between a task and its owner, an actor or a coroutine."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from supervisor import (
    Crashed,
    Exit,
    Ok,
    Stop,
    Task,
    TaskFailedError,
    async_stream,
    start_task,
    terminate_child,
)
from supervisor.process import NORMAL
from supervisor.testing import settle
from tests.tree.task_trees import (
    Boss,
    Office,
    TrappingBoss,
    double,
    fail,
    for_ever,
    office,
    pid_of,
)


@pytest.mark.conformance("D9")
async def test_failure_of_a_linked_task_ends_an_actor_that_does_not_trap_exits() -> None:
    async with office() as it:
        boss = pid_of(it.boss)
        with pytest.raises(Exception, match="no luck"):
            await it.by_boss(lambda _: _await_failure(it))
        assert not boss.is_alive


async def _await_failure(it: Office) -> None:
    task = await start_task(it.tasks, fail)
    try:
        await task
    except TaskFailedError:  # an actor that does not trap exits has no say in this
        await asyncio.sleep(1.0)


@pytest.mark.conformance("D9")
async def test_actor_that_traps_exits_lives_on_and_is_told() -> None:
    async with office(TrappingBoss) as it:

        async def work(_: Boss) -> Task[None]:
            task = await start_task(it.tasks, fail)
            with pytest.raises(TaskFailedError):
                await task
            return task

        task = await it.by_boss(work)
        await settle()
        (message,) = it.seen
        assert isinstance(message, Exit)
        assert message.pid is task.pid
        assert isinstance(message.reason, Crashed)


async def _ends_normally(_: Boss) -> Stop:
    return Stop()


async def _ends_badly(_: Boss) -> Stop:
    raise ZeroDivisionError


@pytest.mark.conformance("D9")
@pytest.mark.parametrize("end", [_ends_normally, _ends_badly])
@pytest.mark.parametrize("boss", [Boss, TrappingBoss])
async def test_end_of_an_actor_however_ends_its_linked_tasks_and_no_others(
    boss: type[Boss], end: Callable[[Boss], Awaitable[object]]
) -> None:
    async with office(boss) as it:
        linked = await it.by_boss(lambda _: start_task(it.tasks, for_ever))
        free = await it.by_boss(lambda _: start_task(it.tasks, for_ever, link=False))
        await settle()
        with pytest.raises(Exception, match="ended before it replied"):
            await it.by_boss(end)
        await settle()
        assert it.running == [free.pid]
        assert not linked.pid.is_alive


@pytest.mark.conformance("D9")
async def test_kill_of_an_actor_ends_its_linked_tasks() -> None:
    async with office() as it:
        await it.by_boss(lambda _: start_task(it.tasks, for_ever))
        it.tree.kill("boss")
        await settle()
        assert it.running == []


@pytest.mark.conformance("D9")
@pytest.mark.parametrize("how", ["returns", "raises", "is cancelled"])
async def test_end_of_a_coroutine_however_ends_its_linked_tasks_and_no_others(how: str) -> None:
    async with office() as it:

        async def owner() -> None:
            for _ in range(2):
                await start_task(it.tasks, for_ever)
            await start_task(it.tasks, for_ever, link=False)
            if how == "raises":
                raise ZeroDivisionError
            if how == "is cancelled":
                await for_ever()

        running = asyncio.create_task(owner())
        await settle()
        running.cancel()
        await asyncio.wait({running})
        await settle()
        assert len(it.running) == 1


async def test_failure_of_a_linked_task_of_a_coroutine_shows_where_it_is_awaited_and_not_before() -> None:
    async with office() as it:
        task = await start_task(it.tasks, fail)
        await asyncio.sleep(1.0)
        with pytest.raises(TaskFailedError):
            await task


async def test_tasks_that_an_actor_makes_by_itself_own_what_they_start() -> None:
    """Code in `asyncio.gather` or a task group is no actor: it has no mailbox and is not linked."""
    async with office() as it:

        async def work(boss: Boss) -> bool:
            async def part() -> None:
                task = await start_task(it.tasks, fail)
                with pytest.raises(TaskFailedError):
                    await task

            await asyncio.gather(part(), part())
            return boss.pid.is_alive

        assert await it.by_boss(work)


async def test_trapping_owner_is_told_of_the_normal_end_of_a_linked_task() -> None:
    async with office(TrappingBoss) as it:

        async def work(_: Boss) -> int:
            return await (await start_task(it.tasks, double, 2))

        assert await it.by_boss(work) == 4
        await settle()
        (message,) = it.seen
        assert isinstance(message, Exit)
        assert message.reason == NORMAL


@pytest.mark.conformance("D9")
async def test_start_for_an_owner_that_has_ended_meanwhile_leaves_no_task() -> None:
    async with office() as it:

        async def start(_: Boss) -> object:
            it.tasks.send("what keeps it from starting one at once")
            return await start_task(it.tasks, for_ever)

        asking = asyncio.ensure_future(it.by_boss(start))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        it.tree.kill("boss")
        await asyncio.wait({asking})
        await settle()
        assert isinstance(asking.exception(), Exception)
        assert it.running == []


@pytest.mark.conformance("D9")
async def test_actor_that_had_to_be_abandoned_has_ended_and_so_do_its_tasks() -> None:
    async with office(TrappingBoss) as it:

        async def work(_: Boss) -> None:
            await start_task(it.tasks, for_ever)
            stream = async_stream(it.tasks, [0.0, 60.0], asyncio.sleep, max_concurrency=2, timeout=None)
            async for outcome in stream:
                assert outcome == Ok(None)
                await it.stubborn()

        asking = asyncio.ensure_future(it.by_boss(work))
        await settle()
        assert len(it.running) == 2
        await terminate_child(it.tree.ref("root"), "boss")
        await asyncio.wait({asking})
        await settle()
        assert isinstance(asking.exception(), Exception)
        assert it.tree.system.zombies
        assert it.running == []
