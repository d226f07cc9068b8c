"""Supervisors that end with those of their children that matter."""

import pytest

from supervisor import (
    IGNORE,
    Actor,
    Backoff,
    BadChildSpecError,
    ChildSpec,
    Supervisor,
    Tree,
    start_child,
    start_tree,
    terminate_child,
)
from supervisor.process.exits import SHUTDOWN, ExitReason
from supervisor.testing import captured, settle
from supervisor.tree import AutoShutdown, RestartType, Strategy
from supervisor.tree.strategy import ends_with
from tests.process.actors import Seen, Trapping
from tests.tree.test_restart_matrix import REASONS, WANTS, Ends

MODES: tuple[AutoShutdown, ...] = ("never", "any", "all")


def significant(name: str, restart: RestartType = "temporary") -> ChildSpec:
    return ChildSpec(name, Ends, (Seen(),), restart=restart, significant=True)


def ordinary(name: str, restart: RestartType = "permanent") -> ChildSpec:
    return ChildSpec(name, Ends, (Seen(),), restart=restart)


async def let_end(tree: Tree, path: str, how: str) -> None:
    if how == "killed":
        tree.kill(path)
    else:
        tree.ref(path).cast(how)
    await settle()


@pytest.mark.conformance("A61")
@pytest.mark.parametrize(
    ("mode", "others_active", "ends"),
    [
        ("never", False, False),
        ("never", True, False),
        ("any", False, True),
        ("any", True, True),
        ("all", False, True),
        ("all", True, False),
    ],
)
def test_table_of_modes(mode: AutoShutdown, *, others_active: bool, ends: bool) -> None:
    assert ends_with(mode, others_active=others_active) is ends


@pytest.mark.conformance("A61", "S1.68")
def test_significant_child_must_be_able_to_end() -> None:
    with pytest.raises(BadChildSpecError, match="significant needs restart 'transient' or 'temporary'"):
        significant("it", "permanent")


@pytest.mark.conformance("A61", "S1.68")
async def test_significant_child_needs_a_supervisor_that_takes_notice() -> None:
    """At boot, and when it is added."""
    message = "child 'it' is significant; its supervisor's auto_shutdown must be 'any' or 'all', got 'never'"
    with pytest.raises(BadChildSpecError, match=message):
        Supervisor.spec("root", [significant("it")])
    async with start_tree(Supervisor.spec("root")) as tree:
        with pytest.raises(BadChildSpecError, match=message):
            await start_child(tree.ref("root"), significant("it"))
    async with start_tree(Supervisor.spec("root", auto_shutdown="any")) as tree:
        assert await start_child(tree.ref("root"), significant("it")) is not None


@pytest.mark.conformance("A62", "S1.52")
@pytest.mark.parametrize("mode", ["any", "all"])
@pytest.mark.parametrize("restart", ["transient", "temporary"])
@pytest.mark.parametrize("how", REASONS)
async def test_end_of_the_only_significant_child_ends_its_supervisor_if_nobody_restarts_it(
    how: str, restart: RestartType, mode: AutoShutdown
) -> None:
    specs = [ordinary("a"), significant("it", restart), ordinary("b")]
    async with start_tree(Supervisor.spec("root", specs, auto_shutdown=mode)) as tree:
        await let_end(tree, "it", how)
        assert tree.is_running is WANTS[restart, how]


@pytest.mark.conformance("A61", "A63", "S1.52")
@pytest.mark.parametrize(("mode", "survives"), [("any", [False]), ("all", [True, True, False])])
async def test_any_ends_with_the_first_and_all_with_the_last(
    mode: AutoShutdown, survives: list[bool]
) -> None:
    root = Supervisor.spec("root", [significant(name) for name in "abc"], auto_shutdown=mode)
    async with start_tree(root) as tree:
        for name, goes_on in zip("cab", survives, strict=False):
            await let_end(tree, name, "normal")
            assert tree.is_running is goes_on


@pytest.mark.conformance("A63", "A64", "S1.52")
@pytest.mark.parametrize("restart", ["transient", "temporary"])
async def test_removal_on_request_does_not_trigger_but_counts_as_gone(restart: RestartType) -> None:
    specs = [significant("a", restart), significant("b", restart)]
    async with start_tree(Supervisor.spec("root", specs, auto_shutdown="all")) as tree:
        await terminate_child(tree.ref("root"), "a")
        await settle()
        assert tree.is_running
        await let_end(tree, "b", "normal")
        assert not tree.is_running


@pytest.mark.conformance("A64")
async def test_removal_of_all_of_them_on_request_triggers_nothing() -> None:
    specs = [significant("a"), significant("b", "transient")]
    async with start_tree(Supervisor.spec("root", specs, auto_shutdown="any")) as tree:
        for name in "ab":
            await terminate_child(tree.ref("root"), name)
        await settle()
        assert tree.is_running


@pytest.mark.conformance("A63")
async def test_one_that_waits_for_its_restart_counts_as_active() -> None:
    later = Backoff(initial=10.0, jitter=0.0)
    waiting = ChildSpec("a", Ends, (Seen(),), restart="transient", significant=True, backoff=later)
    specs = [waiting, significant("b")]
    async with start_tree(Supervisor.spec("root", specs, auto_shutdown="all")) as tree:
        await let_end(tree, "a", "crash")
        await let_end(tree, "b", "normal")
        assert tree.is_running


@pytest.mark.conformance("A64", "S1.50", "S1.51")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("restart", ["transient", "temporary"])
@pytest.mark.parametrize("how", REASONS)
async def test_ordinary_children_never_trigger(how: str, restart: RestartType, mode: AutoShutdown) -> None:
    async with start_tree(Supervisor.spec("root", [ordinary("it", restart)], auto_shutdown=mode)) as tree:
        await let_end(tree, "it", how)
        await terminate_child(tree.ref("root"), "it") if WANTS[restart, how] else None
        assert tree.is_running


@pytest.mark.conformance("A64")
@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
async def test_restart_of_a_group_triggers_nothing(strategy: Strategy) -> None:
    specs = [ordinary("a"), significant("b", "transient"), significant("c")]
    root = Supervisor.spec("root", specs, strategy=strategy, auto_shutdown="any")
    async with start_tree(root) as tree:
        await let_end(tree, "a", "killed")
        assert tree.is_running
        assert [node.id for node in tree.describe().children] == ["a", "b"]


@pytest.mark.conformance("A25")
async def test_significant_child_that_declines_its_restart_triggers_like_one_that_ends_normally() -> None:
    """Nobody would ever end its supervisor otherwise."""

    class DeclinesSecondTime(Ends):
        def init(self) -> object:
            self.seen("init")
            return IGNORE if len(self.seen.events) > 1 else None

    spec = ChildSpec("it", DeclinesSecondTime, (Seen(),), restart="transient", significant=True)
    async with start_tree(Supervisor.spec("root", [spec], auto_shutdown="all")) as tree:
        await let_end(tree, "it", "crash")
        assert not tree.is_running


@pytest.mark.conformance("A65")
async def test_end_climbs_newest_first_through_supervisors_that_are_significant_themselves() -> None:
    stopped: list[str] = []

    class Notes(Trapping):
        def terminate(self, reason: object) -> None:
            stopped.append(f"{self.path}: {reason}")

    def noting(name: str) -> ChildSpec:
        return ChildSpec(name, Notes, (Seen(),))

    inner = Supervisor.spec(
        "inner",
        [noting("x"), significant("it"), noting("y")],
        auto_shutdown="any",
        restart="transient",
        significant=True,
    )
    with captured(("supervisor", "auto_shutdown")) as told:
        async with start_tree(
            Supervisor.spec("root", [noting("a"), inner, noting("b")], auto_shutdown="all")
        ) as tree:
            await let_end(tree, "inner/it", "normal")
            assert await _reason(tree) == SHUTDOWN
    assert stopped == [f"{path}: shut down" for path in ("inner/y", "inner/x", "b", "a")]
    assert [(event.metadata["path"], event.metadata["child"]) for event in told] == [
        ("inner", "it"),
        ("root", "inner"),
    ]


async def _reason(tree: Tree) -> ExitReason:
    return await tree.wait()


@pytest.mark.conformance("A65")
async def test_supervisor_that_ended_so_is_restarted_only_if_it_is_permanent() -> None:
    class Finishes(Actor):
        def handle_cast(self, message: object) -> None:
            raise ZeroDivisionError

    for restart, runs in (("permanent", True), ("transient", False)):
        it = ChildSpec("it", Finishes, restart="temporary", significant=True)
        inner = Supervisor.spec("inner", [it], auto_shutdown="any", restart=restart)  # type: ignore[arg-type]
        async with start_tree(Supervisor.spec("root", [inner])) as tree:
            tree.ref("inner/it").cast("x")
            await settle()
            assert (tree.ref("inner").pid is not None) is runs
