"""A dynamic supervisor with nothing else to do starts a child in the same breath in which it is asked to."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from supervisor import (
    Actor,
    CallFailedError,
    ChildSpec,
    DynamicSupervisor,
    MaxChildrenError,
    StartFailedError,
    TaskSupervisor,
    count_children,
    resume,
    start_child,
    start_task,
    suspend,
)
from supervisor.process.turn import SHORT
from supervisor.testing import settle
from tests.process.actors import Seen, running
from tests.tree.dynamic_trees import Leaf, Refuses, instance, workers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Noting:
    """Counts the turns of the loop."""

    def __init__(self) -> None:
        self.turns = 0
        self._note()

    def _note(self) -> None:
        self.turns += 1
        self._next = asyncio.get_running_loop().call_soon(self._note)

    def stop(self) -> int:
        self._next.cancel()
        return self.turns - 1


async def turns_of(count: int, start: "Callable[[int], Awaitable[object]]") -> list[int]:
    """How many turns of the loop each of so many starts took."""
    taken = []
    for number in range(count):
        noting = Noting()
        await start(number)
        taken.append(noting.stop())
    return taken


async def test_start_takes_no_turn_of_the_loop_and_now_and_then_others_get_theirs() -> None:
    async with workers() as (_, them):
        await settle()
        taken = await turns_of(2 * SHORT + 2, lambda _: start_child(them, Leaf))
        assert taken[:SHORT] == taken[SHORT + 1 : -1] == [0] * SHORT
        assert taken[SHORT] > 0
        assert taken[-1] > 0
        assert (await count_children(them)).active == len(taken)


async def test_instance_and_task_are_started_likewise() -> None:
    async with workers(Leaf) as (_, them), running(TaskSupervisor.spec("tasks")) as tree:
        await settle()
        assert await turns_of(3, lambda number: instance(them, number)) == [0] * 3
        assert await turns_of(3, lambda number: start_task(tree.ref("tasks"), str, number)) == [0] * 3


async def test_slow_init_is_waited_for_and_holds_up_nobody() -> None:
    class Slow(Actor):
        async def init(self) -> None:
            await asyncio.sleep(5.0)

    async with workers() as (_, them):
        await settle()
        starting = asyncio.ensure_future(start_child(them, Slow))
        await asyncio.sleep(0)
        assert await start_child(them, Leaf) is not None
        assert not starting.done()
        pid = await starting
        assert pid is not None
        assert pid.is_alive


async def test_start_that_fails_and_one_too_many_are_answers() -> None:
    async with workers(max_children=1) as (_, them):
        await settle()
        with pytest.raises(StartFailedError, match="no disk"):
            await start_child(them, Refuses)
        await start_child(them, Leaf)
        with pytest.raises(MaxChildrenError):
            await start_child(them, Leaf)


async def test_what_was_sent_before_is_seen_before() -> None:
    """A supervisor before whom a message waits takes the request in its turn."""
    seen = Seen()

    class Notes(DynamicSupervisor):
        def handle_cast(self, message: object) -> None:
            seen(message)

    class Child(Actor):
        def init(self) -> None:
            seen("started")

    async with running(Notes.spec("them")) as tree:
        await settle()
        them = tree.ref("them")
        them.cast("before")
        await start_child(them, Child)
        assert seen.events == ["before", "started"]


async def test_suspended_supervisor_starts_nobody_until_it_goes_on() -> None:
    async with workers() as (tree, them):
        await suspend(them)
        starting = asyncio.ensure_future(start_child(them, Leaf, key="it"))
        await settle()
        assert tree.ref("workers/it").pid is None
        await resume(them)
        assert await starting is tree.ref("workers/it").pid


async def test_supervisor_that_looks_at_requests_itself_gets_each_as_a_call() -> None:
    seen = Seen()

    class Looks(DynamicSupervisor):
        async def handle_call(self, request: object, caller: object) -> object:
            seen(type(request).__name__)
            return await super().handle_call(request, caller)  # type: ignore[arg-type]

    async with running(Looks.spec("them")) as tree:
        await settle()
        await start_child(tree.ref("them"), Leaf)
        assert seen.events == ["StartChild"]


async def test_crash_of_the_supervisor_is_told_to_whoever_asked() -> None:
    class Broken(DynamicSupervisor):
        def _wanted(self, request: object) -> tuple[ChildSpec, tuple[object, ...], str | None]:
            raise ZeroDivisionError("in the supervisor")

    async with running(Broken.spec("them", restart="temporary")) as tree:
        await settle()
        with pytest.raises(CallFailedError, match="in the supervisor"):
            await start_child(tree.ref("them"), Leaf)
        assert tree.ref("them").pid is None


async def test_actor_in_the_middle_of_a_handler_starts_one_as_its_own_task() -> None:
    """Whoever asks is itself again once the child has come up."""
    seen = Seen()

    class Asks(Actor):
        async def handle_cast(self, message: object) -> None:
            before = asyncio.current_task()
            await start_child(self.ref("workers"), Leaf)
            seen((asyncio.current_task() is before, self.system.current is self._process))

    async with workers() as (tree, _):
        await start_child(tree.ref("root"), ChildSpec("asks", Asks))
        await settle()
        tree.ref("asks").cast("go")
        await settle()
        assert seen.events == [(True, True)]
