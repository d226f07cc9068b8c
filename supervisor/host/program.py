"""A tree as a program: signals, draining, exit code."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final, TypeVar

import structlog

from supervisor.errors import MaxRestartsExceededError, StartFailedError
from supervisor.host.watchdog import WATCHDOG, Watchdog

T = TypeVar("T")

log = structlog.get_logger(__name__)

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def run_program(
    make: Callable[[], AbstractAsyncContextManager[T]],
    *,
    wait: Callable[[T], Awaitable[object]],
    drain: Callable[[T], Awaitable[object]] | None = None,
    watchdog: Watchdog | None = WATCHDOG,
) -> int:
    """Run something until a signal, or until it ends by itself.

    The first SIGTERM or SIGINT begins an orderly end: `drain`, then the context manager is left, which stops
    the tree in order. The second ends the process at once, with 128 and the signal's number.

    Args:
        make: Gives what is run, as an async context manager.
        wait: Returns when it has ended by itself.
        drain: What is done between the first signal and the stop; it must be bounded.
        watchdog: Watches the loop; None for none.

    Returns:
        The exit code: 0 after a signal or a regular end, 1 if it did not start or gave up; why is logged.

    Raises:
        Exception: What `make` raised otherwise.
    """
    try:
        asyncio.run(_watched(_run(make, wait, drain), watchdog))
    except (MaxRestartsExceededError, StartFailedError) as error:
        log.error("ended", error=str(error), cause=repr(error.__cause__))  # noqa: TRY400  a trace of ours says nothing
        return 1
    return 0


async def _watched(program: Coroutine[object, object, None], watchdog: Watchdog | None) -> None:
    with nullcontext() if watchdog is None else watchdog.watching():
        await program


async def _run(
    make: Callable[[], AbstractAsyncContextManager[T]],
    wait: Callable[[T], Awaitable[object]],
    drain: Callable[[T], Awaitable[object]] | None,
) -> None:
    # The signals are taken before the start: one that comes during it must not be lost.
    asked = _asked_to_stop()
    starting = asyncio.ensure_future(_enter(make))
    await _first_of(starting, asked)
    if not starting.done():
        starting.cancel()
        await asyncio.wait({starting})
        if starting.cancelled() or starting.exception() is not None:
            return
    running, manager = starting.result()
    try:
        ended = asyncio.ensure_future(wait(running))
        await _first_of(ended, asked)
        if drain is not None and not ended.done():
            draining = asyncio.ensure_future(drain(running))
            await _first_of(ended, draining)
            draining.cancel()
        ended.cancel()
    finally:
        await manager.__aexit__(None, None, None)


async def _first_of(*futures: "asyncio.Future[Any]") -> None:
    """Wait until one of them is done; neither its failure nor the others concern us here."""
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


async def _enter(
    make: Callable[[], AbstractAsyncContextManager[T]],
) -> tuple[T, AbstractAsyncContextManager[T]]:
    manager = make()
    return await manager.__aenter__(), manager


def _asked_to_stop() -> asyncio.Future[signal.Signals]:
    """Done at the first signal; the second ends the process."""
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[signal.Signals] = loop.create_future()

    def taken(number: signal.Signals) -> None:
        if asked.done():
            _end_now(number)
        log.info("asked to stop", signal=number.name)
        asked.set_result(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, taken, number)
    return asked


def _end_now(number: signal.Signals) -> None:
    log.warning("asked to stop again, ending now", signal=number.name)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(128 + number)
