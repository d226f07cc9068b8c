"""A coroutine is run to its end, and the rest not for much longer."""

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from supervisor.clock import Seconds

T = TypeVar("T")

log = structlog.get_logger(__name__)

CLOSING_SECONDS: Final = 5.0
"""So long whatever else runs on the loop has to end, once it is cancelled."""

CANCELLATIONS: Final = 5
"""So often it is cancelled meanwhile: one that swallows the first may heed the next."""


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
    running: set[asyncio.Task[Any]] = asyncio.all_tasks(loop) - {asyncio.current_task()}
    for _ in range(CANCELLATIONS):
        for task in running:
            task.cancel()
        running = await _running_after(CLOSING_SECONDS / CANCELLATIONS, running)
    closing = {loop.create_task(loop.shutdown_asyncgens(), name="async generators")}
    running |= await _running_after(CLOSING_SECONDS, closing)
    if running:
        log.error("would not end, left", tasks=sorted(task.get_name() for task in running))


async def _running_after(seconds: "Seconds", tasks: "set[asyncio.Task[Any]]") -> "set[asyncio.Task[Any]]":
    """Those that have not ended within so many seconds."""
    return (await asyncio.wait(tasks, timeout=seconds))[1] if tasks else set()
