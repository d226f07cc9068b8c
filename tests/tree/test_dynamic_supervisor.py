"""Children that are started at run time: any spec, by key or without, and what is refused."""

import gc
import weakref
from typing import TYPE_CHECKING, ClassVar

import pytest

from supervisor import (
    IGNORE,
    Actor,
    ActorRef,
    ActorSystem,
    AlreadyPresentError,
    AlreadyStartedError,
    Backoff,
    BadChildSpecError,
    ChildCounts,
    ChildNotFoundError,
    ChildSpec,
    DynamicSupervisor,
    MaxChildrenError,
    NoProcessError,
    RequestRefusedError,
    StartFailedError,
    Supervisor,
    count_children,
    delete_child,
    get_childspec,
    restart_child,
    start_child,
    start_tree,
    terminate_child,
    update_supervisor,
    which_child,
    which_children,
)
from supervisor.testing import captured, settle
from supervisor.tree import RestartType
from tests.process.actors import Scripted, Seen, running
from tests.tree.dynamic_trees import Declines, Leaf, Refuses, ends, started, workers
from tests.tree.test_restart_matrix import WANTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LATER = Backoff(initial=10.0, factor=1.0, jitter=0.0)


class Argued(Actor):
    """Notes the arguments of each of its starts."""

    starts: ClassVar[list[tuple[object, ...]]] = []

    def __init__(self, *arguments: object, **more: object) -> None:
        self.starts.append((*arguments, *more.values()))


@pytest.fixture(autouse=True)
def _no_starts() -> None:
    Argued.starts.clear()


# --- starting -----------------------------------------------------------------------------------------------


@pytest.mark.conformance("A55", "S3.12", "S3.13")
async def test_one_spec_and_one_class_may_be_started_any_number_of_times() -> None:
    async with workers() as (tree, ref):
        spec = ChildSpec("same", Leaf, (1,))
        pids = [await started(ref, child) for child in (spec, spec, Leaf, (Leaf, 1))]
        infos = await which_children(ref)
        assert [info.pid for info in infos] == pids
        assert len({info.path for info in infos}) == 4
        assert [node.pid for node in tree.describe().walk()][2:] == [pid.number for pid in pids]


@pytest.mark.conformance("S3.1")
async def test_it_is_a_child_like_any_other_and_its_own_stand_in_the_picture() -> None:
    async with workers() as (tree, ref):
        pid = await started(ref, Leaf, key="alice")
        lines = tree.render().splitlines()
        assert [line.split("  (")[0] for line in lines] == ["root", "└── workers", "    └── alice"]
        assert (await which_child(tree.ref("root"), "workers")).kind == "supervisor"
    assert not pid.is_alive


async def test_it_can_be_the_root() -> None:
    async with start_tree(DynamicSupervisor.spec()) as tree:
        pid = await started(tree.ref("root"), Leaf, key="leaf")
        assert tree.ref("leaf").pid is pid
        await terminate_child(tree.ref("root"), pid)
        assert await which_children(tree.ref("root")) == ()


@pytest.mark.conformance("A30", "A31", "S1.6", "S1.12", "S3.16")
async def test_every_answer_of_a_start_reaches_who_asked_and_only_a_handle_leaves_a_child() -> None:
    async with workers() as (tree, ref):
        system = tree.system
        stranger = await system.start(Leaf, name="workers/taken")
        assert await start_child(ref, Leaf) is not None
        assert await start_child(ref, ChildSpec("it", Declines, restart="permanent")) is None
        assert await start_child(ref, ChildSpec("it", Declines, restart="temporary")) is None
        with captured(("supervisor", "child", "start_failed")) as failed:
            with pytest.raises(StartFailedError, match=r"crashed .*no disk") as raised:
                await start_child(ref, Refuses)
            with pytest.raises(StartFailedError, match="must make an Actor, got 7"):
                await start_child(ref, ChildSpec("junk", lambda: 7))  # type: ignore[arg-type,return-value]
            with pytest.raises(AlreadyStartedError) as taken:
                await start_child(ref, Leaf, key="taken")
        assert isinstance(raised.value.__cause__, ZeroDivisionError)
        assert taken.value.pid is stranger
        assert len(failed) == 3
        assert await count_children(ref) == ChildCounts(specs=1, active=1, supervisors=0, workers=1)
        assert stranger is not None
        assert stranger.is_alive


@pytest.mark.conformance("A57", "S3.14")
async def test_the_supervisors_arguments_come_first_at_each_start_once() -> None:
    async with workers(extra_args=("first", 2)) as (tree, ref):
        await start_child(ref, ChildSpec("it", Argued, ("own",), {"named": 3}), key="it")
        for _ in range(2):
            tree.kill("workers/it")
            await settle()
        assert Argued.starts == [("first", 2, "own", 3)] * 3


@pytest.mark.conformance("A56", "S3.18")
async def test_no_more_children_than_it_may_have_and_a_restarting_one_counts() -> None:
    async with workers(max_children=2) as (tree, ref):
        await start_child(ref, ChildSpec("it", Leaf, backoff=LATER), key="slow")
        await start_child(ref, Leaf, key="b")
        tree.kill("workers/slow")
        await settle()
        with pytest.raises(MaxChildrenError, match=r"'workers' has .* may \(max_children=2\)") as refused:
            await start_child(ref, Leaf)
        assert (refused.value.supervisor, refused.value.max_children) == ("workers", 2)
        await terminate_child(ref, "b")
        assert await start_child(ref, Leaf) is not None


@pytest.mark.conformance("A56", "S3.18")
async def test_limit_of_no_children_refuses_each() -> None:
    async with workers(max_children=0) as (_, ref):
        with pytest.raises(MaxChildrenError, match="max_children=0"):
            await start_child(ref, Leaf)


@pytest.mark.conformance("A35")
@pytest.mark.parametrize("restart", ["temporary", "permanent"])
async def test_arguments_of_a_temporary_child_are_let_go(restart: RestartType) -> None:
    class Precious:
        pass

    async with workers() as (_, ref):
        precious = Precious()
        watched = weakref.ref(precious)
        pid = await started(ref, ChildSpec("it", Leaf, (precious,), {}, restart=restart))
        await settle()
        del precious
        gc.collect()
        assert (watched() is None) is (restart == "temporary")
        assert ((await get_childspec(ref, pid)).args == ()) is (restart == "temporary")


# --- keys ---------------------------------------------------------------------------------------------------


async def test_key_and_the_reference_to_it_outlive_restarts() -> None:
    async with workers() as (tree, ref):
        pid = await started(ref, ChildSpec("it", Scripted, (Seen(),)), key="alice")
        alice = tree.ref("workers/alice")
        assert alice.pid is pid
        tree.kill("workers/alice")
        await settle()
        assert alice.pid not in {pid, None}
        assert await alice.call("hello") == "hello"
        assert (await which_child(ref, "alice")).pid is alice.pid
        await terminate_child(ref, "alice")
        assert alice.pid is None


async def test_child_without_a_key_is_referred_to_by_its_path_and_no_stranger_ever_has_that() -> None:
    async with running(DynamicSupervisor.spec("workers")) as tree:
        ref = tree.ref("workers")
        pid = await started(ref, Leaf)
        first = tree.ref(pid.path)
        tree.kill(pid.path)
        await settle()
        assert first.pid not in {pid, None}
        tree.kill("workers")
        await settle()
        assert (await started(ref, Leaf)).path != pid.path
        assert first.pid is None


async def test_key_belongs_to_one_child_at_a_time() -> None:
    async with workers() as (tree, ref):
        pid = await started(ref, ChildSpec("it", Leaf, backoff=LATER), key="alice")
        with pytest.raises(AlreadyStartedError) as running_:
            await start_child(ref, Leaf, key="alice")
        assert running_.value.pid is pid
        tree.kill("workers/alice")
        await settle()
        with pytest.raises(
            AlreadyPresentError, match=r"'alice' is already present \(restarting\); terminate"
        ):
            await start_child(ref, Leaf, key="alice")
        await terminate_child(ref, "alice")
        again = await started(ref, Leaf, key="alice")
        with pytest.raises(ChildNotFoundError):  # the handle of the other alice
            await terminate_child(ref, pid)
        assert again.is_alive


@pytest.mark.parametrize("key", ["", "a/b", "#7", 7])
async def test_bad_key_is_refused_in_the_caller(key: str) -> None:
    with pytest.raises(BadChildSpecError, match="key must be a non-empty string without '/'"):
        await start_child(ActorSystem().ref("nobody"), Leaf, key=key)


async def test_static_supervisor_has_no_keys() -> None:
    async with running() as tree:
        with pytest.raises(BadChildSpecError, match="a key is for children of a DynamicSupervisor, got 'a'"):
            await start_child(tree.ref("root"), Leaf, key="a")


# --- asking -------------------------------------------------------------------------------------------------


@pytest.mark.conformance("A59", "A60")
async def test_restarting_child_is_counted_but_not_as_active_and_ends_by_its_old_handle() -> None:
    async with workers() as (tree, ref):
        pid = await started(ref, ChildSpec("it", Leaf, backoff=LATER), key="it")
        tree.kill("workers/it")
        await settle()
        assert await count_children(ref) == ChildCounts(specs=1, active=0, supervisors=0, workers=1)
        assert [(info.state, info.pid) for info in await which_children(ref)] == [("restarting", None)]
        assert (await which_child(ref, pid)).state == "restarting"
        await terminate_child(ref, pid)
        assert await which_children(ref) == ()
        await settle()
        assert tree.ref("workers/it").pid is None


@pytest.mark.conformance("S1.72", "S1.73")
@pytest.mark.parametrize("kind", ["worker", "supervisor"])
async def test_counts_agree_with_the_list_for_thousands_and_for_none(kind: str) -> None:
    child = ChildSpec("it", Leaf, restart="temporary") if kind == "worker" else Supervisor.spec("inner")
    async with workers() as (_, ref):
        for expected in (1000, 2000):
            for _ in range(1000):
                await start_child(ref, child)
            infos = await which_children(ref)
            assert len(infos) == expected == len({info.pid for info in infos})
            counts = await count_children(ref)
            assert (counts.specs, counts.active) == (expected, expected)
            assert (counts.workers, counts.supervisors)[kind == "supervisor"] == expected
        for info in infos:
            assert info.pid is not None
            await terminate_child(ref, info.pid)
        assert await which_children(ref) == ()
        assert await count_children(ref) == ChildCounts(0, 0, 0, 0)


async def test_many_children_are_not_all_listed_in_an_error() -> None:
    async with workers() as (_, ref):
        for number in range(30):
            await start_child(ref, Leaf, key=f"key-{number}")
        with pytest.raises(ChildNotFoundError, match=r"'key-19' and 10 more$"):
            await which_child(ref, "nobody")


@pytest.mark.conformance("A54", "S1.65")
@pytest.mark.parametrize(
    ("request_", "name"), [(restart_child, "restart_child"), (delete_child, "delete_child")]
)
async def test_nothing_is_kept_of_a_child_so_it_can_be_neither_restarted_nor_deleted(
    request_: "Callable[[ActorRef, str], Awaitable[object]]", name: str
) -> None:
    async with workers() as (_, ref):
        await start_child(ref, Leaf, key="it")
        with pytest.raises(RequestRefusedError, match=f"{name} is refused by 'workers'") as refused:
            await request_(ref, "it")
        assert (refused.value.request, refused.value.supervisor) == (name, "workers")


@pytest.mark.conformance("A52")
async def test_asking_one_that_does_not_run_is_an_error_at_the_caller() -> None:
    ref = ActorSystem().ref("nobody")
    with pytest.raises(NoProcessError):
        await start_child(ref, Leaf)


@pytest.mark.conformance("A58", "S3.15", "S3.29", "S3.30")
async def test_bad_spec_is_refused_before_anybody_is_asked() -> None:
    ref = ActorSystem().ref("nobody")
    with pytest.raises(BadChildSpecError, match=r"shutdown must be .* seconds >= 0, got -1"):
        await start_child(ref, ChildSpec("it", Leaf, shutdown=-1))
    with pytest.raises(BadChildSpecError, match="a child must be a ChildSpec"):
        await start_child(ref, "it")  # type: ignore[arg-type]
    for shutdown in (0, 0.001):
        with pytest.raises(NoProcessError):
            await start_child(ref, ChildSpec("it", Leaf, shutdown=shutdown))


# --- options ------------------------------------------------------------------------------------------------


@pytest.mark.conformance("A19", "A56", "S3.4")
def test_options_when_none_is_given() -> None:
    it = DynamicSupervisor()
    assert (it.options.strategy, it.options.max_restarts, it.options.max_seconds) == ("one_for_one", 3, 5.0)
    assert (it.template, it.max_children, it.extra_args) == (None, None, ())
    spec = DynamicSupervisor.spec("it")
    assert (spec.kind, spec.restart, spec.shutdown) == ("supervisor", "permanent", "infinity")


@pytest.mark.conformance("A54", "A55", "S3.5")
@pytest.mark.parametrize("make", [DynamicSupervisor, DynamicSupervisor.spec])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "one_for_all"}, "strategy must be 'one_for_one', .* got 'one_for_all'"),
        ({"max_children": -1}, r"max_children must be a whole number >= 0 or None, got -1"),
        ({"max_children": True}, r"max_children must be a whole number >= 0 or None, got True"),
        ({"extra_args": "ab"}, "extra_args must be a tuple, got 'ab'"),
        ({"max_restarts": -1}, "max_restarts must be a whole number >= 0, got -1"),
        ({"max_seconds": 0}, "max_seconds must be seconds > 0, got 0"),
        ({"auto_shutdown": "any"}, "auto_shutdown must be 'never' without a template, got 'any'"),
        ({"template": (ChildSpec("a", Leaf), ChildSpec("b", Leaf))}, "a child must be a ChildSpec"),
        (
            {"template": ChildSpec("it", Leaf, restart="temporary", significant=True)},
            "child 'it' is significant; its supervisor's auto_shutdown must be 'any' or 'all', got 'never'",
        ),
        ({"max_children": 1.5, "max_restarts": -1}, "max_children must .*; max_restarts must"),
    ],
)
def test_each_wrong_option_is_named_where_it_is_given(
    make: "Callable[..., object]", options: dict[str, object], message: str
) -> None:
    with pytest.raises(BadChildSpecError, match=message):
        make(**options)


@pytest.mark.conformance("A55")
async def test_significant_child_is_refused_as_its_supervisor_never_ends_with_one() -> None:
    async with workers() as (_, ref):
        with pytest.raises(BadChildSpecError, match="child 'it' is significant"):
            await start_child(ref, ChildSpec("it", Leaf, restart="temporary", significant=True))
        assert await which_children(ref) == ()


class Rooms(DynamicSupervisor):
    """A class of its own, with a spec of its own, that may decline."""

    child_defaults: ClassVar[dict[str, object]] = {"restart": "transient", "shutdown": 2.0}
    declines = False

    async def init(self) -> object:
        return IGNORE if self.declines else await super().init()


@pytest.mark.conformance("S3.3")
def test_class_gives_its_own_spec() -> None:
    spec = ChildSpec.of(Rooms)
    assert (spec.id, spec.start, spec.kind) == ("Rooms", Rooms, "supervisor")
    assert (spec.restart, spec.shutdown) == ("transient", 2.0)
    assert Rooms.spec().id == "Rooms"


@pytest.mark.conformance("S3.5")
async def test_init_may_decline_and_what_is_no_supervisor_is_a_bad_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as tree:
        monkeypatch.setattr(Rooms, "declines", True)
        assert await start_child(tree.ref("root"), Rooms.spec("declines")) is None
        with pytest.raises(StartFailedError, match="must make an Actor, got 'junk'"):
            await start_child(tree.ref("root"), ChildSpec("junk", lambda: "junk", kind="supervisor"))  # type: ignore[arg-type,return-value]


@pytest.mark.conformance("S3.2")
async def test_several_under_one_parent_differ_by_id() -> None:
    async with running(DynamicSupervisor.spec("a"), DynamicSupervisor.spec("b")) as tree:
        root = tree.ref("root")
        await start_child(root, DynamicSupervisor.spec())
        with pytest.raises(AlreadyStartedError):
            await start_child(root, DynamicSupervisor.spec())
        ids = [info.id for info in await which_children(root)]
        assert ids == ["a", "b", "DynamicSupervisor"]


@pytest.mark.conformance("A67")
async def test_options_can_be_replaced_while_it_runs() -> None:
    async with workers() as (tree, ref):
        pid = await started(ref, Leaf)
        await update_supervisor(ref, DynamicSupervisor.spec("workers", max_children=1, max_restarts=7))
        assert pid.is_alive
        with pytest.raises(MaxChildrenError):
            await start_child(ref, Leaf)
        await terminate_child(ref, pid)
        await update_supervisor(ref, DynamicSupervisor.spec("workers", template=Leaf))
        with pytest.raises(
            RequestRefusedError, match="start_child is refused by 'workers': it has a template"
        ):
            await start_child(ref, Leaf)
        assert tree.is_running


# --- restarts -----------------------------------------------------------------------------------------------


@pytest.mark.conformance("A4", "A55", "S3.19", "S3.20", "S3.21")
@pytest.mark.parametrize(("restart", "reason"), WANTS)
async def test_child_comes_back_as_the_table_of_restart_types_says(restart: RestartType, reason: str) -> None:
    async with workers() as (tree, ref):
        sibling = await started(ref, ends())
        pid = await started(ref, ends(restart), key="it")
        if reason == "killed":
            tree.kill("workers/it")
        else:
            pid.cast(reason)
        await settle()
        comes_back = WANTS[restart, reason]
        assert (tree.ref("workers/it").pid is not None) is comes_back
        assert await count_children(ref) == ChildCounts(1 + comes_back, 1 + comes_back, 0, 1 + comes_back)
        assert sibling.is_alive


@pytest.mark.conformance("A25")
async def test_child_that_declines_its_restart_leaves_nothing() -> None:
    class OnlyOnce(Actor):
        starts = 0

        def init(self) -> object:
            OnlyOnce.starts += 1
            return IGNORE if OnlyOnce.starts > 1 else None

    async with workers() as (tree, ref):
        pid = await started(ref, OnlyOnce)
        tree.kill(pid.path)
        await settle()
        assert OnlyOnce.starts == 2
        assert await which_children(ref) == ()
