"""Ten thousand restarts leave nothing behind."""

import asyncio
import gc
import tracemalloc
from dataclasses import dataclass

import pytest

from supervisor import Actor, Backoff, ChildSpec, Supervisor, Tree, start_tree
from supervisor.tree import Strategy

RESTARTS = 10_000


class Crashes(Actor):
    """Holds on to something that is dear, and crashes with it in hand."""

    def __init__(self) -> None:
        self.dear = bytearray(10_000)

    def init(self) -> None:
        self.send_after("never", 3600.0)
        self.monitor(self.ref("sibling"))
        self.link(self.ref("friend"))

    def handle_cast(self, message: object) -> None:
        local = self.dear
        raise ZeroDivisionError(len(local))


class Friend(Actor):
    trap_exit = True


@dataclass(frozen=True, slots=True)
class Left:
    """What there is at one moment."""

    objects: int
    tasks: int
    processes: int
    names: int
    timers: int
    memory: int


def left(tree: Tree) -> Left:
    loop = asyncio.get_running_loop()
    gc.collect()
    return Left(
        objects=len(gc.get_objects()),
        tasks=len(asyncio.all_tasks()),
        processes=len(tree.system.processes),
        names=len(tree.system._addresses),
        timers=len(loop._scheduled),  # type: ignore[attr-defined]  # asyncio's own heap
        memory=tracemalloc.get_traced_memory()[0],
    )


async def crash(tree: Tree, times: int) -> None:
    it = tree.ref("it")
    for _ in range(times):
        it.cast("crash")
        await asyncio.sleep(0.01)  # virtual time passes when it runs again, and everything is quiet


@pytest.mark.conformance("F22")
@pytest.mark.parametrize(("strategy", "crashes"), [("one_for_one", RESTARTS), ("one_for_all", RESTARTS // 3)])
async def test_ten_thousand_restarts_leak_nothing(strategy: Strategy, crashes: int) -> None:
    """No object, task, process, name, timer, or memory: an actor's state is not kept by how it ended."""
    specs = [
        ChildSpec("sibling", Actor),
        ChildSpec("friend", Friend),
        ChildSpec("it", Crashes, backoff=Backoff(initial=0.0), max_restarts=10**9),
    ]
    root = Supervisor.spec("root", specs, strategy=strategy, max_restarts=10**9, max_seconds=0.001)
    tracemalloc.start()
    try:
        async with start_tree(root) as tree:
            await crash(tree, 500)
            before = left(tree)
            await crash(tree, crashes)
            after = left(tree)
            assert tree.describe().children[-1].restarts == 500 + crashes
    finally:
        tracemalloc.stop()
    assert (after.tasks, after.processes, after.names) == (before.tasks, before.processes, before.names)
    assert after.timers - before.timers < 200  # asyncio clears cancelled ones when it has a hundred
    assert after.objects - before.objects < 300
    assert after.memory - before.memory < 50_000
