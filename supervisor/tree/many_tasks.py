"""Waiting for several tasks at once, with one limit of time for all."""

import asyncio
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, get_args

from supervisor.errors import TaskTimeoutError
from supervisor.tree.outcome import Exited, Outcome
from supervisor.tree.task import check_timeout

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from supervisor.clock import Seconds
    from supervisor.tree.task import Task

T = TypeVar("T")
OnTimeout: TypeAlias = Literal["nothing", "ignore", "kill"]


async def await_many(tasks: "Iterable[Task[T]]", timeout: "Seconds | None" = 5.0) -> list[T]:
    """Wait for the results of tasks; the first failure is raised at once.

    Whatever is raised, the results of the others are given up, and they go on.

    Args:
        tasks: The caller's own.
        timeout: Seconds for all together, >= 0; None waits for ever.

    Returns:
        The results, in the order of `tasks`.

    Raises:
        TaskFailedError: One ended without a result; what it raised is the `__cause__`.
        TaskTimeoutError: One took too long; the error names the first of those.
        TaskOwnerError, TaskSpentError: As `Task.wait` does.
    """
    mine = _checked(tasks, timeout)
    await _until(mine, timeout, wanted=len(mine), is_failure_enough=True)
    outcomes = [task.outcome() for task in mine]
    for task in mine:
        task.spend()
    for task, outcome in zip(mine, outcomes, strict=True):
        if isinstance(outcome, Exited):
            task.value_of(outcome)
    results = []
    for task, outcome in zip(mine, outcomes, strict=True):
        if outcome is None:
            raise TaskTimeoutError(task, timeout or 0.0)
        results.append(task.value_of(outcome))
    return results


async def yield_many(
    tasks: "Iterable[Task[T]]",
    timeout: "Seconds | None" = 5.0,
    *,
    limit: int | None = None,
    on_timeout: OnTimeout = "nothing",
) -> "list[tuple[Task[T], Outcome[T] | None]]":
    """Wait for the ends of tasks; a failure is a value, and those that take longer may be asked again.

    Args:
        tasks: The caller's own.
        timeout: Seconds for all together, >= 0; None waits for ever.
        limit: So many ends are enough, >= 1; None waits for all.
        on_timeout: What is done to those that have not ended when the time has passed, not when `limit` is
            reached: `nothing`; `ignore`, as `Task.ignore` does; or `kill`.

    Returns:
        Each task with `Ok(value)`, `Exited(reason)`, or None if it has not ended; in the order of `tasks`.

    Raises:
        ValueError: An option cannot work.
        TaskOwnerError, TaskSpentError: As `Task.wait` does.
    """
    if on_timeout not in get_args(OnTimeout):
        allowed = ", ".join(map(repr, get_args(OnTimeout)))
        raise ValueError(f"on_timeout must be one of {allowed}, got {on_timeout!r}")
    if limit is not None and not limit >= 1:
        raise ValueError(f"limit must be a whole number >= 1 or None, got {limit!r}")
    mine = _checked(tasks, timeout)
    is_timely = await _until(mine, timeout, wanted=min(len(mine), limit or len(mine)))
    outcomes = {task: task.outcome() for task in mine}
    slow = [task for task, outcome in outcomes.items() if outcome is None]
    for task in mine:
        if outcomes[task] is not None:
            task.spend()
    if not is_timely and on_timeout == "ignore":
        outcomes |= {task: task.ignore() for task in slow}
    elif not is_timely and on_timeout == "kill":
        ended = await asyncio.gather(*(task.end("brutal_kill") for task in slow))
        outcomes |= zip(slow, ended, strict=True)
    return [(task, outcomes[task]) for task in mine]


def _checked(tasks: "Iterable[Task[T]]", timeout: "Seconds | None") -> "tuple[Task[T], ...]":
    mine = tuple(tasks)
    for task in mine:
        task.check_use()
    check_timeout(timeout)
    return mine


async def _until(
    tasks: "Sequence[Task[T]]", timeout: "Seconds | None", *, wanted: int, is_failure_enough: bool = False
) -> bool:
    """Wait until so many have ended, or, if that is enough, one has failed.

    Returns:
        Whether that came in time.
    """
    if not wanted:
        return True
    enough: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left = wanted

    def has_ended(settled: "asyncio.Future[Outcome[T]]") -> None:
        nonlocal left
        left -= 1
        is_enough = left <= 0 or (is_failure_enough and isinstance(settled.result(), Exited))
        if is_enough and not enough.done():
            enough.set_result(None)

    for task in tasks:
        if task.is_done:
            has_ended(task.settled)
        else:
            task.settled.add_done_callback(has_ended)
    try:
        if not enough.done():
            await asyncio.wait({enough}, timeout=timeout)
    finally:
        for task in tasks:
            task.settled.remove_done_callback(has_ended)
    return enough.done()
