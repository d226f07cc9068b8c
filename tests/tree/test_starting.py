"""Starts: limits, readiness, and supervisors that do not come up themselves."""

import asyncio
from dataclasses import replace

import pytest

from supervisor import (
    IGNORE,
    Actor,
    BadChildSpecError,
    ChildSpec,
    Continue,
    Exit,
    StartFailedError,
    StartTimeoutError,
    Supervisor,
    start_child,
    start_tree,
    terminate_child,
    which_child,
    which_children,
)
from supervisor.clock import monotonic
from supervisor.process.exits import KILLED, SHUTDOWN
from supervisor.testing import ScriptedChild, captured, hang, run, settle
from supervisor.tree import start
from tests.process.actors import Scripted, Seen, running


class SlowToReady(Actor):
    """Comes up at once, and is ready later."""

    def __init__(self, seconds: float, seen: Seen | None = None) -> None:
        self.seconds, self.seen = seconds, seen or Seen()

    def init(self) -> Continue:
        return Continue()

    async def handle_continue(self, argument: object) -> None:
        await asyncio.sleep(self.seconds)
        self.report_ready()

    def handle_cast(self, message: object) -> None:
        raise ZeroDivisionError


# --- start_timeout ------------------------------------------------------------------------------------------


async def test_init_that_takes_too_long_is_killed_and_the_start_has_failed() -> None:
    it = ScriptedChild("it", hang)
    async with running() as tree:
        with pytest.raises(
            StartTimeoutError, match=r"'it' failed to start: `init` had not finished after 2\.0 s"
        ) as late:
            await start_child(tree.ref("root"), replace(it.spec(), start_timeout=2.0))
        assert (late.value.option, late.value.timeout, monotonic()) == ("start_timeout", 2.0, 2.0)
        assert not it.is_running
        assert await which_children(tree.ref("root")) == ()


async def test_restart_that_takes_too_long_is_tried_again() -> None:
    it = ScriptedChild("it", run, hang, run)
    async with running(replace(it.spec(), start_timeout=2.0)) as tree:
        tree.kill("it")
        await asyncio.sleep(5.0)
        assert it.started_at == [0.0, 0.0, 2.0]


@pytest.mark.conformance("B1")
async def test_tree_that_takes_too_long_to_start_is_stopped() -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [ChildSpec("a", Scripted, (seen,)), ScriptedChild("b", hang).spec()])
    root = ChildSpec.of(Supervisor, [inner], start_timeout=3.0)
    with pytest.raises(StartTimeoutError):
        async with start_tree(root):
            pytest.fail("it came up")
    assert monotonic() == 3.0


@pytest.mark.parametrize("field", ["start_timeout", "ready_timeout"])
def test_timeout_that_cannot_work_is_refused(field: str) -> None:
    with pytest.raises(BadChildSpecError, match=f"child 'it': {field} must be seconds > 0 or None, got 0.0"):
        ChildSpec("it", Actor, **{field: 0.0})  # type: ignore[arg-type]


# --- readiness ----------------------------------------------------------------------------------------------


async def test_next_one_waits_for_readiness_where_it_is_asked_for() -> None:
    after = ScriptedChild("after")
    async with running(ChildSpec("it", SlowToReady, (5.0,), ready_timeout=10.0), after.spec()):
        assert after.started_at == [5.0]


async def test_next_one_does_not_wait_where_it_is_not() -> None:
    after = ScriptedChild("after")
    async with running(ChildSpec("it", SlowToReady, (5.0,)), after.spec()) as tree:
        assert after.started_at == [0.0]
        assert (await which_child(tree.ref("root"), "it")).is_ready is False
        await asyncio.sleep(6.0)
        assert (await which_child(tree.ref("root"), "it")).is_ready is True


async def test_one_that_is_ready_at_once_is_not_waited_for() -> None:
    class Ready(Actor):
        def init(self) -> None:
            self.report_ready()

    async with running(ChildSpec("it", Ready, ready_timeout=10.0)):
        assert monotonic() == 0.0


async def test_one_that_is_never_ready_is_stopped_in_order_and_its_start_has_failed() -> None:
    stopped: list[str] = []

    class Never(Actor):
        trap_exit = True

        def terminate(self, reason: object) -> None:
            stopped.append(str(reason))

    with pytest.raises(StartTimeoutError, match=r"it had not reported ready after 3\.0 s \(ready_timeout\)"):
        async with running(ChildSpec("it", Never, ready_timeout=3.0)):
            pytest.fail("it came up")
    assert stopped == ["shut down"]


async def test_crash_before_readiness_is_a_failed_start_with_its_cause() -> None:
    async with running() as tree:
        adding = start_child(tree.ref("root"), ChildSpec("it", Crashing, ready_timeout=3.0))
        with pytest.raises(StartFailedError) as failed:
            await adding
        assert isinstance(failed.value.__cause__, ZeroDivisionError)
        assert monotonic() == 1.0
        await settle()
        assert await which_children(tree.ref("root")) == ()


class Crashing(SlowToReady):
    def __init__(self) -> None:
        super().__init__(1.0)

    def report_ready(self) -> None:
        raise ZeroDivisionError


async def test_stop_does_not_wait_for_readiness() -> None:
    seen = Seen()
    async with asyncio.timeout(5.0), running() as tree:
        waiting = asyncio.ensure_future(
            start_child(tree.ref("root"), ChildSpec("it", SlowToReady, (100.0, seen), ready_timeout=200.0))
        )
        await settle()
        assert tree.describe().children[0].state == "starting"
    with pytest.raises(StartFailedError, match="'it' failed to start: shut down"):
        await waiting


async def test_restarted_one_is_waited_for_as_well() -> None:
    it = ChildSpec("it", SlowToReady, (5.0,), ready_timeout=10.0)
    async with running(it, ChildSpec("b", Actor), strategy="rest_for_one") as tree:
        tree.kill("it")
        await asyncio.sleep(4.0)
        assert tree.ref("b").pid is None
        await asyncio.sleep(2.0)
        assert tree.ref("b").pid is not None


# --- a supervisor's own start -------------------------------------------------------------------------------


class DecliningSupervisor(Supervisor):
    async def init(self) -> object:
        return IGNORE


class FailingSupervisor(Supervisor):
    async def init(self) -> object:
        raise ZeroDivisionError("no plan")


class Starter(Actor):
    """Starts a supervisor, and hears of everything that comes to it."""

    trap_exit = True

    def __init__(self, heard: list[object]) -> None:
        self.heard = heard

    async def handle_call(self, request: object, caller: object) -> object:
        try:
            return await self.start_link(request)  # type: ignore[arg-type]
        except StartFailedError as error:
            return error

    def handle_info(self, message: object) -> None:
        self.heard.append(message)


@pytest.mark.conformance("S1.1")
async def test_supervisor_without_children_starts_and_ends_with_shutdown() -> None:
    tree = await start(Supervisor.spec("root"))
    assert not await tree.stop()
    assert await tree.wait() == SHUTDOWN


@pytest.mark.conformance("A29", "S1.2")
async def test_supervisor_that_declines_leaves_nothing_not_even_a_message() -> None:
    heard: list[object] = []
    async with running(ChildSpec("starter", Starter, (heard,))) as tree:
        assert await tree.ref("starter").call(DecliningSupervisor) is None
        await settle()
        assert heard == []
        assert len(tree.system.processes) == 2
        assert await start_child(tree.ref("root"), DecliningSupervisor.spec("inner")) is None
    with pytest.raises(StartFailedError) as declined:
        await start(DecliningSupervisor.spec("root"))
    assert declined.value.reason is IGNORE


@pytest.mark.conformance("A29", "S1.8", "S1.9")
@pytest.mark.parametrize(
    ("factory", "cause", "where"),
    [
        pytest.param(FailingSupervisor, ZeroDivisionError, "init", id="raises"),
        pytest.param(lambda: "nonsense", TypeError, "adopt", id="answers-nonsense"),
    ],
)
async def test_supervisor_that_fails_to_start_tells_its_starter_and_nobody_else(
    factory: object, cause: type[Exception], where: str
) -> None:
    heard: list[object] = []
    async with running(ChildSpec("starter", Starter, (heard,))) as tree:
        error = await tree.ref("starter").call(factory)
        assert isinstance(error, StartFailedError)
        assert isinstance(error.__cause__, cause)
        step = error.__cause__.__traceback__
        assert step is not None
        while step.tb_next is not None:
            step = step.tb_next
        assert step.tb_frame.f_code.co_name == where
        await settle()
        assert not any(isinstance(message, Exit) for message in heard)
        assert len(tree.system.processes) == 2


@pytest.mark.conformance("A66")
async def test_inner_supervisor_comes_back_with_its_static_children_only() -> None:
    inner = Supervisor.spec("inner", [ChildSpec("a", Actor), ChildSpec("b", Actor)])
    async with running(inner) as tree:
        await start_child(tree.ref("inner"), ChildSpec("added", Actor))
        await terminate_child(tree.ref("inner"), "a")
        tree.kill("inner")
        await settle()
        assert [(info.id, info.state) for info in await which_children(tree.ref("inner"))] == [
            ("a", "running"),
            ("b", "running"),
        ]


async def test_killed_one_is_told_with_its_reason() -> None:
    with captured(("supervisor", "child", "ended")) as ended:
        async with running(ChildSpec("it", Actor)) as tree:
            tree.kill("it")
            await settle()
    assert [event.metadata["reason"] for event in ended] == [KILLED]
