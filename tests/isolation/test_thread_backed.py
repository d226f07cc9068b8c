"""An actor in a thread of its own: what a thread can and cannot do."""

import asyncio
import threading
from typing import cast

import pytest

from supervisor import (
    Actor,
    CallFailedError,
    ChildSpec,
    Killed,
    PredecessorRunsError,
    Supervisor,
    in_thread,
    restart_child,
    start_tree,
    terminate_child,
)
from supervisor.isolation import stand_in
from supervisor.isolation.far import FarRef
from supervisor.testing import captured
from tests.isolation.actors import Isolated, Seen, isolated

pytestmark = pytest.mark.realtime("threads of their own")


@pytest.fixture
def gate() -> threading.Event:
    """What a blocked handler waits for."""
    return threading.Event()


@pytest.mark.conformance("F17")
async def test_two_in_threads_go_on_talking_while_the_trees_loop_is_blocked(gate: threading.Event) -> None:
    """The one casts to itself, far from the tree; the tree's loop waits for it, blocked."""

    class Counts(Actor):
        def init(self) -> None:
            self.send_after(1, 0.0)

        def handle_info(self, message: object) -> None:
            if message == 20:
                gate.set()
            self.send_after(cast("int", message) + 1, 0.0)

    async with start_tree(Supervisor.spec("root", [in_thread(ChildSpec("it", Counts))])):
        assert gate.wait(20.0)  # blocks the loop


@pytest.mark.conformance("F17")
async def test_handler_that_blocks_holds_up_nobody_else(gate: threading.Event) -> None:
    async with isolated("thread") as (tree, seen):
        tree.ref("it").cast(("block", gate))
        await seen.of("blocks")
        assert await tree.ref("beside").call("x") == ("recorder", "x")
        gate.set()
        assert await tree.ref("it").call("count") == 0


async def test_its_own_call_is_bounded_while_the_trees_loop_is_blocked(gate: threading.Event) -> None:
    class Asks(Actor):
        async def init(self) -> None:
            self.send_after("ask", 0.0)

        async def handle_info(self, message: object) -> None:
            try:
                await self.ref("seen").call("hang", timeout=0.05)
            except TimeoutError:
                gate.set()

    async with isolated("thread", Asks):
        assert gate.wait(20.0)  # blocks the loop


async def test_messages_are_handed_over_as_they_are_but_for_references() -> None:
    kept: list[object] = []

    class Keeps(Actor):
        def handle_cast(self, message: object) -> None:
            kept.append(message)

    async with isolated("thread", Keeps) as (tree, _):
        payload = {"a": 1}
        tree.ref("it").cast((payload, tree.ref("beside")))
        tree.ref("it").cast(payload)
        while len(kept) < 2:  # noqa: ASYNC110  the other thread sets no event of ours
            await asyncio.sleep(0.01)
        pair, second = kept
        first, reference = cast("tuple[object, object]", pair)
        assert first is payload
        assert second is payload
        assert isinstance(reference, FarRef)
        assert reference.name == "beside"


async def test_exit_of_the_program_that_it_asks_for_is_the_trees_affair() -> None:
    async def run() -> None:
        async with isolated("thread") as (tree, _):
            tree.ref("it").cast(("sys.exit", 5))
            await tree.wait()

    with pytest.raises(SystemExit) as exited:
        await run()
    assert exited.value.code == 5


@pytest.mark.conformance("F10", "F15", "F19")
async def test_thread_that_blocks_is_abandoned_fenced_and_not_overlapped(
    gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_in, "PREDECESSOR_SECONDS", 0.05)
    async with isolated("thread", shutdown=0.05) as (tree, seen):
        await tree.ref("seen").call(("monitor", "it"))
        answer = asyncio.ensure_future(tree.ref("it").call(("block", gate)))
        await seen.of("blocks")
        with captured(("supervisor", "child", "abandoned")) as abandoned:
            await terminate_child(tree.ref("root"), "it")
        assert [event.metadata["path"] for event in abandoned] == ["it"]
        with pytest.raises(CallFailedError):
            await answer
        assert [down.reason for down in seen.downs()] == [Killed()]
        assert [zombie.path for zombie in tree.system.zombies] == ["it"]

        with pytest.raises(Exception, match="not started beside its predecessor") as refused:
            await restart_child(tree.ref("root"), "it")
        assert isinstance(refused.value.__cause__, PredecessorRunsError)

        [zombie] = tree.system.zombies
        with captured(("actor", "report", "fenced")) as fenced:
            gate.set()
            await asyncio.wait({zombie.task}, timeout=20.0)
        assert fenced
        assert "zombie speaks" not in seen.events
        assert tree.system.zombies == set()
        await restart_child(tree.ref("root"), "it")
        assert await tree.ref("it").call("count") == 0
        assert len(seen.downs()) == 1


@pytest.mark.conformance("F10", "F15")
async def test_killed_while_it_blocks_it_is_given_up_and_its_successor_waits_for_its_end(
    gate: threading.Event,
) -> None:
    async with isolated("thread") as (tree, seen):
        tree.ref("it").cast(("block", gate))
        await seen.of("blocks")
        with captured(("supervisor", "child", "abandoned"), ("supervisor", "child", "restarting")) as events:
            tree.kill("it")
            while len(events) < 2:  # noqa: ASYNC110  a handler's list has no event
                await asyncio.sleep(0.01)
        assert len(seen.of_kind("up")) == 1
        gate.set()
        await seen.until(lambda _: len(seen.of_kind("up")) == 2)
        assert await tree.ref("it").call("count") == 0


@pytest.mark.conformance("F15")
async def test_tree_that_stops_names_the_thread_that_would_not(gate: threading.Event) -> None:
    seen = Seen()
    async with isolated("thread", Isolated, shutdown=0.05, seen=seen) as (tree, _):
        tree.ref("it").cast(("block", gate))
        await seen.of("blocks")
        stopped = await tree.stop()
        assert [one.path for one in stopped.would_not_stop] == ["it"]
        gate.set()


async def test_a_whole_branch_may_live_in_a_thread() -> None:
    class Leaf(Actor):
        def handle_info(self, message: object) -> None:
            self.ref("seen").cast((self.path, threading.current_thread().name))

        def init(self) -> None:
            self.send_after("x", 0.0)

    async with isolated("thread", Supervisor, [ChildSpec("leaf", Leaf)]) as (tree, seen):
        await seen.of(("it/leaf", "it"))
        assert tree.ref("it").pid is not None
