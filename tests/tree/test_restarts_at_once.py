"""A child whose end leaves nothing to wait for is started anew in the same breath."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import pytest

from supervisor import (
    IGNORE,
    Actor,
    Backoff,
    CallFailedError,
    ChildSpec,
    Crashed,
    DynamicSupervisor,
    Exit,
    Pid,
    Supervisor,
    Tree,
    restart_child,
    resume,
    start_child,
    suspend,
    terminate_child,
    which_children,
)
from supervisor.clock import monotonic
from supervisor.process import NORMAL
from supervisor.process.process import Process
from supervisor.testing import captured, settle
from tests.process.actors import Scripted, Seen, running

LATER = Backoff(initial=10.0, jitter=0.0)


def process_of(tree: Tree, path: str) -> Process:
    process = tree.system.address(path).process
    assert process is not None
    return process


def end(process: Process) -> None:
    """End an idle actor without a turn of the loop."""
    process.kill()
    process.end_if_idle()


async def pid_after_its_end(tree: Tree, path: str) -> Pid | None:
    await settle()
    end(process_of(tree, path))
    return tree.ref(path).pid


async def test_plain_child_runs_again_before_the_loop_comes_round() -> None:
    async with running(ChildSpec("it", Scripted, (Seen(),))) as tree:
        before = tree.ref("it").pid
        after = await pid_after_its_end(tree, "it")
        assert after not in (None, before)
        with captured(("supervisor", "child", "restarted")) as events:
            await settle()
        assert events == []
        assert [(child.pid, child.restarts) for child in await which_children(tree.ref("root"))] == [
            (after, 1)
        ]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"strategy": "one_for_all"}, id="a-group"),
        pytest.param({"child_backoff": LATER}, id="a-backoff"),
        pytest.param({"max_restarts": 0}, id="one-too-many"),
    ],
)
async def test_restart_that_is_more_than_that_goes_through_the_queue(options: dict[str, object]) -> None:
    spec = Supervisor.spec("above", [ChildSpec("it", Scripted, (Seen(),))], **options)  # type: ignore[arg-type]
    async with running(spec) as tree:
        assert await pid_after_its_end(tree, "above/it") is None


async def test_what_waits_before_an_end_is_served_before_it() -> None:
    """Else a request would be overtaken by what was sent after it."""
    async with running(ChildSpec("it", Scripted, (Seen(),))) as tree:
        await settle()
        adding = asyncio.ensure_future(start_child(tree.ref("root"), ChildSpec("more", Scripted, (Seen(),))))
        await asyncio.sleep(0)  # it waits in the mailbox now
        with captured(("supervisor", "child", "started"), ("supervisor", "child", "restarted")) as events:
            end(process_of(tree, "it"))
            assert tree.ref("it").pid is None
            await adding
            await settle()
        assert [(event.name[-1], event.metadata["path"]) for event in events] == [
            ("started", "more"),
            ("started", "it"),
            ("restarted", "it"),
        ]


class Moody(Actor):
    """Comes up at first; then does what it was told."""

    def __init__(self, moods: list[str], seen: Seen) -> None:
        self.moods, self.seen = moods, seen

    def init(self) -> object:
        mood = self.moods.pop(0) if self.moods else "well"
        self.seen(mood)
        match mood:
            case "fails":
                raise ZeroDivisionError
            case "declines":
                return IGNORE
            case "slow":
                return self._slowly()
            case _:
                return None

    async def _slowly(self) -> None:
        await asyncio.sleep(5.0)


@pytest.mark.parametrize("is_dynamic", [False, True], ids=["static", "dynamic"])
@pytest.mark.parametrize(
    ("moods", "seen"),
    [
        pytest.param(["well", "fails", "well"], ["well", "fails", "well"], id="fails-once"),
        pytest.param(["well", "slow"], ["well", "slow"], id="slow"),
        pytest.param(["well", "declines"], ["well", "declines"], id="declines"),
    ],
)
async def test_start_that_is_not_over_at_once_is_seen_to(
    moods: list[str], seen: list[str], *, is_dynamic: bool
) -> None:
    noted = Seen()
    spec = ChildSpec("it", Moody, (list(moods), noted))
    above = DynamicSupervisor.spec("above") if is_dynamic else Supervisor.spec("above", [spec])
    async with running(above) as tree:
        if is_dynamic:
            await start_child(tree.ref("above"), spec, key="it")
        await settle()
        end(process_of(tree, "above/it"))
        await asyncio.sleep(6.0)
        assert noted.events == seen
        listed = await which_children(tree.ref("above"))
        if "declines" in moods:
            assert [child.state for child in listed] == ([] if is_dynamic else ["stopped"])
        else:
            assert [(child.state, child.pid) for child in listed] == [("running", tree.ref("above/it").pid)]


@pytest.mark.parametrize("mood", ["fails", "slow"])
async def test_restart_that_is_called_off_meanwhile_stays_off(mood: str) -> None:
    noted = Seen()
    async with running(ChildSpec("it", Moody, (["well", mood], noted))) as tree:
        await settle()
        end(process_of(tree, "it"))
        await terminate_child(tree.ref("root"), "it")
        await asyncio.sleep(20.0)
        assert (noted.events, tree.ref("it").pid) == (["well", mood], None)


@asynccontextmanager
async def busy(tree: Tree, path: str) -> AsyncIterator[None]:
    """What arrives within this block waits for a supervisor that is at something else."""
    await settle()
    await suspend(tree.ref(path))
    yield
    await settle()
    await resume(tree.ref(path))


async def test_restart_that_is_declined_is_over_before_a_request_that_came_after_the_end() -> None:
    """Else the child would be found at rest before it has been let go."""
    seen, started = Seen(), ("supervisor", "child", "started")
    spec = ChildSpec("it", Moody, (["well", "declines"], seen), restart="transient", significant=True)
    above = Supervisor.spec("above", [spec], auto_shutdown="any", restart="temporary")
    async with running(above) as tree:
        with captured(started) as events:
            async with busy(tree, "above"):
                end(process_of(tree, "above/it"))
                restarting = asyncio.ensure_future(restart_child(tree.ref("above"), "it"))
            await asyncio.wait({restarting})
        assert isinstance(restarting.exception(), CallFailedError)
        assert (events, tree.ref("above").pid) == ([], None)


async def test_slow_restart_holds_up_what_came_after_the_end() -> None:
    async with running(ChildSpec("it", Moody, (["well", "slow"], Seen()))) as tree:
        with captured(("supervisor", "child", "started")) as events:
            async with busy(tree, "root"):
                end(process_of(tree, "it"))
                more = ChildSpec("more", Scripted, (Seen(),))
                adding = asyncio.ensure_future(start_child(tree.ref("root"), more))
            await adding
        assert [event.metadata["path"] for event in events] == ["it", "more"]


async def test_child_that_is_linked_to_its_supervisor_and_tells_its_end_twice_stays_out() -> None:
    class Linked(Actor):
        def init(self) -> None:
            self.link(self.ref("above"))

    above = DynamicSupervisor.spec("above", max_restarts=1, when_limit_hit="mark_failed")
    async with running(above) as tree:
        await start_child(tree.ref("above"), ChildSpec("it", Linked), key="it")
        for _ in range(2):
            await settle()
            end(process_of(tree, "above/it"))
        await settle()
        assert [child.state for child in await which_children(tree.ref("above"))] == ["failed"]


async def test_successor_runs_in_the_context_of_its_supervisor_and_not_of_the_dead() -> None:
    bound: ContextVar[str] = ContextVar("bound", default="the supervisor's")
    seen = Seen()

    class Binds(Actor):
        def init(self) -> None:
            seen((bound.get(), asyncio.current_task() is self._process.task))
            bound.set("the dead one's")

        def handle_cast(self, message: object) -> None:
            raise ZeroDivisionError

    async with running(ChildSpec("it", Binds)) as tree:
        tree.ref("it").cast("crash")
        await settle()
        assert seen.events == [("the supervisor's", True)] * 2


async def test_failure_of_the_supervisor_is_its_own_and_not_of_the_child_that_ended() -> None:
    async with running(Supervisor.spec("above", [ChildSpec("it", Scripted, (Seen(),))])) as tree:
        await settle()
        supervisor, child = process_of(tree, "above"), process_of(tree, "above/it")

        def fail(*_: object) -> bool:
            raise ZeroDivisionError("in the supervisor")

        supervisor.actor._note_end = fail  # type: ignore[attr-defined]
        tree.ref("above/it").cast("crash")
        await settle()
        assert isinstance(child.reason, Crashed)
        assert str(child.reason.exception) == "asked to"
        assert isinstance(supervisor.reason, Crashed)
        assert str(supervisor.reason.exception) == "in the supervisor"
        assert tree.ref("above/it").pid not in (None, child.pid)


async def test_child_that_only_says_that_it_has_ended_is_not_started_twice() -> None:
    class Liar(Scripted):
        def handle_cast(self, message: object) -> None:
            self.send_exit(self.ref("root"), Crashed(ZeroDivisionError()))

    seen = Seen()
    async with running(ChildSpec("it", Liar, (seen,))) as tree:
        before = tree.ref("it").pid
        await settle()
        tree.ref("it").cast("lie")
        await settle()
        assert tree.ref("it").pid is before
        assert seen.events == ["init"]


async def test_ends_within_a_restart_wait_for_it() -> None:
    """One whose start ends another: the supervisor takes one end at a time."""

    class Ends(Scripted):
        def init(self) -> object:
            self.seen("init")
            other = self.system.address("other").process
            if other is not None and len(self.seen.events) > 1:
                end(other)
                self.seen(("other", self.ref("other").pid))
            return None

    seen = Seen()
    async with running(ChildSpec("other", Scripted, (Seen(),)), ChildSpec("it", Ends, (seen,))) as tree:
        await settle()
        end(process_of(tree, "it"))
        assert seen.events == ["init", "init", ("other", None)]
        await settle()
        assert tree.ref("other").pid is not None


@pytest.mark.parametrize("is_killed_first", [False, True], ids=["child-first", "supervisor-first"])
async def test_supervisor_that_is_killed_in_the_same_moment_leaves_one_of_each(
    *, is_killed_first: bool
) -> None:
    leaves = [ChildSpec(name, Scripted, (Seen(),)) for name in ("it", "other")]
    async with running(Supervisor.spec("above", leaves)) as tree:
        await settle()
        if is_killed_first:
            tree.kill("above")
        end(process_of(tree, "above/it"))
        tree.kill("above")
        await settle()
        paths = [process.path for process in tree.system.processes]
        assert sorted(paths) == ["above", "above/it", "above/other", "root"]


@pytest.mark.parametrize("is_dynamic", [False, True], ids=["static", "dynamic"])
async def test_stop_in_the_same_moment_breaks_a_slow_restart_off(*, is_dynamic: bool) -> None:
    spec = ChildSpec("it", Moody, (["well", "slow"], Seen()))
    above = DynamicSupervisor.spec("above") if is_dynamic else Supervisor.spec("above", [spec])
    async with running(above) as tree:
        if is_dynamic:
            await start_child(tree.ref("above"), spec, key="it")
        await settle()
        end(process_of(tree, "above/it"))
        await terminate_child(tree.ref("root"), "above")
        assert (monotonic(), [one.path for one in tree.system.processes]) == (0.0, ["root"])


async def test_kept_messages_are_read_by_the_next_in_their_order() -> None:
    seen = Seen()
    async with running(ChildSpec("it", Scripted, (seen,), mailbox="keep")) as tree:
        await settle()
        process, it = process_of(tree, "it"), tree.ref("it")
        it.cast("a")
        process.kill()
        process.end_if_idle()
        it.cast("b")
        await settle()
        assert seen.events == ["init", "init", ("cast", "a"), ("cast", "b")]


async def test_supervisor_that_looks_at_ends_itself_gets_each_as_a_message() -> None:
    seen = Seen()

    class Looks(Supervisor):
        def handle_info(self, message: object) -> object:
            seen(message)
            return super().handle_info(message)

    async with running(Looks.spec("above", [ChildSpec("it", Scripted, (Seen(),))])) as tree:
        child = process_of(tree, "above/it")
        tree.ref("above/it").cast("stop")
        await settle()
        assert seen.events == [Exit(child.pid, NORMAL)]
        assert tree.ref("above/it").pid not in (None, child.pid)
