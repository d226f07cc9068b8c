"""A tree as a program: signals, draining, exit code."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from typing import Any, Final, TypeVar

import structlog

from supervisor.errors import MaxRestartsExceededError, StartFailedError
from supervisor.host.bounded_run import run_bounded
from supervisor.host.watchdog import WATCHDOG, Watchdog
from supervisor.telemetry.safe_facts import facts_of_error

T = TypeVar("T")

log = structlog.get_logger(__name__)

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def run_program(
    make: Callable[[], AbstractAsyncContextManager[T]],
    *,
    wait: Callable[[T], Awaitable[object]],
    drain: Callable[[T], Awaitable[object]] | None = None,
    watchdog: Watchdog | None = WATCHDOG,
    exception_texts: bool = False,
) -> int:
    """Run something until a signal, or until it ends by itself.

    The first SIGTERM or SIGINT begins an orderly end: `drain`, then the context manager is left, which stops
    the tree in order. The second ends the process at once, with 128 and the signal's number, also while the
    loop is blocked. What will not end when all is stopped is named in the log, and left after some seconds.

    Args:
        make: Gives what is run, as an async context manager.
        wait: Returns when it has ended by itself.
        drain: What is done between the first signal and the stop; it must be bounded. If it raises, the
            stop follows all the same.
        watchdog: Watches the loop; None for none.
        exception_texts: Whether the log may quote what exceptions say when it tells why it did not start or
            gave up. They may hold secrets, so they are left out by default.

    Returns:
        The exit code: 0 after a signal or a regular end, 1 if it did not start or gave up; why is logged.

    Raises:
        Exception: What `make`, the stop, `wait` or `drain` raised otherwise.
    """
    try:
        run_bounded(_run(make, wait, drain, watchdog))
    except (MaxRestartsExceededError, StartFailedError) as error:
        texts = {"text": str(error), "cause": str(error.__cause__)} if exception_texts else {}
        log.error("ended", path=error.path, **facts_of_error(error), **texts)  # noqa: TRY400  a trace of ours says nothing
        return 1
    return 0


async def _run(
    make: Callable[[], AbstractAsyncContextManager[T]],
    wait: Callable[[T], Awaitable[object]],
    drain: Callable[[T], Awaitable[object]] | None,
    watchdog: Watchdog | None,
) -> None:
    # The signals are taken before the start: one that comes during it must not be lost.
    with _signals_taken() as asked, nullcontext() if watchdog is None else watchdog.watching():
        starting = asyncio.ensure_future(_enter(make))
        await _first_of(starting, asked)
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
            if starting.cancelled() or starting.exception() is not None:
                return
        running, manager = starting.result()
        try:
            await _serve(running, asked, wait, drain)
        finally:
            await manager.__aexit__(None, None, None)


async def _serve(
    running: T,
    asked: asyncio.Future[signal.Signals],
    wait: Callable[[T], Awaitable[object]],
    drain: Callable[[T], Awaitable[object]] | None,
) -> None:
    """Wait for the end, or for the signal and then for the drain."""
    ended = asyncio.ensure_future(wait(running))
    await _first_of(ended, asked)
    parts = [ended]
    if drain is not None and not ended.done():
        parts.append(asyncio.ensure_future(drain(running)))
        await _first_of(*parts)
    for part in parts:
        if part.done() and not part.cancelled():
            part.result()
        part.cancel()


async def _first_of(*futures: "asyncio.Future[Any]") -> None:
    """Wait until one of them is done; neither its failure nor the others concern us here."""
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


async def _enter(
    make: Callable[[], AbstractAsyncContextManager[T]],
) -> tuple[T, AbstractAsyncContextManager[T]]:
    manager = make()
    return await manager.__aenter__(), manager


@contextmanager
def _signals_taken() -> Iterator[asyncio.Future[signal.Signals]]:
    """Done at the first signal; the second ends the process.

    They are taken beside the loop: one that is blocked would never come to it.
    """
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[signal.Signals] = loop.create_future()
    taken: list[int] = []

    def take(number: int, frame: object) -> None:
        del frame
        if taken:
            _end_now(signal.Signals(number))
        taken.append(number)
        loop.call_soon_threadsafe(tell, signal.Signals(number))

    def tell(number: signal.Signals) -> None:
        log.info("asked to stop", signal=number.name)
        asked.set_result(number)

    before = {number: signal.signal(number, take) for number in SIGNALS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_now(number: signal.Signals) -> None:
    # No log and no flush: whoever was interrupted may hold their locks.
    os.write(2, f"asked to stop again by {number.name}, ending now\n".encode())
    os._exit(128 + number)
