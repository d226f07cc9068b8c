"""No library at all: what the same work costs in plain asyncio, with nothing that a supervisor promises.

A deque and one future for the mailbox, one task an actor, a done-callback that starts the next one.
"""

import asyncio
import statistics
from collections import deque
from collections.abc import Callable
from time import perf_counter

from benchmarks.peers.script import Figures, main
from benchmarks.peers.taking import CHILDREN, Stopwatch, seconds_of_calls, seconds_of_fan_in


class Box:
    """Messages, and the future of the one who waits for them."""

    __slots__ = ("messages", "sleeper")

    def __init__(self) -> None:
        self.messages: deque[object] = deque()
        self.sleeper: asyncio.Future[None] | None = None

    def put(self, message: object) -> None:
        self.messages.append(message)
        sleeper, self.sleeper = self.sleeper, None
        if sleeper is not None:
            sleeper.set_result(None)

    async def wait(self) -> None:
        if not self.messages:
            self.sleeper = asyncio.get_running_loop().create_future()
            await self.sleeper


async def count_plainly(box: Box, wanted: int, done: "asyncio.Future[None]") -> None:
    count = 0

    def handle(_: object) -> None:
        nonlocal count
        count += 1
        if count == wanted:
            done.set_result(None)

    while True:
        await box.wait()
        while box.messages:
            handle(box.messages.popleft())


async def count_async(box: Box, wanted: int, done: "asyncio.Future[None]") -> None:
    count = 0

    async def handle(_: object) -> None:
        nonlocal count
        count += 1
        if count == wanted:
            done.set_result(None)

    while True:
        await box.wait()
        while box.messages:
            await handle(box.messages.popleft())


async def rate_of_casts(serve: Callable[..., "asyncio._CoroutineLike[None]"], size: int) -> float:
    box, done = Box(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(box, size, done))
    await asyncio.sleep(0)
    put, watch = box.put, Stopwatch()
    for number in range(size):
        put(number)
    await done
    taken = watch.seconds()
    serving.cancel()
    return size / taken


async def cast(size: int) -> Figures:
    return {"cast": await rate_of_casts(count_plainly, size)}


async def cast_async(size: int) -> Figures:
    return {"cast_async": await rate_of_casts(count_async, size)}


async def fan_in(size: int) -> Figures:
    box, done = Box(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(count_plainly(box, size, done))
    taken = await seconds_of_fan_in(lambda: box.put(1), size, done)
    serving.cancel()
    return {"fan_in": size / taken}


async def call(size: int) -> Figures:
    box, loop = Box(), asyncio.get_running_loop()

    async def answer() -> None:
        while True:
            await box.wait()
            while box.messages:
                future = box.messages.popleft()
                assert isinstance(future, asyncio.Future)
                future.set_result(1)

    async def ask() -> None:
        future = loop.create_future()
        box.put(future)
        timer = loop.call_later(5.0, future.cancel)
        await future
        timer.cancel()

    serving = asyncio.create_task(answer())
    taken = await seconds_of_calls(ask, size)
    serving.cancel()
    return {"call": taken * 1e6}


async def sleep_for_ever(box: Box) -> None:
    await box.wait()


async def start(size: int) -> Figures:
    watch = Stopwatch()
    tasks = [asyncio.create_task(sleep_for_ever(Box())) for _ in range(size)]
    await asyncio.sleep(0)
    figures = {"start": watch.micros_each(size), "start_memory": watch.kilobytes_each(size)}
    for one in tasks:
        one.cancel()
    return figures


async def task(size: int) -> Figures:
    async def work() -> None:
        pass

    watch = Stopwatch()
    for one in [asyncio.create_task(work()) for _ in range(size)]:
        await one
    return {"task": watch.micros_each(size)}


async def restart(size: int) -> Figures:
    box, loop = Box(), asyncio.get_running_loop()
    crashed_at, arrived = 0.0, loop.create_future()

    async def child() -> None:
        nonlocal crashed_at
        while True:
            await box.wait()
            if box.messages.popleft() == "crash":
                crashed_at = perf_counter()
                raise ValueError
            arrived.set_result(perf_counter() - crashed_at)

    def start_anew(ended: "asyncio.Task[None]") -> None:
        if not ended.cancelled():
            ended.exception()
            loop.create_task(child()).add_done_callback(start_anew)

    loop.create_task(child()).add_done_callback(start_anew)
    taken = []
    for _ in range(size):
        arrived = loop.create_future()
        box.put("crash")
        box.put("come back")
        taken.append(await arrived)
    return {"restart": statistics.median(taken) * 1e6}


async def stop(size: int) -> Figures:
    tasks = [asyncio.create_task(sleep_for_ever(Box())) for _ in range(size)]
    await asyncio.sleep(0)
    watch = Stopwatch()
    for one in reversed(tasks):
        one.cancel()
        await asyncio.wait({one})
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    doings = (cast, cast_async, fan_in, call, start, task, restart, stop)
    main("", {doing.__name__: doing for doing in doings})
