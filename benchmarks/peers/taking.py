"""How a figure is taken, the same for all: what is timed, in which unit, and what memory is."""

import asyncio
import gc
import os
import statistics
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter
from typing import Final

ENDLESS: Final = 10**9
"""More messages, or restarts, than ever come."""
SETTLING_SECONDS: Final = 0.1
"""After which everybody who was started sleeps."""
CHILDREN: Final = 1_000
"""Whose stop the figure is about."""
DYNAMIC_CHILDREN: Final = 10_000
"""Whose stop the other figure is about."""
PRODUCERS: Final = 100
SENT_AT_ONCE: Final = 100
"""Messages after which a producer lets the others in."""
CALLS_IN_A_BLOCK: Final = 100
FEWEST_CALLS: Final = 500
"""Calls to one actor before, and at most as many while, another one is flooded."""


class Stopwatch:
    """Time and memory since it was made.

    What went before leaves no garbage to it. The collector stays on, as in anybody's program, and so what it
    costs to look through the objects that are made is part of their price.
    """

    __slots__ = ("_began", "_memory")

    def __init__(self) -> None:
        gc.collect()
        self._memory = resident_kilobytes()
        self._began = perf_counter()

    def seconds(self) -> float:
        """Since it was made."""
        return perf_counter() - self._began

    def micros_each(self, count: int) -> float:
        """Microseconds since it was made, for one of so many."""
        return self.seconds() / count * 1e6

    def millis_for(self, wanted: int, count: int) -> float:
        """Milliseconds since it was made, for so many as were wanted if it were only some of them."""
        return self.seconds() / count * wanted * 1e3

    def kilobytes_each(self, count: int) -> float:
        """By how much this process has grown since it was made, for one of so many."""
        return (resident_kilobytes() - self._memory) / count


def resident_kilobytes() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1000


async def seconds_of_calls(call: Callable[[], Awaitable[object]], count: int) -> float:
    """Seconds for one call: the median of blocks, so that the clock costs nothing and a pause little."""
    taken = []
    for _ in range(max(1, count // CALLS_IN_A_BLOCK)):
        began = perf_counter()
        for _ in range(CALLS_IN_A_BLOCK):
            await call()
        taken.append((perf_counter() - began) / CALLS_IN_A_BLOCK)
    return statistics.median(taken)


def seconds_of_plain_calls(call: Callable[[], object], count: int) -> float:
    """The same for a call that blocks."""
    taken = []
    for _ in range(max(1, count // CALLS_IN_A_BLOCK)):
        began = perf_counter()
        for _ in range(CALLS_IN_A_BLOCK):
            call()
        taken.append((perf_counter() - began) / CALLS_IN_A_BLOCK)
    return statistics.median(taken)


async def seconds_of_fan_in(
    send: Callable[[], Awaitable[object] | object], count: int, done: Awaitable[object]
) -> float:
    """Seconds until `count` messages of 100 producers have been handled.

    Args:
        send: Sends one message; awaited if it has to be.
        count: Messages of all producers together.
        done: Comes when they have been handled.
    """
    is_awaited = asyncio.iscoroutinefunction(send)

    async def produce() -> None:
        for number in range(count // PRODUCERS):
            sent = send()
            if is_awaited and isinstance(sent, Awaitable):
                await sent
            if number % SENT_AT_ONCE == 0:
                await asyncio.sleep(0)

    watch = Stopwatch()
    producers = [asyncio.create_task(produce()) for _ in range(PRODUCERS)]
    await done
    taken = watch.seconds()
    await asyncio.gather(*producers)
    return taken


async def slowdown_by_flood(
    call: Callable[[], Awaitable[object]], flood: Callable[[], Awaitable[None]], drained: asyncio.Future[None]
) -> float:
    """How many times longer a call to one actor takes while another works off a full mailbox.

    Args:
        call: One call to the first.
        flood: Fills the mailbox of the other.
        drained: Done when the other has handled all.
    """
    alone = [await _seconds_of(call) for _ in range(FEWEST_CALLS)]
    await flood()
    beside: list[float] = []
    while not drained.done() and len(beside) < FEWEST_CALLS:
        beside.append(await _seconds_of(call))
    return statistics.median(beside) / statistics.median(alone)


async def _seconds_of(call: Callable[[], Awaitable[object]]) -> float:
    began = perf_counter()
    await call()
    return perf_counter() - began
