"""domo-actors: protocols on asyncio; every message makes a promise, which may be ignored.

It handles a queue by recursion, so whoever sends many has to let it breathe every hundred.
"""

import asyncio
import statistics
from time import perf_counter

from domo_actors.actors.actor import Actor
from domo_actors.actors.address import Uuid7Address
from domo_actors.actors.definition import Definition
from domo_actors.actors.protocol import Protocol, ProtocolInstantiator
from domo_actors.actors.stage import stage
from domo_actors.actors.supervisor import DefaultSupervisor, SupervisionScope, SupervisionStrategy

from benchmarks.peers.script import Figures, main
from benchmarks.peers.taking import (
    CHILDREN,
    ENDLESS,
    SENT_AT_ONCE,
    SETTLING_SECONDS,
    Stopwatch,
    seconds_of_calls,
    seconds_of_fan_in,
)


class Shared:
    """What the actors of this script have to do with it: they are made without arguments."""

    wanted = ENDLESS
    crashed_at = 0.0
    done: "asyncio.Future[None]"


class Counter(Actor):
    """Counts, answers, and crashes when it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    async def add(self) -> None:
        self.count += 1
        if self.count == Shared.wanted:
            Shared.done.set_result(None)

    async def get(self) -> int:
        return self.count

    async def crash(self) -> None:
        Shared.crashed_at = perf_counter()
        raise ValueError

    async def come_back(self) -> None:
        Shared.done.set_result(None)


class Restarting(SupervisionStrategy):
    """One for one, for ever."""

    def intensity(self) -> int:
        return -1

    def period(self) -> int:
        return 5_000

    def scope(self) -> SupervisionScope:
        return SupervisionScope.ONE


class Supervisor(DefaultSupervisor):
    """Restarts what crashes."""

    async def supervision_strategy(self) -> SupervisionStrategy:
        return Restarting()


def protocol(name: str, actor: type[Actor]) -> Protocol:
    class Making(ProtocolInstantiator):
        def instantiate(self, definition: Definition) -> Actor:
            return actor()

    class Made(Protocol):
        def type(self) -> str:
            return name

        def instantiator(self) -> ProtocolInstantiator:
            return Making()

    return Made()


def definition(name: str) -> Definition:
    return Definition(name, Uuid7Address(), ())


COUNTER = protocol("Counter", Counter)


def new_future() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


async def cast_async(size: int) -> Figures:
    Shared.wanted, Shared.done = size, new_future()
    counter = stage().actor_for(COUNTER, definition("Counter"))
    await asyncio.sleep(SETTLING_SECONDS)
    watch = Stopwatch()
    for number in range(size):
        counter.add()
        if number % SENT_AT_ONCE == 0:
            await asyncio.sleep(0)
    await Shared.done
    return {"cast_async": size / watch.seconds()}


async def fan_in(size: int) -> Figures:
    Shared.wanted, Shared.done = size, new_future()
    counter = stage().actor_for(COUNTER, definition("Counter"))

    async def send() -> None:
        await counter.add()

    return {"fan_in": size / await seconds_of_fan_in(send, size, Shared.done)}


async def call(size: int) -> Figures:
    counter = stage().actor_for(COUNTER, definition("Counter"))
    return {"call": await seconds_of_calls(counter.get, size) * 1e6}


async def start_dynamic(size: int) -> Figures:
    stage()
    await asyncio.sleep(SETTLING_SECONDS)
    watch = Stopwatch()
    for _ in range(size):
        stage().actor_for(COUNTER, definition("Counter"))
    await asyncio.sleep(0)
    return {"start_dynamic": watch.micros_each(size), "start_dynamic_memory": watch.kilobytes_each(size)}


async def restart(size: int) -> Figures:
    supervisor = stage().actor_for(protocol("Supervisor", Supervisor), definition("Supervisor"))
    stage().register_supervisor("Supervisor", supervisor)
    await asyncio.sleep(SETTLING_SECONDS)
    it, taken = stage().actor_for(COUNTER, definition("Counter"), None, "Supervisor"), []
    for _ in range(size):
        Shared.done = new_future()
        sent = asyncio.gather(it.crash(), it.come_back(), return_exceptions=True)
        await Shared.done
        taken.append(perf_counter() - Shared.crashed_at)
        await sent
    return {"restart": statistics.median(taken) * 1e6}


async def stop(size: int) -> Figures:
    for _ in range(size):
        stage().actor_for(COUNTER, definition("Counter"))
    await asyncio.sleep(SETTLING_SECONDS)
    watch = Stopwatch()
    await stage().close()
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    doings = (cast_async, fan_in, call, start_dynamic, restart, stop)
    main("domo-actors", {doing.__name__: doing for doing in doings})
