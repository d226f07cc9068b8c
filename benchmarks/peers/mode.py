"""mode-streaming: supervised services. They have no mailbox: its users bring a queue, as here."""

import asyncio
import statistics
from time import perf_counter
from typing import ClassVar

from mode import OneForOneSupervisor, Service

from benchmarks.peers.script import Figures, main
from benchmarks.peers.taking import (
    CHILDREN,
    ENDLESS,
    Stopwatch,
    seconds_of_calls,
    seconds_of_fan_in,
    slowdown_by_flood,
)


class Counter(Service):
    """Counts what is in its queue, answers futures, and says when it has had all."""

    def __post_init__(self) -> None:
        self.queue: asyncio.Queue[object] = asyncio.Queue()
        self.count, self.wanted = 0, ENDLESS
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @Service.task
    async def work(self) -> None:
        while not self.should_stop:
            message = await self.queue.get()
            self.count += 1
            if isinstance(message, asyncio.Future):
                message.set_result(self.count)
            if self.count == self.wanted:
                self.done.set_result(None)


class Idle(Service):
    """A child that only is there."""

    @Service.task
    async def work(self) -> None:
        await self.wait_until_stopped()


class Crasher(Service):
    """Crashes when it is told so; the queue is not its own, so that its successor finds the next message."""

    queue: "ClassVar[asyncio.Queue[object]]"
    crashed_at: ClassVar[float]

    @Service.task
    async def work(self) -> None:
        while not self.should_stop:
            message = await Crasher.queue.get()
            if not isinstance(message, asyncio.Future):
                Crasher.crashed_at = perf_counter()
                raise ValueError(message)  # noqa: TRY004  nothing is wrong with its type
            message.set_result(None)


async def counting(size: int) -> Counter:
    counter = Counter()
    counter.wanted = size
    await counter.start()
    await asyncio.sleep(0)
    return counter


async def ask(counter: Counter) -> object:
    reply = asyncio.get_running_loop().create_future()
    counter.queue.put_nowait(reply)
    async with asyncio.timeout(5.0):
        return await reply


async def cast(size: int) -> Figures:
    counter = await counting(size)
    put = counter.queue.put_nowait
    watch = Stopwatch()
    for number in range(size):
        put(number)
    await counter.done
    return {"cast": size / watch.seconds()}


async def fan_in(size: int) -> Figures:
    counter = await counting(size)
    put = counter.queue.put_nowait
    return {"fan_in": size / await seconds_of_fan_in(lambda: put(1), size, counter.done)}


async def call(size: int) -> Figures:
    counter = await counting(ENDLESS)
    return {"call": await seconds_of_calls(lambda: ask(counter), size) * 1e6}


async def flood(size: int) -> Figures:
    asked, flooded = await counting(ENDLESS), await counting(size)

    async def fill() -> None:
        for number in range(size):
            flooded.queue.put_nowait(number)

    return {"flood": await slowdown_by_flood(lambda: ask(asked), fill, flooded.done)}


async def start(size: int) -> Figures:
    watch = Stopwatch()
    await OneForOneSupervisor(*(Idle() for _ in range(size))).start()
    return {"start": watch.micros_each(size), "start_memory": watch.kilobytes_each(size)}


async def restart(size: int) -> Figures:
    Crasher.queue, taken = asyncio.Queue(), []
    child = Crasher()
    supervisor = OneForOneSupervisor(child, max_restarts=ENDLESS)
    child.supervisor = supervisor
    await supervisor.start()
    for _ in range(size):
        arrived = asyncio.get_running_loop().create_future()
        Crasher.queue.put_nowait("crash")
        Crasher.queue.put_nowait(arrived)
        await arrived
        taken.append(perf_counter() - Crasher.crashed_at)
    return {"restart": statistics.median(taken) * 1e6}


async def stop(size: int) -> Figures:
    supervisor = OneForOneSupervisor(*(Idle() for _ in range(size)))
    await supervisor.start()
    watch = Stopwatch()
    await supervisor.stop()
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    doings = (cast, fan_in, call, flood, start, restart, stop)
    main("mode-streaming", {doing.__name__: doing for doing in doings})
