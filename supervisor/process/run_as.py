"""Running code in the name of a process whose task does not run."""

import sys
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from supervisor.process.process import Process

A = TypeVarTuple("A")
T = TypeVar("T")

if sys.version_info >= (3, 12):
    from asyncio.tasks import _swap_current_task
else:
    from asyncio.tasks import _current_tasks  # type: ignore[attr-defined]

    def _swap_current_task(
        loop: "asyncio.AbstractEventLoop", task: "asyncio.Task[Any] | None"
    ) -> "asyncio.Task[Any] | None":
        """Put a task in the place of the one that runs, and return that, as later versions of asyncio do."""
        current: asyncio.Task[Any] | None = _current_tasks.pop(loop, None)
        if task is not None:
            _current_tasks[loop] = task
        return current


def run_as(process: "Process", function: "Callable[[*A], T]", *args: *A) -> T:
    """Call a function so that it finds itself in the task and context of a process, as if that ran.

    Its task waits, or has not begun.

    Source:
        asyncio's hooks for tasks of other makers, by which it is told what runs.
    """
    loop = process.system.loop
    starter = _swap_current_task(loop, process.task)
    try:
        return process.context.run(function, *args)
    finally:
        _swap_current_task(loop, starter)
