"""papyra: actors over streams of anyio, with bounded mailboxes and an awaited send."""

import asyncio
import statistics
from collections.abc import Callable
from time import perf_counter

from papyra.actor import Actor
from papyra.supervision import Strategy, SupervisionPolicy
from papyra.system import ActorSystem

from benchmarks.peers.script import Figures, main
from benchmarks.peers.taking import (
    CHILDREN,
    ENDLESS,
    SETTLING_SECONDS,
    Stopwatch,
    seconds_of_calls,
    seconds_of_fan_in,
    slowdown_by_flood,
)


class Counter(Actor):
    """Counts what it is sent, and says when it has had all."""

    def __init__(self, wanted: int, done: "asyncio.Future[None]") -> None:
        self.count, self.wanted, self.done = 0, wanted, done

    async def receive(self, message: object) -> int:
        self.count += 1
        if self.count == self.wanted:
            self.done.set_result(None)
        return self.count


def new_future() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


def counter(wanted: int, done: "asyncio.Future[None]") -> Callable[[], Counter]:
    return lambda: Counter(wanted, done)


async def cast_async(size: int) -> Figures:
    async with ActorSystem() as running:
        done = new_future()
        it = running.spawn(counter(size, done))
        watch = Stopwatch()
        for number in range(size):
            await it.tell(number)
        await done
        return {"cast_async": size / watch.seconds()}


async def fan_in(size: int) -> Figures:
    async with ActorSystem() as running:
        done = new_future()
        it = running.spawn(counter(size, done))

        async def send() -> None:
            await it.tell(1)

        return {"fan_in": size / await seconds_of_fan_in(send, size, done)}


async def call(size: int) -> Figures:
    async with ActorSystem() as running:
        it = running.spawn(counter(ENDLESS, new_future()))
        return {"call": await seconds_of_calls(lambda: it.ask(1, timeout=5.0), size) * 1e6}


async def flood(size: int) -> Figures:
    async with ActorSystem() as running:
        drained = new_future()
        asked = running.spawn(counter(ENDLESS, new_future()))
        flooded = running.spawn(counter(size, drained), mailbox_capacity=size)

        async def fill() -> None:
            for number in range(size):
                await flooded.tell(number)

        return {"flood": await slowdown_by_flood(lambda: asked.ask(1, timeout=5.0), fill, drained)}


async def start_dynamic(size: int) -> Figures:
    running, make = ActorSystem(), counter(ENDLESS, new_future())
    await running.start()
    watch = Stopwatch()
    for _ in range(size):
        running.spawn(make)
    await asyncio.sleep(0)
    return {"start_dynamic": watch.micros_each(size), "start_dynamic_memory": watch.kilobytes_each(size)}


async def restart(size: int) -> Figures:
    crashed_at, arrived = 0.0, new_future()

    class Crasher(Actor):
        async def receive(self, message: object) -> None:
            nonlocal crashed_at
            if message == "crash":
                crashed_at = perf_counter()
                raise ValueError(message)
            arrived.set_result(None)

    policy = SupervisionPolicy(strategy=Strategy.RESTART, max_restarts=ENDLESS, within_seconds=1)
    async with ActorSystem() as running:
        it, taken = running.spawn(Crasher, policy=policy), []
        for _ in range(size):
            arrived = new_future()
            await it.tell("crash")
            await it.tell("come back")
            await arrived
            taken.append(perf_counter() - crashed_at)
    return {"restart": statistics.median(taken) * 1e6}


async def stop(size: int) -> Figures:
    running, make = ActorSystem(), counter(ENDLESS, new_future())
    await running.start()
    parent = running.spawn(make)
    for _ in range(size):
        running.spawn(make, parent=parent)
    await asyncio.sleep(SETTLING_SECONDS)
    watch = Stopwatch()
    await running.aclose()
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    doings = (cast_async, fan_in, call, flood, start_dynamic, restart, stop)
    main("papyra", {doing.__name__: doing for doing in doings})
