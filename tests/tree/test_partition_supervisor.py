"""Work that is spread over equal children by key, and the children made fewer or more."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar

import pytest

from supervisor import (
    Actor,
    ActorRef,
    ActorSystem,
    Backoff,
    BadChildSpecError,
    CallFailedError,
    ChildCounts,
    ChildSpec,
    NoPartitionsError,
    NoProcessError,
    PartitionCountError,
    PartitionSupervisor,
    Registry,
    RequestRefusedError,
    StartFailedError,
    Supervisor,
    Tree,
    Via,
    count_children,
    delete_child,
    partition_ref,
    partitions,
    resize,
    restart_child,
    start_child,
    start_tree,
    terminate_child,
    update_supervisor,
    which_children,
)
from supervisor.errors import BadNameError
from supervisor.testing import captured, settle
from supervisor.tree.partition_routing import partition_of
from tests.process.actors import running
from tests.tree.dynamic_trees import Leaf
from tests.tree.test_dynamic_stops import CleansUp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Counter(Actor):
    """Says which it is, and how often it was asked."""

    starts: ClassVar[list[tuple[object, ...]]] = []

    def __init__(self, *arguments: object) -> None:
        self.starts.append(arguments)
        self.asked = 0

    def handle_call(self, request: object, caller: object) -> object:
        self.asked += 1
        return self.path, self.asked

    def handle_cast(self, message: object) -> None:
        raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _no_starts() -> None:
    Counter.starts.clear()


@asynccontextmanager
async def carts(count: int = 4, **options: object) -> AsyncIterator[tuple[Tree, ActorRef]]:
    """A tree with partitions at "carts"."""
    async with running(PartitionSupervisor.spec("carts", Counter, partitions=count, **options)) as tree:  # type: ignore[arg-type]
        yield tree, tree.ref("carts")


# --- what it starts -----------------------------------------------------------------------------------------


@pytest.mark.conformance("A69", "S4.18", "S4.19")
async def test_its_children_are_the_partitions_with_their_index_as_id() -> None:
    async with carts(3) as (tree, ref):
        infos = await which_children(ref)
        assert [(info.id, info.path, info.kind) for info in infos] == [
            (str(index), f"carts/{index}", "worker") for index in range(3)
        ]
        assert [info.pid for info in infos] == [tree.ref(f"carts/{index}").pid for index in range(3)]
        assert await count_children(ref) == ChildCounts(specs=3, active=3, supervisors=0, workers=3)
        assert await partitions(ref) == 3


@pytest.mark.conformance("S4.20")
async def test_partitions_that_are_supervisors_are_counted_as_such() -> None:
    spec = PartitionSupervisor.spec(
        "carts", Supervisor.spec("inner", [ChildSpec("leaf", Leaf)]), partitions=2
    )
    async with running(spec) as tree:
        assert await count_children(tree.ref("carts")) == ChildCounts(
            specs=2, active=2, supervisors=2, workers=0
        )
        assert tree.ref("carts/1/leaf").pid is not None


@pytest.mark.conformance("A69")
async def test_there_is_one_for_each_core_if_nobody_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    async with running(PartitionSupervisor.spec("carts", Leaf)) as tree:
        assert await partitions(tree.ref("carts")) == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    async with running(PartitionSupervisor.spec("carts", Leaf)) as tree:
        assert await partitions(tree.ref("carts")) == 5


@pytest.mark.conformance("A69")
async def test_each_is_told_its_index_where_that_is_asked_for_also_at_a_restart() -> None:
    child = ChildSpec("cart", Counter, ("db",))
    spec = PartitionSupervisor.spec(
        "carts", child, partitions=2, with_arguments=lambda args, index: (*args, index)
    )
    async with running(spec) as tree:
        tree.kill("carts/1")
        await settle()
        assert Counter.starts == [("db", 0), ("db", 1), ("db", 1)]


async def test_one_that_crashes_comes_back_alone() -> None:
    async with carts() as (tree, ref):
        pids = [tree.ref(f"carts/{index}").pid for index in range(4)]
        partition_ref(ref, 2).cast("crash")
        await settle()
        again = [tree.ref(f"carts/{index}").pid for index in range(4)]
        assert [old is new for old, new in zip(pids, again, strict=True)] == [True, True, False, True]
        assert None not in again


# --- routing ------------------------------------------------------------------------------------------------


@pytest.mark.conformance("A70")
@pytest.mark.parametrize("key", [0, 5, -5, "alice", b"alice", ("tenant", 7), None, 2.5])
async def test_key_leads_to_its_partition_and_the_reference_outlives_restarts(key: object) -> None:
    async with carts() as (tree, ref):
        path = f"carts/{partition_of(key, 4)}"
        cart = partition_ref(ref, key)
        assert await cart.call("hello") == (path, 1)
        assert cart.pid is tree.ref(path).pid
        tree.kill(path)
        await settle()
        assert await cart.call("hello") == (path, 1)
        assert cart.pid is tree.ref(path).pid


async def test_handles_and_references_are_keys_by_their_number_and_name() -> None:
    async with carts() as (tree, ref):
        pid = tree.ref("root").pid
        assert pid is not None
        assert partition_ref(ref, pid).pid is partition_ref(ref, pid.number).pid
        assert partition_ref(ref, tree.ref("root")).pid is partition_ref(ref, "root").pid
        with pytest.raises(BadNameError):
            partition_ref(ref, object())


async def test_reference_may_be_made_before_anybody_runs_and_be_monitored_like_any_other() -> None:
    async with running() as tree:
        ref = tree.ref("carts")
        cart = partition_ref(ref, "alice")
        with pytest.raises(NoProcessError, match=r"carts\['alice'\]"):
            await cart.call("hello")
        await start_child(tree.ref("root"), PartitionSupervisor.spec("carts", Counter, partitions=2))
        assert cart.pid is not None
        assert await cart.call("hello") == (f"carts/{partition_of('alice', 2)}", 1)


async def test_reference_waits_for_its_partition_to_come_up_if_asked_to() -> None:
    async with running() as tree:
        cart = partition_ref(tree.ref("carts"), "alice", Counter)
        waiting = asyncio.ensure_future(cart.when_up())
        await settle()
        await start_child(tree.ref("root"), PartitionSupervisor.spec("carts", Counter, partitions=2))
        assert await waiting is cart.pid
        await resize(tree.ref("carts"), 0)
        waiting = asyncio.ensure_future(cart.when_up())
        await settle()
        await resize(tree.ref("carts"), 1)
        assert await waiting is tree.ref("carts/0").pid


async def test_only_a_partition_supervisor_has_partitions() -> None:
    async with running(ChildSpec("leaf", Leaf)) as tree:
        with pytest.raises(RequestRefusedError, match="refused by 'leaf': it is no partition supervisor"):
            partition_ref(tree.ref("leaf"), 1)


# --- resizing -----------------------------------------------------------------------------------------------


@pytest.mark.conformance("A71", "S4.17")
async def test_partitions_are_made_fewer_and_again_as_many_but_not_more() -> None:
    async with carts() as (tree, ref):
        last = partition_ref(ref, 3)
        assert last.pid is tree.ref("carts/3").pid
        assert await resize(ref, 2) == 4
        assert await partitions(ref) == 2
        assert [info.pid is not None for info in await which_children(ref)] == [True, True, False, False]
        assert await count_children(ref) == ChildCounts(specs=4, active=2, supervisors=0, workers=4)
        assert last.pid is tree.ref("carts/1").pid
        assert await resize(ref, 4) == 2
        assert await count_children(ref) == ChildCounts(4, 4, 0, 4)
        assert last.pid is tree.ref("carts/3").pid
        assert await resize(ref, 4) == 4
        with pytest.raises(PartitionCountError, match="between 0 and 4, got 5") as refused:
            await resize(ref, 5)
        assert (refused.value.partitions, refused.value.most) == (5, 4)
        assert await partitions(ref) == 4


@pytest.mark.conformance("A71")
async def test_without_partitions_a_key_leads_nowhere_and_that_is_an_error() -> None:
    async with carts(1) as (_, ref):
        before = partition_ref(ref, "alice")
        assert await resize(ref, 0) == 1
        with pytest.raises(NoPartitionsError, match="key 'alice' leads nowhere: 'carts'"):
            partition_ref(ref, "alice")
        with pytest.raises(NoProcessError):
            await before.call("hello")
        with captured(("actor", "mailbox", "dropped")) as dropped:
            before.cast("hello")
        assert len(dropped) == 1
        assert await resize(ref, 1) == 0
        assert await before.call("hello") == ("carts/0", 1)


@pytest.mark.conformance("A71")
async def test_keys_lead_past_a_partition_before_it_is_stopped_highest_first() -> None:
    order: list[tuple[str, float]] = []
    spec = PartitionSupervisor.spec("carts", (CleansUp, 1.0, order), partitions=3)
    async with running(spec) as tree:
        ref = tree.ref("carts")
        cart = partition_ref(ref, 2)
        shrinking = asyncio.ensure_future(resize(ref, 1))
        await settle()
        assert cart.pid is tree.ref("carts/0").pid
        assert tree.ref("carts/2").pid is not None
        await asyncio.sleep(1.5)
        assert (tree.ref("carts/2").pid, tree.ref("carts/1").pid is None) == (None, False)
        assert await shrinking == 3


@pytest.mark.conformance("A71")
async def test_partition_that_does_not_come_up_again_leaves_those_before_it() -> None:
    class OnlyOnce(Leaf):
        starts = 0

        def init(self) -> None:
            OnlyOnce.starts += 1
            if OnlyOnce.starts > 4:
                raise ZeroDivisionError

    async with running(PartitionSupervisor.spec("carts", OnlyOnce, partitions=3)) as tree:
        ref = tree.ref("carts")
        await resize(ref, 1)
        with pytest.raises(StartFailedError):
            await resize(ref, 3)
        assert await partitions(ref) == 2
        assert partition_ref(ref, 1).pid is tree.ref("carts/1").pid


async def test_temporary_partition_that_has_ended_is_started_again_by_a_resize() -> None:
    spec = PartitionSupervisor.spec("carts", ChildSpec("it", Counter, restart="temporary"), partitions=2)
    async with running(spec) as tree:
        ref = tree.ref("carts")
        await resize(ref, 1)
        await resize(ref, 2)
        assert tree.ref("carts/1").pid is not None


async def test_who_waits_in_the_mailbox_of_a_partition_that_is_stopped_is_told() -> None:
    child = ChildSpec("cart", Leaf, mailbox="keep", backoff=Backoff(initial=10.0))
    async with running(PartitionSupervisor.spec("carts", child, partitions=2)) as tree:
        tree.kill("carts/1")
        await settle()
        waiting = asyncio.ensure_future(tree.ref("carts/1").call("hello"))
        await settle()
        await resize(tree.ref("carts"), 1)
        with pytest.raises(CallFailedError):
            await waiting


async def test_partition_that_is_started_again_by_a_resize_begins_with_a_clean_record() -> None:
    backoff = Backoff(initial=1.0, factor=2.0, jitter=0.0)
    child = ChildSpec("cart", Counter, backoff=backoff)
    with captured(("supervisor", "child", "restarting")) as restarts:
        async with running(PartitionSupervisor.spec("carts", child, partitions=2)) as tree:
            for _ in range(2):
                tree.kill("carts/1")
                await asyncio.sleep(3.0)
            for count in (1, 2):
                await resize(tree.ref("carts"), count)
            tree.kill("carts/1")
            await settle()
    assert [event.measurements["delay_seconds"] for event in restarts] == [1.0, 2.0, 1.0]


@pytest.mark.parametrize("count", [-1, 1.0, True, "2"])
async def test_number_that_cannot_be_one_of_partitions_is_refused_in_the_caller(count: int) -> None:
    with pytest.raises(PartitionCountError, match=r"partitions must be a whole number >= 0, got"):
        await resize(ActorSystem().ref("nobody"), count)


# --- names and options --------------------------------------------------------------------------------------


@pytest.mark.conformance("S4.1", "S4.2")
def test_id_is_the_name_unless_given() -> None:
    assert PartitionSupervisor.spec("carts", Leaf).id == "carts"
    via = PartitionSupervisor.spec(Via("names", "carts"), Leaf)
    assert (via.id, via.name) == ("carts", Via("names", "carts"))
    given = PartitionSupervisor.spec("the carts", Leaf, id="carts")
    assert (given.id, given.name) == ("carts", "the carts")


@pytest.mark.conformance("S4.4", "S4.12", "S4.22")
async def test_it_is_reached_counted_stopped_and_routes_by_a_key_of_a_registry() -> None:
    name = Via("names", "carts")
    async with running(Registry.spec("names"), PartitionSupervisor.spec(name, Counter, partitions=2)) as tree:
        ref = tree.system.ref(name)
        assert await partitions(ref) == 2
        assert await count_children(ref) == ChildCounts(2, 2, 0, 2)
        cart = partition_ref(ref, 1)
        assert await cart.call("hello") == ("carts/1", 1)
        stopped = ref.pid
        assert stopped is not None
        await ref.stop()
        assert not stopped.is_alive
        await settle()
        assert await cart.call("hello") == ("carts/1", 1)
        assert ref.pid not in {stopped, None}


@pytest.mark.conformance("A72")
async def test_its_stop_waits_for_the_partitions_and_frees_the_name() -> None:
    async with running() as tree:
        root, spec = tree.ref("root"), PartitionSupervisor.spec("carts", (CleansUp, 1.0), partitions=2)
        await start_child(root, spec)
        await terminate_child(root, "carts")
        assert [process.path for process in tree.system.processes] == ["root"]
        await delete_child(root, "carts")
        assert await start_child(root, spec) is not None


@pytest.mark.conformance("A52", "S4.13", "S4.21")
@pytest.mark.parametrize("ask", [partitions, count_children, which_children])
async def test_asking_one_that_is_not_there_is_an_error(
    ask: "Callable[[ActorRef], Awaitable[object]]",
) -> None:
    with pytest.raises(NoProcessError):
        await ask(ActorSystem().ref("nobody"))


@pytest.mark.conformance("A58", "A72", "S4.6", "S4.7", "S4.8", "S4.9", "S4.10")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": None}, "name must be a non-empty string or a Via, got None"),
        ({"name": ""}, "name must be a non-empty string or a Via, got ''"),
        ({"name": "a/b"}, "id must be a non-empty string without '/', got 'a/b'"),
        ({"child": None}, "a child must be a ChildSpec, .* got None"),
        ({"partitions": 0}, "partitions must be a whole number >= 1 or None, got 0"),
        ({"partitions": 1.5}, r"partitions must be a whole number >= 1 or None, got 1\.5"),
        ({"partitions": True}, "partitions must be a whole number >= 1 or None, got True"),
        ({"with_arguments": 7}, "with_arguments must take the arguments and an index, got 7"),
        ({"with_arguments": lambda one: one}, "with_arguments must take the arguments and an index"),
        ({"auto_shutdown": "any"}, "auto_shutdown of partitions must be 'never', got 'any'"),
        ({"strategy": "one_for_all"}, "strategy must be 'one_for_one', as partitions do not depend"),
        ({"max_restarts": -1}, "max_restarts must be a whole number >= 0, got -1"),
        (
            {"child": ChildSpec("it", Leaf, restart="temporary", significant=True)},
            "child 'it' is significant; its supervisor's auto_shutdown",
        ),
        ({"partitions": -1, "max_seconds": 0}, "partitions must .*; max_seconds must"),
    ],
)
def test_each_wrong_option_is_named_where_it_is_given(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadChildSpecError, match=message):
        PartitionSupervisor.spec(**{"name": "carts", "child": Leaf, **options})  # type: ignore[arg-type]


@pytest.mark.conformance("S4.6", "S4.7")
def test_name_and_spec_have_no_defaults() -> None:
    with pytest.raises(TypeError, match="'name' and 'child'"):
        PartitionSupervisor.spec()  # type: ignore[call-arg]


async def test_hook_that_makes_no_arguments_is_named_at_the_start() -> None:
    spec = PartitionSupervisor.spec("carts", Leaf, partitions=2, with_arguments=lambda _, index: index)  # type: ignore[arg-type,return-value]
    with pytest.raises(StartFailedError, match="with_arguments must return a tuple, got 0 for partition 0"):
        async with running(spec):
            pass


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (lambda ref: start_child(ref, Leaf), "start_child"),
        (lambda ref: terminate_child(ref, "0"), "terminate_child"),
        (lambda ref: restart_child(ref, "0"), "restart_child"),
        (lambda ref: delete_child(ref, "0"), "delete_child"),
    ],
)
async def test_partitions_are_neither_added_nor_taken_away_one_by_one(
    request_: "Callable[[ActorRef], Awaitable[object]]", name: str
) -> None:
    async with carts() as (_, ref):
        with pytest.raises(RequestRefusedError, match=f"{name} is refused by 'carts': .* use resize"):
            await request_(ref)


@pytest.mark.conformance("A67")
async def test_options_can_be_replaced_while_it_runs_but_not_the_number() -> None:
    async with carts(2) as (tree, ref):
        await update_supervisor(ref, PartitionSupervisor.spec("carts", (Counter, "new"), partitions=2))
        tree.kill("carts/0")
        await settle()
        assert Counter.starts == [(), (), ("new",)]
        with pytest.raises(BadChildSpecError, match="an update must have 2 partitions, got 3"):
            await update_supervisor(ref, PartitionSupervisor.spec("carts", Counter, partitions=3))
        assert await partitions(ref) == 2


async def test_it_can_be_the_root_and_stands_in_the_picture() -> None:
    async with start_tree(PartitionSupervisor.spec("carts", Counter, partitions=2)) as tree:
        assert await partition_ref(tree.ref("root"), 1).call("hello") == ("1", 1)
        assert [node.path for node in tree.describe().walk()] == ["root", "0", "1"]
