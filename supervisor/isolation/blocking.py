"""Work that blocks, done in a thread while its actor waits."""

import asyncio
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar, TypeVarTuple, Unpack
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter

from supervisor.isolation.daemon_threads import DaemonThreads

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")
Ts = TypeVarTuple("Ts")


class BlockingLimit:
    """How much blocking work of one kind may be under way at once, on each loop.

    Args:
        at_once: How many, >= 1.

    Raises:
        ValueError: That is not so.
    """

    def __init__(self, at_once: int) -> None:
        if at_once < 1:
            raise ValueError(f"a limit of blocking work must be at least 1, got {at_once!r}")
        self._at_once = at_once
        self._limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, CapacityLimiter] = WeakKeyDictionary()

    def limiter(self) -> CapacityLimiter:
        """The running loop's."""
        loop = asyncio.get_running_loop()
        limiter = self._limiters.get(loop)
        if limiter is None:
            limiter = self._limiters[loop] = CapacityLimiter(self._at_once)
        return limiter


_THREADS: Final = DaemonThreads()

ANY: Final = BlockingLimit(4)
"""For work of no kind of its own."""


async def run_blocking(
    function: "Callable[[Unpack[Ts]], R]", *args: "Unpack[Ts]", limit: BlockingLimit = ANY
) -> R:
    """Have a thread call `function(*args)`, and wait for what it gives; the loop goes on meanwhile.

    A thread cannot be killed. If whoever waits is stopped, the wait ends at once and the thread goes on; its
    place within `limit` is free again only when it has ended, so that a successor does not work beside it. At
    the end of the program nobody waits for it.

    Args:
        function: Plain; it must not touch actors or references, which belong to the loop's thread.
        args: Its arguments.
        limit: One for each kind of actor or resource; beyond it, work waits its turn.

    Raises:
        Exception: Whatever the function raised; in the place of a StopIteration a RuntimeError.
    """
    working = asyncio.ensure_future(_work(function, *args, limiter=limit.limiter()))
    working.add_done_callback(_heard)
    return await asyncio.shield(working)


async def _work(function: "Callable[[Unpack[Ts]], R]", *args: "Unpack[Ts]", limiter: CapacityLimiter) -> R:
    async with limiter:
        call = partial(copy_context().run, function, *args)
        return await asyncio.get_running_loop().run_in_executor(_THREADS, call)


def _heard(working: "asyncio.Future[R]") -> None:
    """Take note of an error that perhaps nobody waits for any more."""
    if not working.cancelled():
        working.exception()
