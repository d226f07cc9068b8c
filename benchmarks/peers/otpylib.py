"""otpylib: processes, GenServers and supervisors as modules in the manner of OTP, on asyncio."""

import asyncio
import statistics
from collections.abc import Awaitable, Callable
from functools import wraps
from time import perf_counter
from typing import ClassVar

from otpylib import gen_server, process
from otpylib import supervisor as supervisors
from otpylib.gen_server import NoReply, Reply
from otpylib.module import GEN_SERVER, SUPERVISOR, OTPModule
from otpylib.runtime import set_runtime
from otpylib.runtime.backends.asyncio_backend.backend import AsyncIOBackend
from otpylib.supervisor import SHUTDOWN

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


class Shared:
    """What the modules of this script have to do with it: they have no arguments of their own."""

    wanted = ENDLESS
    crashed_at = 0.0
    done: "asyncio.Future[None]"
    up: ClassVar[asyncio.Event]


class Counter(metaclass=OTPModule, behavior=GEN_SERVER, version="1.0.0"):  # type: ignore[call-arg]
    """Counts what it is sent, says when it has had all, and crashes when it is told so."""

    async def init(self, argument: object) -> int:
        Shared.up.set()
        return 0

    async def handle_call(self, request: object, caller: object, count: int) -> tuple[Reply, int]:
        return Reply(count), count

    async def handle_cast(self, message: object, count: int) -> tuple[NoReply, int]:
        if message == "crash":
            Shared.crashed_at = perf_counter()
            raise ValueError(message)
        count += 1
        if count == Shared.wanted:
            Shared.done.set_result(None)
        return NoReply(), count

    async def handle_info(self, message: object, count: int) -> tuple[NoReply, int]:
        return NoReply(), count

    async def terminate(self, reason: object, count: int) -> None:
        pass


class Supervisor(metaclass=OTPModule, behavior=SUPERVISOR, version="1.0.0"):  # type: ignore[call-arg]
    """So many counters, named by their numbers."""

    async def init(self, size: int) -> tuple[list[object], object]:
        children = [
            supervisors.child_spec(id=str(number), module=Counter, args=None, name=str(number))
            for number in range(size)
        ]
        return children, supervisors.options(max_restarts=ENDLESS, max_seconds=5)

    async def terminate(self, reason: object, state: object) -> None:
        pass


def in_a_process(doing: Callable[[int], Awaitable[Figures]]) -> Callable[[int], Awaitable[Figures]]:
    """Whatever calls others has to be a process itself."""

    @wraps(doing)
    async def spawned(size: int) -> Figures:
        backend = AsyncIOBackend()
        await backend.initialize()
        set_runtime(backend)
        Shared.up, Shared.done = asyncio.Event(), asyncio.get_running_loop().create_future()
        told: asyncio.Future[Figures] = asyncio.get_running_loop().create_future()

        async def body() -> None:
            told.set_result(await doing(size))

        await process.spawn(body, mailbox=True, trap_exits=True)
        return await told

    return spawned


@in_a_process
async def cast_async(size: int) -> Figures:
    Shared.wanted = size
    it = await gen_server.start(Counter, None)
    watch = Stopwatch()
    for number in range(size):
        await gen_server.cast(it, number)
    await Shared.done
    return {"cast_async": size / watch.seconds()}


@in_a_process
async def fan_in(size: int) -> Figures:
    Shared.wanted = size
    it = await gen_server.start(Counter, None)

    async def send() -> None:
        await gen_server.cast(it, 1)

    return {"fan_in": size / await seconds_of_fan_in(send, size, Shared.done)}


@in_a_process
async def call(size: int) -> Figures:
    await gen_server.start(Counter, None, name="it")
    return {"call": await seconds_of_calls(lambda: gen_server.call("it", 1), size) * 1e6}


@in_a_process
async def flood(size: int) -> Figures:
    Shared.wanted = size
    await gen_server.start(Counter, None, name="asked")
    flooded = await gen_server.start(Counter, None)

    async def fill() -> None:
        for number in range(size):
            await gen_server.cast(flooded, number)

    return {"flood": await slowdown_by_flood(lambda: gen_server.call("asked", 1), fill, Shared.done)}


@in_a_process
async def spawn(size: int) -> Figures:
    watch = Stopwatch()
    for _ in range(size):
        await gen_server.start(Counter, None)
    return {"spawn": watch.micros_each(size), "spawn_memory": watch.kilobytes_each(size)}


@in_a_process
async def restart(size: int) -> Figures:
    Shared.wanted, taken = 1, []
    await supervisors.start_link(Supervisor, init_arg=1, name="supervisor")
    await Shared.up.wait()
    for _ in range(size):
        Shared.up.clear()
        Shared.done = asyncio.get_running_loop().create_future()
        await gen_server.cast("0", "crash")
        await Shared.up.wait()
        await gen_server.cast("0", "come back")
        await Shared.done
        taken.append(perf_counter() - Shared.crashed_at)
    return {"restart": statistics.median(taken) * 1e6}


@in_a_process
async def stop(size: int) -> Figures:
    others = asyncio.all_tasks()
    running = await supervisors.start_link(Supervisor, init_arg=size, name="supervisor")
    await asyncio.sleep(SETTLING_SECONDS)
    started = asyncio.all_tasks() - others
    watch = Stopwatch()
    await process.send(running, SHUTDOWN)
    await asyncio.wait(started)
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    doings = (cast_async, fan_in, call, flood, spawn, restart, stop)
    main("otpylib", {doing.__name__: doing for doing in doings})
