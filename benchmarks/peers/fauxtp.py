"""fauxtp: a GenServer and a supervisor on anyio. One that is restarted has another address."""

import asyncio
import statistics
from time import perf_counter

import anyio
from fauxtp import GenServer
from fauxtp import call as ask
from fauxtp import cast as send
from fauxtp.supervisor import ChildSpec, Supervisor

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


class Counter(GenServer):
    """Counts what it is sent, and says when it has had all."""

    def __init__(self, wanted: int = ENDLESS, done: "asyncio.Future[None] | None" = None) -> None:
        super().__init__()
        self.wanted, self.done = wanted, done

    async def init(self) -> int:
        return 0

    async def handle_cast(self, message: object, count: int) -> int:
        count += 1
        if count == self.wanted and self.done is not None:
            self.done.set_result(None)
        return count

    async def handle_call(self, request: object, caller: object, count: int) -> tuple[int, int]:
        return count, count


class Crasher(GenServer):
    """Crashes when it is told so, and tells where its successor is."""

    crashed_at = 0.0
    up: asyncio.Event
    arrived: "asyncio.Future[None]"
    address: object = None

    async def init(self) -> int:
        Crasher.address = self.pid
        Crasher.up.set()
        return 0

    async def handle_cast(self, message: object, count: int) -> int:
        if message == "crash":
            Crasher.crashed_at = perf_counter()
            raise ValueError(message)
        Crasher.arrived.set_result(None)
        return count


def new_future() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


async def cast_async(size: int) -> Figures:
    done = new_future()
    async with anyio.create_task_group() as group:
        it = await Counter.start(size, done, task_group=group)
        watch = Stopwatch()
        for number in range(size):
            await send(it, number)
        await done
        figures = {"cast_async": size / watch.seconds()}
        group.cancel_scope.cancel()
    return figures


async def fan_in(size: int) -> Figures:
    done = new_future()
    async with anyio.create_task_group() as group:
        it = await Counter.start(size, done, task_group=group)

        async def send_it() -> None:
            await send(it, 1)

        taken = await seconds_of_fan_in(send_it, size, done)
        group.cancel_scope.cancel()
    return {"fan_in": size / taken}


async def call(size: int) -> Figures:
    async with anyio.create_task_group() as group:
        it = await Counter.start(task_group=group)
        taken = await seconds_of_calls(lambda: ask(it, 1), size)
        group.cancel_scope.cancel()
    return {"call": taken * 1e6}


async def flood(size: int) -> Figures:
    drained = new_future()
    async with anyio.create_task_group() as group:
        asked = await Counter.start(task_group=group)
        flooded = await Counter.start(size, drained, task_group=group)

        async def fill() -> None:
            for number in range(size):
                await send(flooded, number)

        slowdown = await slowdown_by_flood(lambda: ask(asked, 1), fill, drained)
        group.cancel_scope.cancel()
    return {"flood": slowdown}


async def spawn(size: int) -> Figures:
    async with anyio.create_task_group() as group:
        watch = Stopwatch()
        for _ in range(size):
            await Counter.start(task_group=group)
        await asyncio.sleep(0)
        figures = {
            "spawn": watch.micros_each(size),
            "spawn_memory": watch.kilobytes_each(size),
        }
        group.cancel_scope.cancel()
    return figures


async def restart(size: int) -> Figures:
    Crasher.up, taken = asyncio.Event(), []
    async with anyio.create_task_group() as group:
        await Supervisor.start(children=[ChildSpec(actor=Crasher, name="it")], task_group=group)
        await Crasher.up.wait()
        for _ in range(size):
            Crasher.up.clear()
            Crasher.arrived = new_future()
            await send(Crasher.address, "crash")
            await Crasher.up.wait()
            await send(Crasher.address, "come back")
            await Crasher.arrived
            taken.append(perf_counter() - Crasher.crashed_at)
        group.cancel_scope.cancel()
    return {"restart": statistics.median(taken) * 1e6}


async def stop(size: int) -> Figures:
    async with anyio.create_task_group() as group:
        children = [ChildSpec(actor=Counter, name=str(number)) for number in range(size)]
        await Supervisor.start(children=children, task_group=group)
        await asyncio.sleep(SETTLING_SECONDS)
        watch = Stopwatch()
        group.cancel_scope.cancel()
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    doings = (cast_async, fan_in, call, flood, spawn, restart, stop)
    main("fauxtp", {doing.__name__: doing for doing in doings})
