"""The tree as seen from outside: data, picture, references, and who kills whom."""

import asyncio

import pytest

from supervisor import (
    ActorSystem,
    Backoff,
    ChildNotFoundError,
    ChildSpec,
    Supervisor,
    check_tree,
    start_tree,
)
from supervisor.process.exits import NORMAL
from supervisor.testing import settle
from supervisor.tree import render
from tests.process.actors import Scripted, Seen, one, running
from tests.tree.deep_trees import deep

LATER = Backoff(initial=10.0, jitter=0.0)


def leaf(name: str, **options: object) -> ChildSpec:
    return ChildSpec(name, Scripted, (Seen(),), **options)  # type: ignore[arg-type]


async def test_picture_shows_state_handle_restarts_and_what_waits() -> None:
    inner = Supervisor.spec("inner", [leaf("x"), leaf("y", mailbox="keep", backoff=LATER)])
    async with running(leaf("first"), inner, leaf("last", restart="transient")) as tree:
        tree.ref("last").cast("stop")
        for _ in range(2):
            tree.kill("inner/x")
            await settle()
        tree.kill("inner/y")
        await settle()
        tree.ref("inner/y").cast("waits")
        assert tree.render().splitlines() == [
            "root  (running, pid 1)",
            "├── first  (running, pid 2)",
            "├── inner  (running, pid 3)",
            "│   ├── x  (running, pid 8, 2 restarts)",
            "│   └── y  (restarting, 1 waiting)",
            "└── last  (stopped)",
        ]


async def test_one_that_has_just_been_killed_has_no_handle_any_more() -> None:
    """Its supervisor has not been told yet."""
    async with one(backoff=Backoff()) as (tree, _):
        process = tree.system.address("it").process
        assert process is not None
        tree.kill("it")
        process.end_if_idle()
        assert [(node.path, node.pid) for node in tree.describe().children] == [("it", None)]


async def test_start_in_progress_is_shown_as_such() -> None:
    class Slow(Scripted):
        async def init(self) -> None:
            await asyncio.sleep(10.0)

    system = ActorSystem()
    spec = Supervisor.spec("root", [leaf("a"), ChildSpec("b", Slow, (Seen(),)), leaf("c")])

    async def live() -> None:
        async with start_tree(spec, system):
            pass

    living = asyncio.ensure_future(live())
    await asyncio.sleep(5.0)
    root = system.address("root").process
    assert root is not None
    assert isinstance(root.actor, Supervisor)
    assert [(child.spec.id, child.state) for child in root.actor.children] == [
        ("a", "running"),
        ("b", "starting"),
    ]
    await living


async def test_references_may_be_made_before_anybody_runs() -> None:
    system = ActorSystem()
    ref = system.ref("it")
    ref.cast("lost")
    assert ref.pid is None
    async with start_tree(Supervisor.spec("root", [leaf("it")]), system) as tree:
        assert await ref.call("hello") == "hello"
        assert ref == tree.ref("it")
        assert system.whereis("it") == ref.pid
    assert system.whereis("it") is None


@pytest.mark.conformance("B24")
async def test_name_of_one_that_has_ended_is_free_when_its_end_is_known() -> None:
    async with one(restart="temporary") as (tree, _):
        process = tree.system.address("it").process
        assert process is not None
        tree.ref("it").cast("stop")
        assert await process.ended == NORMAL
        assert tree.system.whereis("it") is None


async def test_kill_of_a_root_that_has_ended_finds_nobody() -> None:
    async with running() as tree:
        await tree.stop()
        with pytest.raises(ChildNotFoundError, match="no child 'root' under 'root'"):
            tree.kill("root")


@pytest.mark.conformance("A31")
async def test_child_called_root_is_refused_because_the_name_is_taken() -> None:
    with pytest.raises(Exception, match="'root' failed to start: it is already started as <Pid 1 'root'>"):
        async with running(leaf("root")):
            pytest.fail("it came up")


async def test_many_actors_leave_nothing_behind() -> None:
    async with running(*(leaf(f"n{number}") for number in range(200))) as tree:
        for number in range(200):
            if number % 7 == 0:
                tree.kill(f"n{number}")
        await settle()
        assert len(tree.system.processes) == 201
    assert tree.system.processes == ()
    assert tree.system.zombies == set()


async def test_tree_may_be_deeper_than_calls_can_be_nested() -> None:
    spec = deep(1000, leaf("leaf"))
    planned = check_tree(spec)
    async with start_tree(spec) as tree:
        shown = tree.describe()
    for node in (planned, shown):
        assert [one.path.count("/") for one in node.walk()] == [0, *range(1000)]
        assert len(render(node).splitlines()) == 1001
