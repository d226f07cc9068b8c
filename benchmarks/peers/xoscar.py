"""xoscar: actors called by method, here all in one process. It has no mailbox and no supervisor.

What it restarts is a process that has died, not an actor, so restarts are left out.
"""

import asyncio
from typing import Final

import xoscar

from benchmarks.peers.script import Figures, main
from benchmarks.peers.taking import CHILDREN, Stopwatch, seconds_of_calls, seconds_of_fan_in

ADDRESS: Final = "127.0.0.1"


class Counter(xoscar.Actor):
    """Counts, and says when it has had all."""

    def __init__(self, wanted: int = 0, done: "asyncio.Future[None] | None" = None) -> None:
        self.count, self.wanted, self.done = 0, wanted, done

    def add(self) -> None:
        self.count += 1
        if self.count == self.wanted and self.done is not None:
            self.done.set_result(None)

    def get(self) -> int:
        return self.count


async def pool() -> "xoscar.backends.pool.MainActorPool":
    return await xoscar.create_actor_pool(ADDRESS, n_process=0)


async def cast(size: int) -> Figures:
    done = asyncio.get_running_loop().create_future()
    address = (await pool()).external_address
    it = await xoscar.create_actor(Counter, size, done, address=address, uid="it")
    watch = Stopwatch()
    for _ in range(size):
        await it.add.tell()
    await done
    return {"cast": size / watch.seconds()}


async def fan_in(size: int) -> Figures:
    done = asyncio.get_running_loop().create_future()
    address = (await pool()).external_address
    it = await xoscar.create_actor(Counter, size, done, address=address, uid="it")

    async def send() -> None:
        await it.add.tell()

    return {"fan_in": size / await seconds_of_fan_in(send, size, done)}


async def call(size: int) -> Figures:
    it = await xoscar.create_actor(Counter, address=(await pool()).external_address, uid="it")
    return {"call": await seconds_of_calls(it.get, size) * 1e6}


async def spawn(size: int) -> Figures:
    address = (await pool()).external_address
    watch = Stopwatch()
    for number in range(size):
        await xoscar.create_actor(Counter, address=address, uid=str(number))
    return {"spawn": watch.micros_each(size), "spawn_memory": watch.kilobytes_each(size)}


async def stop(size: int) -> Figures:
    address = (await pool()).external_address
    actors = [await xoscar.create_actor(Counter, address=address, uid=str(number)) for number in range(size)]
    watch = Stopwatch()
    for one in reversed(actors):
        await xoscar.destroy_actor(one)
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    doings = (cast, fan_in, call, spawn, stop)
    main("xoscar", {doing.__name__: doing for doing in doings})
