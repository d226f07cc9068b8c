"""Dynamic supervisors with a template: one spec for all, and ends that can end them."""

import pytest

from supervisor import (
    ChildNotFoundError,
    ChildSpec,
    RequestRefusedError,
    StartFailedError,
    get_childspec,
    start_child,
    start_instance,
    terminate_child,
    which_child,
    which_children,
)
from supervisor.process.exits import SHUTDOWN
from supervisor.testing import captured, settle
from supervisor.tree import AutoShutdown, RestartType
from tests.process.actors import Seen
from tests.tree.dynamic_trees import Declines, Leaf, Refuses, ends, instance, started, workers
from tests.tree.test_dynamic_supervisor import Argued
from tests.tree.test_restart_matrix import REASONS, WANTS


@pytest.fixture(autouse=True)
def _no_starts() -> None:
    Argued.starts.clear()


@pytest.mark.conformance("A54", "A57")
async def test_arguments_of_a_start_come_after_those_of_the_template_at_each_start() -> None:
    async with workers((Argued, "own"), extra_args=("first",)) as (tree, ref):
        await instance(ref, "mine", key="a")
        await instance(ref, key="b")
        tree.kill("workers/a")
        await settle()
        assert Argued.starts == [("first", "own", "mine"), ("first", "own"), ("first", "own", "mine")]


@pytest.mark.conformance("A54", "S1.65", "S1.93")
async def test_children_of_a_template_are_known_by_handle() -> None:
    template = ChildSpec("it", Leaf, restart="temporary")
    async with workers(template) as (tree, ref):
        assert await which_children(ref) == ()
        first, second = await instance(ref), await instance(ref)
        assert [info.pid for info in await which_children(ref)] == [first, second]
        assert (await which_child(ref, first)).pid is first
        assert await get_childspec(ref, first) == template
        for request in (which_child, get_childspec, terminate_child):
            with pytest.raises(ChildNotFoundError, match="no child 'it' under 'workers'"):
                await request(ref, "it")  # the id of its spec is nobody's
        await terminate_child(ref, first)
        await terminate_child(ref, first)  # it has ended already, which is fine
        tree.kill(second.path)
        await settle()
        await terminate_child(ref, second)
        with pytest.raises(ChildNotFoundError):
            await which_child(ref, first)
        below = await tree.system.start(Leaf, name="workers/stranger")
        stranger = await tree.system.start(Leaf, name="stranger")
        assert below is not None
        assert stranger is not None
        for one in (below, stranger):
            with pytest.raises(ChildNotFoundError):
                await terminate_child(ref, one)
        tree.kill("stranger")
        await settle()
        with pytest.raises(ChildNotFoundError):  # dead, but never one of ours
            await terminate_child(ref, stranger)


@pytest.mark.conformance("A54")
async def test_template_and_spec_are_not_mixed() -> None:
    async with workers(Leaf) as (_, ref):
        with pytest.raises(RequestRefusedError, match="it has a template; use start_instance"):
            await start_child(ref, Leaf)
    async with workers() as (_, ref):
        with pytest.raises(RequestRefusedError, match="it has no template; use start_child"):
            await start_instance(ref)


@pytest.mark.conformance("S1.6", "S1.12")
@pytest.mark.parametrize("restart", ["permanent", "temporary"])
async def test_instance_that_declines_or_fails_leaves_nothing(restart: RestartType) -> None:
    async with workers(ChildSpec("it", Declines, restart=restart)) as (_, ref):
        assert await start_instance(ref) is None
        assert await which_children(ref) == ()
    async with workers(ChildSpec("it", Refuses, restart=restart)) as (_, ref):
        with pytest.raises(StartFailedError, match="no disk"):
            await start_instance(ref)
        assert await which_children(ref) == ()


@pytest.mark.conformance("A16", "S1.41")
async def test_only_the_instance_that_crashed_is_replaced_until_the_limit_ends_all() -> None:
    async with workers(ends(), max_restarts=2, max_seconds=3600.0) as (tree, ref):
        pids = [await instance(ref, key=key) for key in "abc"]
        for _ in range(2):
            tree.ref("workers/b").cast("crash")
            await settle()
        assert [tree.ref(f"workers/{key}").pid for key in "ac"] == [pids[0], pids[2]]
        assert tree.ref("workers/b").pid not in {pids[1], None}
        with captured(("supervisor", "gave_up"), ("supervisor", "child", "ended")) as events:
            tree.ref("workers/b").cast("crash")
            await settle()
        gave_up = next(event for event in events if event.name == ("supervisor", "gave_up"))
        assert (gave_up.metadata["path"], gave_up.metadata["child"]) == ("workers", "b")
        assert gave_up.measurements["restarts"] == 3
        reason = events[-1].metadata["reason"]
        assert type(reason) is type(SHUTDOWN)
        assert ref.pid is None
        assert not any(pid.is_alive for pid in pids)


@pytest.mark.conformance("A14", "A16", "S1.44", "S3.27")
@pytest.mark.parametrize("has_template", [True, False], ids=["template", "spec"])
async def test_child_that_cannot_come_back_ends_its_supervisor_and_siblings(*, has_template: bool) -> None:
    class NeverAgain(Leaf):
        starts = 0

        def init(self) -> None:
            NeverAgain.starts += 1
            if NeverAgain.starts > 2:
                raise ZeroDivisionError

    child = ChildSpec("it", NeverAgain)
    async with workers(child if has_template else None, max_restarts=1) as (tree, ref):
        if has_template:
            first, sibling = await instance(ref), await instance(ref)
        else:
            first, sibling = await started(ref, child), await started(ref, child)
        with captured(("supervisor", "gave_up"), ("supervisor", "child", "stopped")) as events:
            tree.kill(first.path)
            await settle()
        assert [event.name[1:] for event in events] == [("gave_up",), ("child", "stopped")]
        assert NeverAgain.starts == 3  # two first starts, and the only restart that the limit allows
        assert not sibling.is_alive
        assert ref.pid is None


# --- auto shutdown ------------------------------------------------------------------------------------------


def template(restart: RestartType) -> ChildSpec:
    return ends(restart, significant=True)


@pytest.mark.conformance("A61", "A62", "S1.54")
@pytest.mark.parametrize("mode", ["any", "all"])
@pytest.mark.parametrize("restart", ["transient", "temporary"])
@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason != "killed"])
async def test_significant_instances_end_their_supervisor_as_its_mode_says(
    mode: AutoShutdown, restart: RestartType, reason: str
) -> None:
    async with workers(template(restart), auto_shutdown=mode) as (_, ref):
        first, second = await instance(ref), await instance(ref)
        first.cast(reason)
        await settle()
        if WANTS[restart, reason]:
            assert ref.pid is not None
            return
        assert (ref.pid is None) is (mode == "any")
        assert second.is_alive is (mode == "all")
        second.cast(reason)
        await settle()
        assert ref.pid is None


@pytest.mark.conformance("A63", "A64", "S1.54")
@pytest.mark.parametrize("mode", ["any", "all"])
async def test_instance_ended_by_request_ends_nobody_else(mode: AutoShutdown) -> None:
    async with workers(template("temporary"), auto_shutdown=mode) as (_, ref):
        pid = await instance(ref)
        await terminate_child(ref, pid)
        await settle()
        assert ref.pid is not None
        (await instance(ref)).cast("normal")
        await settle()
        assert ref.pid is None


@pytest.mark.conformance("A25")
async def test_significant_instance_that_declines_its_restart_counts_as_ended() -> None:
    seen = Seen()

    class OnlyOnce(Declines):
        def init(self) -> object:
            seen("init")
            return None if len(seen.events) == 1 else super().init()

    once = ChildSpec("it", OnlyOnce, restart="transient", significant=True)
    async with workers(once, auto_shutdown="all") as (tree, ref):
        tree.kill((await instance(ref)).path)
        await settle()
        assert ref.pid is None
