"""tapio-py: typed behaviours on asyncio in the manner of Pekko. Messages are not validated."""

import asyncio
import statistics
from contextlib import asynccontextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from tapio import ActorSystem, Behaviors, Message
from tapio.actor import ActorRef, Behavior, SupervisorStrategy, ask
from tapio.settings import TapioSettings

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

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


class Add(Message):
    """One to be counted."""


class Count(Message):
    """The answer."""

    value: int


class Ask(Message):
    """A question."""

    reply_to: ActorRef[Count]


class Do(Message):
    """What a crasher is to do."""

    what: str


def system() -> ActorSystem:
    return ActorSystem("benchmark", settings=TapioSettings(validate_on_tell=False))


def counter(wanted: int, done: "asyncio.Future[None]") -> Behavior[Add]:
    count = 0

    async def handle(_: Add) -> Behavior[Add]:
        nonlocal count
        count += 1
        if count == wanted:
            done.set_result(None)
        return Behaviors.same()

    return Behaviors.receive_message(handle)


def answering() -> Behavior[Ask]:
    async def handle(question: Ask) -> Behavior[Ask]:
        question.reply_to.tell(Count(value=1))
        return Behaviors.same()

    return Behaviors.receive_message(handle)


def new_future() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


@asynccontextmanager
async def counting(size: int) -> "AsyncIterator[tuple[Callable[[], None], asyncio.Future[None]]]":
    async with system() as running:
        done, message = new_future(), Add()
        reference = running.spawn(counter(size, done), name="it")
        await asyncio.sleep(0)
        yield lambda: reference.tell(message), done


async def cast_async(size: int) -> Figures:
    async with counting(size) as (tell, done):
        watch = Stopwatch()
        for _ in range(size):
            tell()
        await done
        return {"cast_async": size / watch.seconds()}


async def fan_in(size: int) -> Figures:
    async with counting(size) as (tell, done):
        return {"fan_in": size / await seconds_of_fan_in(tell, size, done)}


async def call(size: int) -> Figures:
    async with system() as running:
        it = running.spawn(answering(), name="it")
        taken = await seconds_of_calls(lambda: ask(it, lambda me: Ask(reply_to=me), expect=Count), size)
        return {"call": taken * 1e6}


async def flood(size: int) -> Figures:
    async with system() as running:
        drained, message = new_future(), Add()
        asked = running.spawn(answering(), name="asked")
        flooded = running.spawn(counter(size, drained), name="flooded")

        async def fill() -> None:
            for _ in range(size):
                flooded.tell(message)

        def ask_it() -> "Awaitable[Count]":
            return ask(asked, lambda me: Ask(reply_to=me), expect=Count)

        return {"flood": await slowdown_by_flood(ask_it, fill, drained)}


async def starts(size: int, behavior: "Callable[[], Behavior[Add]]") -> Stopwatch:
    running = system()
    watch = Stopwatch()
    for number in range(size):
        running.spawn(behavior(), name=str(number))
    await asyncio.sleep(0)
    return watch


async def spawn(size: int) -> Figures:
    done = new_future()
    watch = await starts(size, lambda: counter(ENDLESS, done))
    return {"spawn": watch.micros_each(size), "spawn_memory": watch.kilobytes_each(size)}


async def start_dynamic(size: int) -> Figures:
    done, restarting = new_future(), SupervisorStrategy.restart()
    watch = await starts(size, lambda: Behaviors.supervise(counter(ENDLESS, done)).on_failure(restarting))
    return {"start_dynamic": watch.micros_each(size), "start_dynamic_memory": watch.kilobytes_each(size)}


async def restart(size: int) -> Figures:
    crashed_at, arrived = 0.0, new_future()

    async def handle(order: Do) -> Behavior[Do]:
        nonlocal crashed_at
        if order.what == "crash":
            crashed_at = perf_counter()
            raise ValueError(order.what)
        arrived.set_result(None)
        return Behaviors.same()

    supervised = Behaviors.supervise(Behaviors.receive_message(handle)).on_failure(
        SupervisorStrategy.restart()
    )
    async with system() as running:
        it, taken = running.spawn(supervised, name="it"), []
        for _ in range(size):
            arrived = new_future()
            it.tell(Do(what="crash"))
            it.tell(Do(what="come back"))
            await arrived
            taken.append(perf_counter() - crashed_at)
    return {"restart": statistics.median(taken) * 1e6}


async def stop(size: int) -> Figures:
    running, done = system(), new_future()
    for number in range(size):
        running.spawn(counter(ENDLESS, done), name=str(number))
    await asyncio.sleep(SETTLING_SECONDS)
    watch = Stopwatch()
    await running.terminate()
    return {"stop": watch.millis_for(CHILDREN, size)}


if __name__ == "__main__":
    doings = (cast_async, fan_in, call, flood, start_dynamic, spawn, restart, stop)
    main("tapio-py", {doing.__name__: doing for doing in doings})
