"""Each strategy up to its limit, restarts that never succeed, and the cost of many children."""

import asyncio
import sys
from typing import TYPE_CHECKING, Self

import pytest

from supervisor import (
    Actor,
    ChildSpec,
    MaxRestartsExceededError,
    Supervisor,
    restart_child,
    start_child,
    start_tree,
    terminate_child,
    which_child,
    which_children,
)
from supervisor.process.exits import Shutdown
from supervisor.testing import ScriptedChild, refuse, run, settle
from supervisor.tree import Strategy, start
from tests.tree.test_restarts import Row

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import FrameType


@pytest.mark.conformance("A16", "S1.36", "S1.38", "S1.47")
@pytest.mark.parametrize(
    ("strategy", "replaced"), [("one_for_one", "b"), ("one_for_all", "abc"), ("rest_for_one", "bc")]
)
async def test_each_crash_replaces_the_group_and_the_third_is_one_too_many_for_a_limit_of_two(
    strategy: Strategy, replaced: str
) -> None:
    root = Supervisor.spec(
        "root", [ChildSpec(name, Actor) for name in "abc"], strategy=strategy, max_restarts=2
    )
    tree = await start(root)
    for _ in range(2):
        before = {name: tree.ref(name).pid for name in "abc"}
        tree.kill("b")
        await settle()
        after = {name: tree.ref(name).pid for name in "abc"}
        assert None not in after.values()
        assert [name for name in "abc" if before[name] is not after[name]] == list(replaced)
    tree.kill("b")
    reason = await tree.wait()
    assert isinstance(reason, Shutdown)
    assert isinstance(reason.detail, MaxRestartsExceededError)
    assert tree.system.processes == ()


@pytest.mark.conformance("A14", "A16", "S1.39", "S1.48")
@pytest.mark.parametrize(
    ("strategy", "order"),
    [
        ("one_for_all", ["-c", "-a", "+a", "!b", "-a", "+a", "!b", "-a", "+a", "!b", "-a"]),
        ("rest_for_one", ["-c", "!b", "!b", "!b", "-a"]),
    ],
)
async def test_group_whose_member_cannot_come_back_ends_its_supervisor(
    strategy: Strategy, order: list[str]
) -> None:
    row = Row()
    row.refusals["b"] = 1000
    root = Supervisor.spec("root", row.specs(), strategy=strategy, max_restarts=3)
    tree = await start(root)
    tree.kill("b")
    await tree.wait()
    assert row.order[3:] == order
    with pytest.raises(MaxRestartsExceededError, match="last: child 'b' crashed"):
        tree.check()


@pytest.mark.conformance("A20", "A45", "F20", "S1.80")
async def test_requests_and_a_stop_come_between_the_attempts_of_a_restart_that_never_succeeds() -> None:
    """It has no backoff, so no time passes between them."""
    it = ScriptedChild("it", run, refuse)
    root = Supervisor.spec("root", [it.spec(), ChildSpec("other", Actor)], max_restarts=1_000_000)
    async with start_tree(root) as tree:
        tree.kill("it")
        await settle()
        so_far = len(it.started_at)
        assert so_far > 10
        for _ in range(3):
            assert (await which_child(tree.ref("root"), "it")).state == "restarting"
        assert await start_child(tree.ref("root"), ChildSpec("added", Actor)) is not None
        assert len(it.started_at) > so_far
        await terminate_child(tree.ref("root"), "it")
        stopped_at = len(it.started_at)
        await settle()
        assert len(it.started_at) == stopped_at
        assert [info.state for info in await which_children(tree.ref("root"))] == [
            "stopped",
            "running",
            "running",
        ]
    it = ScriptedChild("it", run, refuse)
    async with start_tree(Supervisor.spec("root", [it.spec()], max_restarts=1_000_000)) as tree:
        tree.kill("it")
        await settle()
    assert set(it.started_at) == {0.0}
    assert not it.is_running


# --- the cost of many ---------------------------------------------------------------------------------------


class Calls:
    """Counts the Python functions that are called: what work costs, whatever the machine is busy with."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: "FrameType", event: str, argument: object) -> None:
        del frame, argument
        self.count += event == "call"


async def one_by_one(count: int) -> int:
    with Calls() as calls:
        async with start_tree(Supervisor.spec("root", max_restarts=1_000_000)) as tree:
            root = tree.ref("root")
            for number in range(count):
                await start_child(root, ChildSpec(f"n{number}", Actor))
            for number in range(count):
                await terminate_child(root, f"n{number}")
                await restart_child(root, f"n{number}")
                tree.kill(f"n{number}")
    return calls.count


async def all_at_once(count: int) -> int:
    specs = [ChildSpec(f"n{number}", Actor) for number in range(count)]
    async with start_tree(Supervisor.spec("root", specs, strategy="one_for_all")) as tree:
        with Calls() as calls:
            tree.kill("n0")
            await asyncio.sleep(0.1)
        assert tree.describe().children[-1].restarts == 1
    return calls.count


@pytest.mark.conformance("S1.88")
@pytest.mark.parametrize("lives", [one_by_one, all_at_once])
async def test_fifty_times_as_many_children_cost_fifty_times_as_much_and_not_the_square(
    lives: "Callable[[int], Awaitable[int]]",
) -> None:
    few, many = await lives(20), await lives(1000)
    assert many < few * 50 * 1.2
