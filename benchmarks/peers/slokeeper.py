"""Ours, by its public face."""

import asyncio
import statistics
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

from benchmarks.peers.script import Figures, main
from benchmarks.peers.taking import (
    CHILDREN,
    DYNAMIC_CHILDREN,
    ENDLESS,
    SETTLING_SECONDS,
    Stopwatch,
    seconds_of_calls,
    seconds_of_fan_in,
    slowdown_by_flood,
)
from supervisor import (
    Actor,
    ActorRef,
    Caller,
    ChildSpec,
    DynamicSupervisor,
    Supervisor,
    TaskSupervisor,
    Tree,
    start_child,
    start_task,
    start_tree,
    telemetry,
)
from supervisor.telemetry import EVENTS
from supervisor.tree import start


class Counter(Actor):
    """Counts what it is sent, and says when it has had all."""

    def __init__(self, wanted: int, done: "asyncio.Future[None]") -> None:
        self.count, self.wanted, self.done = 0, wanted, done

    def handle_cast(self, message: object) -> None:
        self.count += 1
        if self.count == self.wanted:
            self.done.set_result(None)

    def handle_call(self, request: object, caller: Caller) -> int:
        self.count += 1
        return self.count


class AsyncCounter(Counter):
    """The same with a handler that could wait."""

    async def handle_cast(self, message: object) -> None:  # type: ignore[override]
        self.count += 1
        if self.count == self.wanted:
            self.done.set_result(None)


class Idle(Actor):
    """A child that only is there."""

    def handle_cast(self, message: object) -> None:
        pass


class Crasher(Actor):
    """Notes when it crashes, and when its successor is at work."""

    def __init__(self, notes: "Notes") -> None:
        self.notes = notes

    def handle_cast(self, message: object) -> None:
        if message == "crash":
            self.notes.crashed_at = perf_counter()
            raise ValueError(message)
        self.notes.arrive()


class Notes:
    """From a crash until both has happened: the restart was told, and the successor has handled a message."""

    def __init__(self) -> None:
        self.crashed_at = 0.0
        self.awaited = 0
        self.done: asyncio.Future[float]

    def expect(self) -> "asyncio.Future[float]":
        self.awaited, self.done = 2, asyncio.get_running_loop().create_future()
        return self.done

    def arrive(self) -> None:
        self.awaited -= 1
        if self.awaited == 0:
            self.done.set_result(perf_counter() - self.crashed_at)

    def hear(self, event: tuple[str, ...], measured: object, told: object, config: object) -> None:
        if event == ("supervisor", "child", "restarted"):
            self.arrive()


@asynccontextmanager
async def one_child(start_it: Callable[..., Actor], *args: object) -> AsyncIterator[ActorRef]:
    async with start_tree(Supervisor.spec("root", [ChildSpec("it", start_it, args)])) as tree:
        yield tree.ref("it")


async def rate_of_casts(start_it: Callable[..., Actor], size: int) -> float:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with one_child(start_it, size, done) as counter:
        cast = counter.cast
        watch = Stopwatch()
        for number in range(size):
            cast(number)
        await done
        return size / watch.seconds()


async def cast(size: int) -> Figures:
    return {"cast": await rate_of_casts(Counter, size)}


async def cast_async(size: int) -> Figures:
    return {"cast_async": await rate_of_casts(AsyncCounter, size)}


async def fan_in(size: int) -> Figures:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with one_child(Counter, size, done) as counter:
        return {"fan_in": size / await seconds_of_fan_in(lambda: counter.cast(1), size, done)}


async def call(size: int) -> Figures:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with one_child(Counter, ENDLESS, done) as counter:
        return {"call": await seconds_of_calls(lambda: counter.call(1), size) * 1e6}


async def flood(size: int) -> Figures:
    drained: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    children = [ChildSpec("asked", Counter, (0, drained)), ChildSpec("flooded", Counter, (size, drained))]
    async with start_tree(Supervisor.spec("root", children)) as tree:
        asked, flooded = tree.ref("asked"), tree.ref("flooded")

        async def fill() -> None:
            for number in range(size):
                flooded.cast(number)

        return {"flood": await slowdown_by_flood(lambda: asked.call(1), fill, drained)}


async def start_static(size: int) -> Figures:
    spec = Supervisor.spec("root", [ChildSpec(str(number), Idle) for number in range(size)])
    watch = Stopwatch()
    tree = await start(spec)
    await asyncio.sleep(0)
    figures = {"start": watch.micros_each(size), "start_memory": watch.kilobytes_each(size)}
    await tree.stop()
    return figures


async def dynamic_tree() -> tuple[Tree, ActorRef]:
    tree = await start(Supervisor.spec("root", [DynamicSupervisor.spec("them")]))
    return tree, tree.ref("them")


async def start_dynamic(size: int) -> Figures:
    tree, them = await dynamic_tree()
    watch = Stopwatch()
    for number in range(size):
        await start_child(them, ChildSpec(str(number), Idle))
    await asyncio.sleep(0)
    figures = {"start_dynamic": watch.micros_each(size), "start_dynamic_memory": watch.kilobytes_each(size)}
    await tree.stop()
    return figures


async def spawn(size: int) -> Figures:
    async with start_tree(Supervisor.spec("root")) as tree:
        watch = Stopwatch()
        for _ in range(size):
            await tree.system.start(Idle)
        await asyncio.sleep(0)
        return {"spawn": watch.micros_each(size), "spawn_memory": watch.kilobytes_each(size)}


async def stop_dynamic(size: int) -> Figures:
    tree, them = await dynamic_tree()
    for number in range(size):
        await start_child(them, ChildSpec(str(number), Idle))
    await asyncio.sleep(SETTLING_SECONDS)
    watch = Stopwatch()
    left = await tree.stop()
    figures = {"stop_dynamic": watch.millis_for(DYNAMIC_CHILDREN, size)}
    assert not left
    return figures


async def restart(size: int) -> Figures:
    notes, taken = Notes(), []
    telemetry.attach_many("benchmark", EVENTS, notes.hear)
    child = ChildSpec("it", Crasher, (notes,), mailbox="keep")
    async with start_tree(Supervisor.spec("root", [child], max_restarts=ENDLESS)) as tree:
        it = tree.ref("it")
        for _ in range(size):
            done = notes.expect()
            it.cast("crash")
            it.cast("come back")
            taken.append(await done)
    return {"restart": statistics.median(taken) * 1e6}


async def task(size: int) -> Figures:
    async def work() -> None:
        pass

    async with start_tree(Supervisor.spec("root", [TaskSupervisor.spec("tasks")])) as tree:
        tasks = tree.ref("tasks")
        watch = Stopwatch()
        for one in [await start_task(tasks, work) for _ in range(size)]:
            await one
        return {"task": watch.micros_each(size)}


async def stop_static(size: int) -> Figures:
    tree = await start(Supervisor.spec("root", [ChildSpec(str(number), Idle) for number in range(size)]))
    await asyncio.sleep(SETTLING_SECONDS)
    watch = Stopwatch()
    left = await tree.stop()
    figures = {"stop": watch.millis_for(CHILDREN, size)}
    assert not left
    return figures


if __name__ == "__main__":
    main(
        "slokeeper",
        {
            "cast": cast,
            "cast_async": cast_async,
            "fan_in": fan_in,
            "call": call,
            "flood": flood,
            "start": start_static,
            "start_dynamic": start_dynamic,
            "spawn": spawn,
            "task": task,
            "restart": restart,
            "stop": stop_static,
            "stop_dynamic": stop_dynamic,
        },
    )
