"""Tasks as children: how they are started, listed and stopped, and on whose behalf they run."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial

import pytest

from supervisor import (
    BadChildSpecError,
    ChildSpec,
    Down,
    DynamicSupervisor,
    NoProcessError,
    Ok,
    PartitionSupervisor,
    Pid,
    RequestRefusedError,
    Supervisor,
    Task,
    TaskDone,
    TaskSupervisor,
    callers,
    count_children,
    partition_ref,
    process_info,
    resume,
    start_background_task,
    start_child,
    start_task,
    start_tree,
    suspend,
    terminate_child,
    which_children,
)
from supervisor.clock import monotonic
from supervisor.process import NORMAL
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen
from tests.tree.task_trees import Boss, Office, double, double_later, fail, for_ever, office, pid_of

untyped_start: Callable[..., Awaitable[Task[object]]] = start_task
"""For options that a type checker would refuse."""

# --- the supervisor as a child ----------------------------------------------------------------------------


@pytest.mark.conformance("S9.1")
async def test_supervisor_of_tasks_can_be_a_root_or_a_child_that_comes_back() -> None:
    async with start_tree(TaskSupervisor.spec("root")) as tree:
        assert await (await start_task(tree.ref("root"), double, 2)) == 4
    async with office() as it:
        before = pid_of(it.tasks)
        it.tree.kill("tasks")
        await settle()
        assert pid_of(it.tasks) != before
        assert await (await start_task(it.tasks, double, 2)) == 4


@pytest.mark.conformance("S9.3")
async def test_several_differ_by_id_and_twins_are_refused() -> None:
    specs = [TaskSupervisor.spec("a"), TaskSupervisor.spec("b"), TaskSupervisor.spec()]
    async with start_tree(Supervisor.spec("root", specs)) as tree:
        for name in ("a", "b", "TaskSupervisor"):
            task = await start_task(tree.ref(name), double, 2)
            assert task.pid.path.startswith(f"{name}/")
            assert await task == 4
    with pytest.raises(BadChildSpecError, match="'TaskSupervisor' stands 2 times"):
        Supervisor.spec("root", [TaskSupervisor.spec(), TaskSupervisor.spec()])


@pytest.mark.conformance("S9.4")
async def test_empty_one_lists_and_counts_nothing() -> None:
    async with office() as it:
        assert await which_children(it.tasks) == ()
        counts = await count_children(it.tasks)
        assert (counts.specs, counts.active, counts.workers, counts.supervisors) == (0, 0, 0, 0)


async def test_tasks_may_be_spread_over_partitions() -> None:
    async with start_tree(
        Supervisor.spec("root", [PartitionSupervisor.spec("tasks", TaskSupervisor, partitions=2)])
    ) as tree:
        tasks = [await start_task(partition_ref(tree.ref("tasks"), key), double, key) for key in (0, 1)]
        assert [task.pid.path.rpartition("/")[0] for task in tasks] == ["tasks/0", "tasks/1"]
        assert [await task for task in tasks] == [0, 2]


async def test_nothing_but_tasks_can_be_started_under_it() -> None:
    async with office() as it:
        with pytest.raises(RequestRefusedError):
            await start_child(it.tasks, ChildSpec("it", Scripted, (Seen(),)))


async def test_task_for_a_supervisor_that_does_not_run_is_refused_at_the_caller() -> None:
    async with office() as it:
        for start in (start_task, start_background_task):
            with pytest.raises(NoProcessError):
                await start(it.tree.ref("nobody"), double, 2)


# --- three ways to start one ------------------------------------------------------------------------------


async def _deliver_and_watch(it: Office, *, link: bool) -> tuple[Pid, tuple[Pid, ...]]:
    async def start(boss: Boss) -> tuple[Pid, tuple[Pid, ...]]:
        task = await start_task(it.tasks, double_later, 2, link=link)
        task.deliver()
        boss.monitor(task.pid)
        return task.pid, process_info(task.pid).links

    pid, links = await it.by_boss(start)
    assert [child.pid for child in await which_children(it.tasks)] == [pid]
    await asyncio.sleep(1.0)
    await settle()
    assert await which_children(it.tasks) == ()
    return pid, links


@pytest.mark.conformance("D1", "S9.5")
async def test_awaited_task_is_a_child_linked_to_its_owner_and_tells_its_result_then_its_end() -> None:
    async with office() as it:
        pid, links = await _deliver_and_watch(it, link=True)
        assert links == (pid_of(it.boss),)
        done, down = it.seen
        assert isinstance(done, TaskDone)
        assert (done.task.pid, done.outcome) == (pid, Ok(4))
        assert isinstance(down, Down)
        assert (down.pid, down.reason) == (pid, NORMAL)


@pytest.mark.conformance("D1", "S9.10")
async def test_task_without_a_link_tells_its_result_and_its_end_all_the_same() -> None:
    async with office() as it:
        _, links = await _deliver_and_watch(it, link=False)
        assert links == ()
        done, down = it.seen
        assert isinstance(done, TaskDone)
        assert done.outcome == Ok(4)
        assert isinstance(down, Down)
        assert down.reason == NORMAL


@pytest.mark.conformance("D1", "S9.14")
async def test_background_task_is_tied_to_nobody_but_its_supervisor() -> None:
    did: list[int] = []

    async def work(number: int) -> None:
        await asyncio.sleep(1.0)
        did.append(number)

    async with office() as it:
        pid = await it.by_boss(lambda _: start_background_task(it.tasks, work, 2))
        assert [child.pid for child in await which_children(it.tasks)] == [pid]
        info = process_info(pid)
        assert (info.links, info.monitored_by) == ((), ())
        await it.boss.stop()
        await asyncio.sleep(1.0)
        await settle()
        assert did == [2]
        assert it.seen == []
        assert it.running == []


@pytest.mark.conformance("D1")
async def test_background_task_that_fails_harms_nobody() -> None:
    async with office() as it:
        await it.by_boss(lambda _: start_background_task(it.tasks, fail))
        await settle()
        assert it.boss.pid is not None
        assert it.tasks.pid is not None
        assert it.seen == []


@pytest.mark.parametrize("function", [double, double_later, partial(double_later, seconds=0.5)])
@pytest.mark.conformance("S9.9", "S9.13")
async def test_function_plain_or_async_gets_its_arguments(function: object) -> None:
    async with office() as it:
        for link in (True, False):
            task = await untyped_start(it.tasks, function, 21, link=link)
            assert await task == 42


@pytest.mark.conformance("S9.15")
async def test_background_function_plain_or_async_gets_its_arguments() -> None:
    got: list[tuple[int, str]] = []

    def plain(number: int, text: str) -> None:
        got.append((number, text))

    async def later(number: int, text: str) -> None:
        got.append((number, text))

    async with office() as it:
        await start_background_task(it.tasks, plain, 1, "a")
        await start_background_task(it.tasks, later, 2, "b")
        await settle()
        assert got == [(1, "a"), (2, "b")]


# --- whose they are ---------------------------------------------------------------------------------------


@pytest.mark.conformance("D8", "S9.18")
async def test_chain_of_callers_is_kept_through_nested_tasks() -> None:
    chains: list[tuple[Pid, ...]] = []

    async with office() as it:

        async def outer() -> Pid:
            chains.append(callers())
            inner = await start_task(it.tasks, innermost)
            await inner
            return inner.pid

        async def innermost() -> None:
            chains.append(callers())
            await start_background_task(it.tasks, lambda: chains.append(callers()))

        async def start(_: Boss) -> tuple[Pid, Pid]:
            task = await start_task(it.tasks, outer)
            return task.pid, await task

        boss = pid_of(it.boss)
        outer_pid, inner_pid = await it.by_boss(start)
        await settle()
        assert chains == [(boss,), (outer_pid, boss), (inner_pid, outer_pid, boss)]
        await start_background_task(it.tasks, lambda: chains.append(callers()))
        await settle()
        assert chains[-1] == ()
        assert callers() == ()


_TRACE: ContextVar[str] = ContextVar("trace", default="none")


@pytest.mark.conformance("D8")
async def test_task_has_the_context_variables_of_its_starter_and_its_own_from_then_on() -> None:
    def change() -> str:
        before = _TRACE.get()
        _TRACE.set("changed")
        return before

    async with office() as it:
        token = _TRACE.set("request 17")
        try:
            assert await (await start_task(it.tasks, change)) == "request 17"
            assert _TRACE.get() == "request 17"
        finally:
            _TRACE.reset(token)
        assert await (await start_task(it.tasks, _TRACE.get)) == "none"


async def test_tree_shows_what_a_task_is_at() -> None:
    async with office() as it:
        pid = await start_background_task(it.tasks, for_ever)
        assert process_info(pid).label == "for_ever"


# --- the end ----------------------------------------------------------------------------------------------


async def test_all_tasks_are_stopped_at_once_whatever_they_do() -> None:
    async with office() as it:
        for _ in range(3):
            await start_background_task(it.tasks, it.stubborn, shutdown=1.0)
        await start_background_task(it.tasks, for_ever)
        await settle()
        began = monotonic()
        report = await it.tree.stop()
        assert monotonic() - began == pytest.approx(1.5)
        assert len(report.would_not_stop) == 3


async def test_start_that_is_cancelled_leaves_no_task() -> None:
    async with office() as it:
        for turns in range(10):
            starting = asyncio.ensure_future(start_task(it.tasks, for_ever, link=False))
            for _ in range(turns):
                await asyncio.sleep(0)
            if starting.done():
                break
            starting.cancel()
            await settle()
            assert starting.cancelled()
            assert it.running == []
            assert await which_children(it.tasks) == ()
        assert starting.done()
        assert len(it.running) == 1


async def test_start_that_is_cancelled_before_the_supervisor_has_seen_it_runs_nothing() -> None:
    ran: list[str] = []
    async with office() as it:
        await suspend(it.tasks)
        starting = asyncio.ensure_future(start_task(it.tasks, ran.append, "work"))
        await settle()
        starting.cancel()
        await settle()
        await resume(it.tasks)
        await settle()
        assert ran == []
        assert await which_children(it.tasks) == ()


async def test_supervisor_of_tasks_is_a_dynamic_one() -> None:
    """So its tasks are listed, counted, found by handle and ended by the same functions."""
    assert issubclass(TaskSupervisor, DynamicSupervisor)
    async with office() as it:
        task = await start_task(it.tasks, for_ever)
        (child,) = await which_children(it.tasks)
        assert (child.pid, child.state, child.kind) == (task.pid, "running", "worker")
        assert (await count_children(it.tasks)).active == 1
        await terminate_child(it.tasks, task.pid)
        await terminate_child(it.tasks, task.pid)
        assert (await count_children(it.tasks)).active == 0
