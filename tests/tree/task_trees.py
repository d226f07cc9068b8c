"""Trees of one task supervisor, at "tasks", and one actor that starts tasks as it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar, cast

from supervisor import (
    Actor,
    ActorRef,
    Caller,
    ChildSpec,
    Outcome,
    Pid,
    Supervisor,
    TaskSupervisor,
    Tree,
    start_tree,
)
from supervisor.testing import settle

T = TypeVar("T")


class Boss(Actor):
    """Awaits what it is sent with itself, answers with the result, and keeps the messages that it gets."""

    def __init__(self, seen: list[object]) -> None:
        self.seen = seen

    async def handle_call(self, request: object, caller: Caller) -> object:
        return await cast("Callable[[Boss], Awaitable[object]]", request)(self)

    def handle_info(self, message: object) -> None:
        self.seen.append(message)


class TrappingBoss(Boss):
    trap_exit = True


class Office:
    """The tree, and what can be done in it.

    Attributes:
        tasks: The task supervisor.
        boss: The actor.
        seen: The messages that the actor got.
        release: Ends those that are stubborn.
    """

    def __init__(self, tree: Tree, seen: list[object]) -> None:
        self.tree, self.seen, self.release = tree, seen, asyncio.Event()
        self.tasks, self.boss = tree.ref("tasks"), tree.ref("boss")

    async def by_boss(self, function: Callable[[Boss], Awaitable[T]]) -> T:
        """What `function` gives where the actor awaits it."""
        return cast("T", await self.boss.call(function, timeout=None))

    async def stubborn(self, *_: object) -> None:
        """What a task may do: swallow every cancellation."""
        while not self.release.is_set():
            with suppress(asyncio.CancelledError):
                await self.release.wait()

    @property
    def running(self) -> list[Pid]:
        """Handles of the tasks that run."""
        return [one.pid for one in self.tree.system.processes if one.path.startswith("tasks/")]


@asynccontextmanager
async def office(
    boss: Callable[[list[object]], Actor] = Boss, *, max_children: int | None = None
) -> AsyncIterator[Office]:
    """Run one; the actor is temporary, so that what has ended stays away."""
    seen: list[object] = []
    children = [
        TaskSupervisor.spec("tasks", max_children=max_children),
        ChildSpec("boss", boss, (seen,), restart="temporary"),
    ]
    async with start_tree(Supervisor.spec("root", children)) as tree:
        it = Office(tree, seen)
        yield it
    it.release.set()
    await settle()


def pid_of(ref: ActorRef) -> Pid:
    pid = ref.pid
    assert pid is not None
    return pid


# --- what tasks do ----------------------------------------------------------------------------------------


def double(number: int) -> int:
    return number * 2


async def double_later(number: int, seconds: float = 1.0) -> int:
    await asyncio.sleep(seconds)
    return number * 2


async def for_ever(*_: object) -> None:
    await asyncio.Event().wait()


async def fail(text: object = "no luck") -> None:
    raise ZeroDivisionError(text)


async def odd_ones_fail(number: int) -> int:
    if number % 2:
        await fail(number)
    return number


async def call(function: Callable[[], Awaitable[object]]) -> object:
    return await function()


async def all_of(stream: AsyncIterator[Outcome[T]]) -> list[Outcome[T]]:
    return [one async for one in stream]
