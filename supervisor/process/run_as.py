"""Running code in the name of a process whose task does not run."""

import asyncio
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.process.process import Process

A = TypeVarTuple("A")
T = TypeVar("T")


def run_as(process: "Process", function: "Callable[[*A], T]", *args: *A) -> T:
    """Call a function so that it finds itself in the task and context of a process, as if that ran.

    Its task waits, or has not begun.

    Source:
        asyncio's hooks for tasks of other makers, by which it is told what runs.
    """
    loop, task = process.system.loop, process.task
    starter = asyncio.current_task(loop)
    if starter is not None:
        asyncio._leave_task(loop, starter)  # noqa: SLF001
    asyncio._enter_task(loop, task)  # noqa: SLF001
    try:
        return process.context.run(function, *args)
    finally:
        asyncio._leave_task(loop, task)  # noqa: SLF001
        if starter is not None:
            asyncio._enter_task(loop, starter)  # noqa: SLF001
