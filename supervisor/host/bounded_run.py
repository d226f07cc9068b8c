"""A coroutine is run to its end, and the rest not for much longer."""

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

log = structlog.get_logger(__name__)

CLOSING_SECONDS: Final = 5.0
"""So long whatever else runs on the loop has to end, once it is cancelled."""


def run_bounded(main: "Coroutine[object, object, T]") -> T:
    """Like `asyncio.run`, which waits for ever for a task that swallows its cancellation.

    An abandoned actor is such a task, and so is what a failed stop has left behind. Whoever has not ended in
    time is named in the log and left. Threads of the loop's executor are not waited for.

    Raises:
        BaseException: Whatever `main` raised.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main)
    finally:
        try:
            loop.run_until_complete(_end_the_rest(loop))
        finally:
            asyncio.set_event_loop(None)
            loop.close()


async def _end_the_rest(loop: asyncio.AbstractEventLoop) -> None:
    rest: set[asyncio.Task[Any]] = asyncio.all_tasks(loop)
    for task in rest:
        if task is not asyncio.current_task():
            task.cancel()
    await _ended(rest - {asyncio.current_task()})
    await _ended({loop.create_task(loop.shutdown_asyncgens(), name="async generators")})


async def _ended(tasks: "set[asyncio.Task[Any]]") -> None:
    if tasks:
        _, running = await asyncio.wait(tasks, timeout=CLOSING_SECONDS)
        if running:
            log.error("would not end, left", tasks=sorted(task.get_name() for task in running))
