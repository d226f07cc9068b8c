"""A monitor that lives as long as a web application, for `lifespan=` of Starlette and FastAPI."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from actors.embedded.monitor import Monitor

    State: TypeAlias = Mapping[str, object] | None

Place: TypeAlias = Literal["thread", "loop"]


def lifespan(
    monitor: "Monitor",
    *others: "Callable[..., AbstractAsyncContextManager[State]]",
    on: Place = "thread",
) -> "Callable[[object], AbstractAsyncContextManager[Mapping[str, object]]]":
    """Run a monitor while an application runs: `FastAPI(lifespan=actors.lifespan(monitor))`.

    The application's own lifespans come after it, each around those that follow: they start in order once the
    monitor runs, and stop in the opposite order before it does.

    Args:
        monitor: Started before everything else, stopped after it.
        others: Lifespans as Starlette takes them, called with the application. What each yields becomes the
            application's state; of two that yield the same key, the later one's is taken.
        on: `"thread"` gives the monitor a thread and a loop of its own, so that an application that blocks
            its loop does not silence the alert that reports it; `"loop"` shares the application's.

    Raises:
        ValueError: `on` is neither.
    """
    if on not in {"thread", "loop"}:
        raise ValueError(f"a monitor runs on 'thread' or 'loop', got {on!r}")

    @asynccontextmanager
    async def running(app: object) -> "AsyncIterator[Mapping[str, object]]":
        state: dict[str, object] = {}
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(_in_a_thread(monitor) if on == "thread" else monitor)
            for other in others:
                given: State = await stack.enter_async_context(other(app))
                state |= given or {}
            yield state

    return running


@asynccontextmanager
async def _in_a_thread(monitor: "Monitor") -> "AsyncIterator[None]":
    """The monitor in its own thread, started and stopped without blocking this loop."""
    try:
        await _finished(monitor.start)
    except asyncio.CancelledError:
        await _finished(monitor.stop)
        raise
    try:
        yield
    finally:
        await _finished(monitor.stop)


async def _finished(work: "Callable[[], object]") -> None:
    """Do something in a thread, and wait for its end even when cancelled: it cannot be called off."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.wait({doing})
        except asyncio.CancelledError as error:
            cancelled = error
    doing.result()
    if cancelled is not None:
        raise cancelled
