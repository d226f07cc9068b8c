"""What a supervisor answers to whoever asks it about its children, or to change them."""

import asyncio
import gc
import weakref
from typing import ClassVar

import pytest

from supervisor import (
    IGNORE,
    Actor,
    AlreadyPresentError,
    AlreadyStartedError,
    Backoff,
    BadChildSpecError,
    CallFailedError,
    ChildCounts,
    ChildNotFoundError,
    ChildSpec,
    ChildStateError,
    Continue,
    Crashed,
    NoProcessError,
    Shutdown,
    StartFailedError,
    Stop,
    Supervisor,
    count_children,
    delete_child,
    get_childspec,
    restart_child,
    start_child,
    start_tree,
    terminate_child,
    which_child,
    which_children,
)
from supervisor.clock import monotonic
from supervisor.testing import captured, settle
from supervisor.tree import Strategy
from tests.process.actors import Scripted, Seen, running

LATER = Backoff(initial=10.0, factor=1.0, jitter=0.0)


class Leaf(Actor):
    """Does nothing, for an argument that it does not keep."""

    def __init__(self, argument: object = None) -> None:
        del argument


class Declines(Actor):
    def init(self) -> object:
        return IGNORE


class Refuses(Actor):
    def init(self) -> None:
        raise ZeroDivisionError("no disk")


@pytest.mark.conformance("A30", "A46", "A48", "A49", "A50", "A51", "A52", "S1.64", "S1.92", "S2.12", "S2.16")
async def test_life_of_a_child_answer_by_answer() -> None:
    spec = ChildSpec("it", Leaf, (1,), shutdown=2.0)
    async with running() as tree:
        root = tree.ref("root")
        assert await which_children(root) == ()
        pid = await start_child(root, spec)
        assert pid is not None

        info = await which_child(root, "it")
        assert (info.id, info.path, info.pid, info.state) == ("it", "it", pid, "running")
        assert (info.kind, info.start) == ("worker", Leaf)
        assert await which_children(root) == (info,)
        assert await which_child(root, pid) == info
        assert await get_childspec(root, "it") is spec
        assert await get_childspec(root, pid) is spec
        assert await count_children(root) == ChildCounts(specs=1, active=1, supervisors=0, workers=1)

        with pytest.raises(AlreadyStartedError) as started:
            await start_child(root, spec)
        assert started.value.pid is pid
        with pytest.raises(ChildStateError, match="'it' is running; to restart it it must not be"):
            await restart_child(root, "it")
        with pytest.raises(ChildStateError, match="'it' is running; to delete it it must not be") as refused:
            await delete_child(root, "it")
        assert (refused.value.child, refused.value.state) == ("it", "running")

        await terminate_child(root, "it")
        assert not pid.is_alive
        await terminate_child(root, "it")
        info = await which_child(root, "it")
        assert (info.pid, info.state) == (None, "stopped")
        assert await count_children(root) == ChildCounts(specs=1, active=0, supervisors=0, workers=1)
        with pytest.raises(AlreadyPresentError, match=r"'it' is already present \(stopped\)"):
            await start_child(root, spec)

        again = await restart_child(root, "it")
        assert again is not None
        assert again is not pid
        await terminate_child(root, "it")
        await delete_child(root, "it")
        assert await which_children(root) == ()
        for request in (terminate_child, restart_child, delete_child, which_child, get_childspec):
            with pytest.raises(ChildNotFoundError, match="no child 'it' under 'root'"):
                await request(root, "it")
        await tree.stop()
        for ask in (which_children, count_children):
            with pytest.raises(NoProcessError, match="no process"):
                await ask(root)
        with pytest.raises(NoProcessError):
            await start_child(root, spec)


@pytest.mark.conformance("A8")
async def test_children_are_listed_in_the_order_of_their_first_start() -> None:
    async with running(*(ChildSpec(name, Leaf) for name in "abc")) as tree:
        root = tree.ref("root")
        tree.kill("a")
        await settle()
        await terminate_child(root, "b")
        await start_child(root, ChildSpec("d", Leaf))
        await restart_child(root, "b")
        assert [info.id for info in await which_children(root)] == ["a", "b", "c", "d"]
        await terminate_child(root, "a")
        await delete_child(root, "a")
        await start_child(root, ChildSpec("a", Leaf))
        assert [info.id for info in await which_children(root)] == ["b", "c", "d", "a"]


@pytest.mark.conformance("A50", "A59", "S1.3")
async def test_counts_tell_specs_from_those_that_run() -> None:
    inner = Supervisor.spec("inner")
    specs = ChildSpec("declines", Declines), ChildSpec("slow", Leaf, backoff=LATER), ChildSpec("it", Leaf)
    async with running(*specs, inner) as tree:
        tree.kill("slow")
        await settle()
        assert await count_children(tree.ref("root")) == ChildCounts(4, 2, 1, 3)
        assert [
            (info.id, info.state, info.pid is None) for info in await which_children(tree.ref("root"))
        ] == [
            ("declines", "stopped", True),
            ("slow", "restarting", True),
            ("it", "running", False),
            ("inner", "running", False),
        ]


@pytest.mark.conformance("A30", "S1.5")
@pytest.mark.parametrize(
    ("restart", "kept"), [("permanent", ["it"]), ("transient", ["it"]), ("temporary", [])]
)
async def test_child_that_declines_is_kept_without_a_handle_unless_it_is_temporary(
    restart: str, kept: list[str]
) -> None:
    async with running() as tree:
        root = tree.ref("root")
        assert await start_child(root, ChildSpec("it", Declines, restart=restart)) is None  # type: ignore[arg-type]
        assert [info.id for info in await which_children(root)] == kept


@pytest.mark.conformance("A46")
async def test_terminated_temporary_child_is_gone_with_its_spec() -> None:
    async with running(ChildSpec("it", Leaf, restart="temporary")) as tree:
        await terminate_child(tree.ref("root"), "it")
        with pytest.raises(ChildNotFoundError):
            await terminate_child(tree.ref("root"), "it")


@pytest.mark.conformance("A46")
async def test_termination_waits_for_the_end_and_concerns_nobody_else() -> None:
    class Slow(Leaf):
        trap_exit = True

        async def terminate(self, reason: object) -> None:
            await asyncio.sleep(3.0)

    specs = [ChildSpec(name, Slow) for name in "abc"]
    async with running(*specs, strategy="one_for_all", max_restarts=0) as tree:
        before = {info.id: info.pid for info in await which_children(tree.ref("root"))}
        await terminate_child(tree.ref("root"), "b")
        assert monotonic() == 3.0
        after = {info.id: info.pid for info in await which_children(tree.ref("root"))}
        assert after == before | {"b": None}


@pytest.mark.conformance("S1.29")
@pytest.mark.parametrize("detail", [None, "deploy"])
async def test_temporary_child_that_shuts_itself_down_is_gone_and_its_id_is_free(detail: str | None) -> None:
    class ShutsDown(Actor):
        def handle_cast(self, message: object) -> Stop:
            return Stop(Shutdown(detail))

    spec = ChildSpec("it", ShutsDown, restart="temporary")
    async with running(spec) as tree:
        tree.ref("it").cast("now")
        await settle()
        assert await which_children(tree.ref("root")) == ()
        assert await start_child(tree.ref("root"), spec) is not None


@pytest.mark.conformance("A47")
async def test_handle_is_no_id() -> None:
    async with running(ChildSpec("it", Leaf)) as tree:
        pid = tree.ref("it").pid
        assert pid is not None
        with pytest.raises(ChildNotFoundError, match="no child <Pid 2 'it'> under 'root'"):
            await terminate_child(tree.ref("root"), pid)
        assert pid.is_alive


@pytest.mark.conformance("A51")
async def test_handle_of_an_earlier_incarnation_is_nobodys() -> None:
    async with running(ChildSpec("it", Leaf)) as tree:
        pid = tree.ref("it").pid
        assert pid is not None
        tree.kill("it")
        await settle()
        with pytest.raises(ChildNotFoundError):
            await get_childspec(tree.ref("root"), pid)
        assert (await get_childspec(tree.ref("root"), "it")).restart == "permanent"


@pytest.mark.conformance("A48")
@pytest.mark.parametrize("strategy", ["one_for_one", "one_for_all", "rest_for_one"])
async def test_restart_on_request_starts_that_child_only(strategy: Strategy) -> None:
    async with running(*(ChildSpec(name, Leaf) for name in "abc"), strategy=strategy) as tree:
        await terminate_child(tree.ref("root"), "a")
        await terminate_child(tree.ref("root"), "b")
        before = await which_child(tree.ref("root"), "c")
        await restart_child(tree.ref("root"), "a")
        assert [info.state for info in await which_children(tree.ref("root"))] == [
            "running",
            "stopped",
            "running",
        ]
        assert await which_child(tree.ref("root"), "c") == before


@pytest.mark.conformance("A48", "A49")
async def test_one_that_waits_for_its_restart_can_be_neither_restarted_nor_deleted_nor_added() -> None:
    async with running(ChildSpec("it", Leaf, backoff=LATER)) as tree:
        root = tree.ref("root")
        tree.kill("it")
        await settle()
        with pytest.raises(ChildStateError, match="'it' is restarting"):
            await restart_child(root, "it")
        with pytest.raises(ChildStateError, match="'it' is restarting"):
            await delete_child(root, "it")
        with pytest.raises(AlreadyPresentError) as present:
            await start_child(root, ChildSpec("it", Leaf))
        assert (present.value.child, present.value.state) == ("it", "restarting")


@pytest.mark.conformance("A48")
async def test_restart_on_request_that_fails_leaves_it_stopped() -> None:
    class SecondTimeUnlucky(Scripted):
        def init(self) -> None:
            if self.seen.events:
                raise ZeroDivisionError("no disk")
            self.seen("init")

    async with running(ChildSpec("it", SecondTimeUnlucky, (Seen(),)), max_restarts=0) as tree:
        await terminate_child(tree.ref("root"), "it")
        with pytest.raises(StartFailedError, match="no disk"):
            await restart_child(tree.ref("root"), "it")
        assert (await which_child(tree.ref("root"), "it")).state == "stopped"


@pytest.mark.conformance("A30", "A32", "S1.10")
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(Refuses, id="init-raises"),
        pytest.param(lambda: 1 / 0, id="factory-raises"),
        pytest.param(lambda: "no actor", id="factory-makes-something-else"),
        pytest.param(lambda: _raised(GeneratorExit), id="raises-what-is-no-Exception"),
        pytest.param(lambda: _raised(asyncio.CancelledError), id="raises-a-stray-cancellation"),
    ],
)
async def test_start_that_fails_is_an_answer_and_leaves_nothing(start: object) -> None:
    async with running(ChildSpec("other", Leaf)) as tree:
        with pytest.raises(StartFailedError):
            await start_child(tree.ref("root"), ChildSpec("it", start))  # type: ignore[arg-type]
        assert [info.id for info in await which_children(tree.ref("root"))] == ["other"]
        assert tree.system.whereis("it") is None


def _raised(error: type[BaseException]) -> Actor:
    raise error


@pytest.mark.conformance("A31")
async def test_start_under_a_name_that_somebody_else_has_names_them_and_lets_them_be() -> None:
    async with running() as tree:
        stranger = tree.system.spawn(Leaf, path="elsewhere", name="it")
        await settle()
        with pytest.raises(AlreadyStartedError) as refused:
            await start_child(tree.ref("root"), ChildSpec("it", Leaf))
        assert refused.value.pid is stranger.pid
        assert stranger.is_alive
        assert await which_children(tree.ref("root")) == ()
        stranger.kill()


@pytest.mark.conformance("A48")
async def test_child_whose_name_is_taken_stays_stopped_and_may_be_asked_for_again() -> None:
    async with running(ChildSpec("it", Leaf, name="mine")) as tree:
        await terminate_child(tree.ref("root"), "it")
        stranger = tree.system.spawn(Leaf, path="elsewhere", name="mine")
        with pytest.raises(AlreadyStartedError):
            await restart_child(tree.ref("root"), "it")
        assert (await which_child(tree.ref("root"), "it")).state == "stopped"
        stranger.kill()
        await settle()
        assert await restart_child(tree.ref("root"), "it") is tree.system.whereis("mine")


@pytest.mark.conformance("A30", "A48")
async def test_child_that_comes_up_and_ends_at_once_has_a_handle_and_has_not_declined() -> None:
    class Brief(Actor):
        async def init(self) -> Continue:
            return Continue()

        def handle_continue(self, argument: object) -> Stop:
            return Stop()

    async with running() as tree:
        root = tree.ref("root")
        first = await start_child(root, ChildSpec("it", Brief, restart="transient"))
        await settle()
        second = await restart_child(root, "it")
        assert first is not None
        assert second is not None
        assert (first.is_alive, second.is_alive, second is first) == (False, False, False)


@pytest.mark.conformance("B3", "A48")
@pytest.mark.parametrize("is_declining", [False, True], ids=["fails", "declines"])
async def test_what_was_sent_to_a_kept_mailbox_fails_with_the_restart_that_was_asked_for(
    *, is_declining: bool
) -> None:
    class Fickle(Leaf):
        async def init(self) -> object:
            if not tree_is_up:
                return None
            await asyncio.sleep(5.0)
            return IGNORE if is_declining else Stop(Crashed(ZeroDivisionError()))

    tree_is_up = False
    async with running(ChildSpec("it", Fickle, mailbox="keep")) as tree:
        tree_is_up = True
        await terminate_child(tree.ref("root"), "it")
        restarting = asyncio.ensure_future(restart_child(tree.ref("root"), "it"))
        await asyncio.sleep(1.0)
        calling = asyncio.ensure_future(tree.ref("it").call("anybody?", timeout=None))
        await asyncio.wait({restarting, calling}, timeout=10.0)
        assert isinstance(restarting.exception(), StartFailedError) is not is_declining
        assert isinstance(calling.exception(), CallFailedError)


@pytest.mark.conformance("A33")
async def test_slow_start_holds_up_the_requests_behind_it_and_they_keep_their_order() -> None:
    class Slow(Leaf):
        async def init(self) -> None:
            await asyncio.sleep(5.0)

    async with running() as tree:
        root = tree.ref("root")
        done: list[tuple[str, float]] = []

        async def ask(name: str) -> None:
            await start_child(root, ChildSpec(name, Slow))
            done.append((name, monotonic()))

        asking = [asyncio.ensure_future(ask(name)) for name in "abc"]
        assert [info.state for info in await which_children(root)] == []
        await settle()
        assert len(await which_children(root)) == 3
        await asyncio.gather(*asking)
        assert done == [("a", 5.0), ("b", 10.0), ("c", 15.0)]


@pytest.mark.conformance("A35", "S1.76")
@pytest.mark.parametrize("strategy", ["one_for_one", "one_for_all", "rest_for_one"])
async def test_nothing_holds_the_arguments_of_a_temporary_child_that_runs(strategy: Strategy) -> None:
    class Heavy:
        pass

    async with running(strategy=strategy) as tree:
        heavy, heavier = Heavy(), Heavy()
        held = [weakref.ref(heavy), weakref.ref(heavier)]
        spec = ChildSpec("it", Leaf, (heavy,), {}, restart="temporary", shutdown=3.0)
        await start_child(tree.ref("root"), spec)
        await start_child(tree.ref("root"), ChildSpec("kept", Leaf, (heavier,)))
        del spec, heavy, heavier
        await settle()
        gc.collect()
        assert [one() is None for one in held] == [True, False]
        left = await get_childspec(tree.ref("root"), "it")
        assert (left.id, left.start, left.args, left.kwargs, left.shutdown) == ("it", Leaf, (), {}, 3.0)


@pytest.mark.conformance("A53")
async def test_what_a_supervisor_does_not_understand_is_dropped_and_told() -> None:
    async with running(ChildSpec("it", Leaf)) as tree:
        with captured(("supervisor", "message", "dropped")) as dropped:
            tree.ref("root").cast("a cast")
            tree.ref("root").send(7)
            answer = await tree.ref("root").call("a call")
        assert isinstance(answer, TypeError)
        assert [event.metadata for event in dropped] == [
            {"path": "root", "message": "str"},
            {"path": "root", "message": "int"},
            {"path": "root", "message": "str"},
        ]
        assert tree.is_running


@pytest.mark.conformance("A58")
async def test_bad_child_is_refused_before_anybody_is_asked() -> None:
    """Also by a supervisor that does not exist."""
    async with running() as tree:
        for wrong in (7, "it", (7, 8), ()):
            with pytest.raises(BadChildSpecError, match="a child must be a ChildSpec, an Actor's class or"):
                await start_child(tree.ref("nobody"), wrong)  # type: ignore[arg-type]


# --- short forms --------------------------------------------------------------------------------------------


class Cache(Actor):
    child_defaults: ClassVar = {"restart": "transient", "shutdown": 1.0}

    def __init__(self, size: int = 10) -> None:
        self.size = size


class BigCache(Cache):
    child_defaults: ClassVar = {"shutdown": 9.0}


@pytest.mark.conformance("S2.1", "S8.1")
def test_class_gives_its_own_spec_whose_fields_can_be_replaced() -> None:
    assert ChildSpec.of(Cache) == ChildSpec("Cache", Cache, restart="transient", shutdown=1.0)
    assert ChildSpec.of(BigCache, 5, id="big", restart="temporary") == ChildSpec(
        "big", BigCache, (5,), restart="temporary", shutdown=9.0
    )
    with pytest.raises(BadChildSpecError, match="child 'Cache': restart must be one of"):
        ChildSpec.of(Cache, restart="always")
    with pytest.raises(TypeError, match="colour"):
        ChildSpec.of(Cache, colour="red")


@pytest.mark.conformance("S2.13")
async def test_child_is_added_by_its_class_and_argument() -> None:
    async with running() as tree:
        root = tree.ref("root")
        await start_child(root, (Cache, 77))
        await start_child(root, BigCache)
        assert (await get_childspec(root, "Cache")).args == (77,)
        assert [info.id for info in await which_children(root)] == ["Cache", "BigCache"]


@pytest.mark.conformance("S2.7", "S2.10")
async def test_supervisor_written_as_a_class_starts_its_children_and_is_reached_by_name() -> None:
    class Caches(Supervisor):
        def __init__(self, size: int) -> None:
            super().__init__([(Cache, size), BigCache], strategy="rest_for_one")

    async with running(ChildSpec.of(Caches, 5, id="caches")) as tree:
        spec = await get_childspec(tree.ref("root"), "caches")
        assert (spec.kind, spec.shutdown) == ("supervisor", "infinity")
        caches = tree.ref("caches")
        assert [info.path for info in await which_children(caches)] == ["caches/Cache", "caches/BigCache"]
        tree.kill("caches/Cache")
        await settle()
        assert [info.restarts for info in await which_children(caches)] == [1, 1]


@pytest.mark.conformance("S1.13")
async def test_spec_that_says_nothing_is_a_permanent_worker_with_five_seconds() -> None:
    async with start_tree(Supervisor.spec("root", [ChildSpec("it", Leaf), Supervisor.spec("inner")])) as tree:
        spec = await get_childspec(tree.ref("root"), "it")
        assert (spec.restart, spec.kind, spec.shutdown, spec.significant) == (
            "permanent",
            "worker",
            5.0,
            False,
        )
        assert (await get_childspec(tree.ref("root"), "inner")).shutdown == "infinity"
        with pytest.raises(ChildNotFoundError):
            await get_childspec(tree.ref("root"), "nobody")
