"""What can be said of a task at its start: how it is stopped, restarted, limited; and what is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest

from supervisor import (
    BadChildSpecError,
    ChildSpec,
    Down,
    MaxChildrenError,
    Pid,
    Supervisor,
    Task,
    TaskSupervisor,
    check_tree,
    get_childspec,
    start_background_task,
    start_task,
    start_tree,
    task_spec,
    terminate_child,
    update_supervisor,
    which_children,
)
from supervisor.clock import monotonic
from supervisor.process import KILLED, SHUTDOWN
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen
from tests.tree.task_trees import Boss, double, double_later, for_ever, office

if TYPE_CHECKING:
    from supervisor.tree.child_spec import Shutdown

untyped_start: Callable[..., Awaitable[Task[object]]] = start_task
"""For options that a type checker would refuse."""


@pytest.mark.conformance("D1", "A9")
async def test_tasks_are_temporary_workers_with_five_seconds_to_stop_and_their_supervisor_is_permanent() -> (
    None
):
    async with office() as it:
        awaited, background = (
            await start_task(it.tasks, for_ever),
            await start_background_task(it.tasks, for_ever),
        )
        for pid in (awaited.pid, background):
            spec = await get_childspec(it.tasks, pid)
            assert (spec.restart, spec.kind, spec.shutdown) == ("temporary", "worker", 5.0)
    alone = task_spec("warm-up", double, 2)
    assert (alone.restart, alone.kind, alone.shutdown) == ("temporary", "worker", 5.0)
    whole = TaskSupervisor.spec("tasks")
    assert (whole.restart, whole.kind, whole.shutdown) == ("permanent", "supervisor", "infinity")


async def test_task_can_be_a_child_of_any_supervisor() -> None:
    did: list[object] = []
    children = [task_spec("warm-up", did.append, "warm"), ChildSpec("it", Scripted, (Seen(),))]
    async with start_tree(Supervisor.spec("root", children)) as tree:
        await settle()
        assert did == ["warm"]
        assert [child.id for child in await which_children(tree.ref("root"))] == ["it"]


@pytest.mark.conformance("D6", "S9.7")
async def test_one_task_too_many_is_an_error_in_the_caller() -> None:
    async with office(max_children=1) as it:
        first = await start_task(it.tasks, double_later, 2)
        for link in (True, False):
            with pytest.raises(MaxChildrenError):
                await start_task(it.tasks, double, 2, link=link)
        with pytest.raises(MaxChildrenError):
            await start_background_task(it.tasks, double, 2)
        assert await first == 4
        assert await (await start_task(it.tasks, double, 2)) == 4


@pytest.mark.conformance("D6", "S9.11", "S9.16")
@pytest.mark.parametrize("way", ["linked", "unlinked", "background"])
async def test_task_may_be_killed_instead_of_asked(way: str) -> None:
    """One that is asked has time for its cleanup; one that is killed is cut short in it."""

    async def slow_to_clean() -> None:
        try:
            await for_ever()
        finally:
            await asyncio.sleep(3.0)

    limits: list[tuple[Shutdown, float]] = [(5.0, 3.0), ("brutal_kill", 0.1)]
    for shutdown, seconds in limits:
        async with office() as it:
            if way == "background":
                pid = await start_background_task(it.tasks, slow_to_clean, shutdown=shutdown)
            else:
                pid = (await start_task(it.tasks, slow_to_clean, link=way == "linked", shutdown=shutdown)).pid
            await it.by_boss(partial(_watch, pid))
            await settle()
            began = monotonic()
            await terminate_child(it.tasks, pid)
            assert monotonic() - began == pytest.approx(seconds)
            await settle()
            assert [down.reason for down in it.seen if isinstance(down, Down)] == [
                SHUTDOWN if shutdown == 5.0 else KILLED
            ]


async def _watch(pid: Pid, boss: Boss) -> None:
    boss.monitor(pid)


@pytest.mark.conformance("D2")
@pytest.mark.parametrize("restart", ["transient", "permanent"])
async def test_task_whose_result_is_waited_for_must_be_temporary(restart: str) -> None:
    async with office() as it:
        for link in (True, False):
            with pytest.raises(BadChildSpecError, match=f"must be 'temporary', got '{restart}'"):
                await untyped_start(it.tasks, double, 2, link=link, restart=restart)


@pytest.mark.conformance("D6")
@pytest.mark.parametrize(
    ("restart", "runs"),
    [
        pytest.param("temporary", ["fails"], id="temporary-once"),
        pytest.param("transient", ["fails", "ends"], id="transient-until-it-ends-well"),
        pytest.param("permanent", ["fails", "ends", "ends"], id="permanent-always"),
    ],
)
async def test_background_task_is_run_again_as_its_restart_type_says(restart: str, runs: list[str]) -> None:
    ran: list[str] = []

    async def work(first: str, then: str) -> None:
        ran.append(then if ran else first)
        if len(ran) == 1:
            raise ZeroDivisionError
        if len(ran) == 3:
            await for_ever()

    async with office() as it:
        await start_background_task(it.tasks, work, "fails", "ends", restart=restart)  # type: ignore[arg-type]
        await settle()
        assert ran == runs


@pytest.mark.parametrize("shutdown", [-1, "unknown", True])
async def test_limit_that_cannot_work_is_refused_at_the_caller(shutdown: object) -> None:
    async with office() as it:
        with pytest.raises(BadChildSpecError, match="shutdown must be"):
            await untyped_start(it.tasks, double, 2, shutdown=shutdown)
        with pytest.raises(BadChildSpecError, match="shutdown must be"):
            await start_background_task(it.tasks, double, 2, shutdown=shutdown)  # type: ignore[arg-type]


async def test_bad_options_of_the_supervisor_are_named_where_they_are_given() -> None:
    with pytest.raises(BadChildSpecError, match=r"max_children .* got -1; strategy must be 'one_for_one'"):
        TaskSupervisor.spec("tasks", max_children=-1, strategy="one_for_all")


async def test_options_are_checked_without_a_start_and_replaced_while_it_runs() -> None:
    assert [node.id for node in check_tree(Supervisor.spec("root", [TaskSupervisor])).walk()] == [
        "root",
        "TaskSupervisor",
    ]
    async with office(max_children=1) as it:
        await start_background_task(it.tasks, for_ever)
        await update_supervisor(it.tasks, TaskSupervisor.spec("tasks", max_children=2))
        await start_background_task(it.tasks, for_ever)
        with pytest.raises(MaxChildrenError):
            await start_background_task(it.tasks, for_ever)
