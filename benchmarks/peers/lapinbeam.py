"""lapinbeam: actors with queues of asyncio. A restart waits 50 ms at least, so it is left out."""

import asyncio
from typing import Final

from lapinbeam import Node, Supervisor, actor, current_message

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

ADDRESS: Final = "benchmark@127.0.0.1:39411"


def counter(name: str) -> type:
    @actor(name=name)
    class Counter:
        def __init__(self, wanted: int, done: "asyncio.Future[None]") -> None:
            self.count, self.wanted, self.done = 0, wanted, done

        async def receive(self, message: object) -> None:
            if message == "count":
                await current_message().reply(self.count)
                return
            self.count += 1
            if self.count == self.wanted:
                self.done.set_result(None)

    return Counter


def new_future() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


async def supervisor() -> Supervisor:
    node = Node(ADDRESS)
    await node.start()
    return Supervisor(node=node)


async def cast_async(size: int) -> Figures:
    done = new_future()
    it = (await supervisor()).spawn(counter("it"), size, done)
    watch = Stopwatch()
    for number in range(size):
        await it.send(number)
    await done
    return {"cast_async": size / watch.seconds()}


async def fan_in(size: int) -> Figures:
    done = new_future()
    it = (await supervisor()).spawn(counter("it"), size, done)

    async def send() -> None:
        await it.send(1)

    return {"fan_in": size / await seconds_of_fan_in(send, size, done)}


async def call(size: int) -> Figures:
    it = (await supervisor()).spawn(counter("it"), ENDLESS, new_future())
    return {"call": await seconds_of_calls(lambda: it.ask("count"), size) * 1e6}


async def flood(size: int) -> Figures:
    running, drained = await supervisor(), new_future()
    asked = running.spawn(counter("asked"), ENDLESS, new_future())
    flooded = running.spawn(counter("flooded"), size, drained)

    async def fill() -> None:
        for number in range(size):
            await flooded.send(number)

    return {"flood": await slowdown_by_flood(lambda: asked.ask("count"), fill, drained)}


async def start_dynamic(size: int) -> Figures:
    running, done = await supervisor(), new_future()
    classes = [counter(str(number)) for number in range(size)]
    watch = Stopwatch()
    for one in classes:
        running.spawn(one, ENDLESS, done)
    await asyncio.sleep(0)
    return {"start_dynamic": watch.micros_each(size), "start_dynamic_memory": watch.kilobytes_each(size)}


async def stop(size: int) -> Figures:
    running, done = await supervisor(), new_future()
    for number in range(size):
        running.spawn(counter(str(number)), ENDLESS, done)
    await asyncio.sleep(SETTLING_SECONDS)
    watch = Stopwatch()
    await running.shutdown()
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    doings = (cast_async, fan_in, call, flood, start_dynamic, stop)
    main("lapinbeam", {doing.__name__: doing for doing in doings})
