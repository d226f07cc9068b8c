"""An actor in a process of its own: how it may end, and that nobody else is touched by it."""

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from typing import cast

import pytest

from supervisor import (
    BadChildSpecError,
    CallFailedError,
    CannotCrossError,
    ChildSpec,
    Crashed,
    Normal,
    ProcessExitedError,
    ProcessGarbledError,
    ProcessHungError,
    ProcessSignalledError,
    Shutdown,
    StartFailedError,
    in_process,
    terminate_child,
)
from supervisor.testing import captured
from tests.isolation.actors import Isolated, OddError, Trapping, isolated, never

realtime = pytest.mark.realtime("processes of their own")


async def end_of(message: object) -> object:
    """The exit reason of one that is sent `message`; beside it, everybody goes on."""
    async with isolated("process", restart="temporary") as (tree, seen):
        await tree.ref("seen").call(("monitor", "it"))
        tree.ref("it").cast(message)
        await seen.until(lambda _: bool(seen.downs()))
        assert await tree.ref("beside").call("x") == ("recorder", "x")
        [down] = seen.downs()
        return down.reason


@realtime
@pytest.mark.conformance("F16")
@pytest.mark.parametrize(
    ("message", "error", "says"),
    [
        pytest.param("segfault", ProcessSignalledError, "SIGSEGV", id="segfault"),
        pytest.param(("signal", signal.SIGKILL), ProcessSignalledError, "SIGKILL", id="kill-9"),
        pytest.param(("exit", 3), ProcessExitedError, "code 3", id="os-exit"),
        pytest.param(("sys.exit", 4), ProcessExitedError, "code 4", id="sys-exit"),
        pytest.param("crash oddly", OddError, "one and 2", id="an-error-of-odd-arguments"),
        pytest.param("eat memory", MemoryError, "", id="memory"),
        pytest.param("garble", ProcessGarbledError, "no frame", id="garbage-in-the-place-of-frames"),
    ],
)
async def test_whatever_ends_the_process_is_an_ordinary_crash(
    message: object, error: type[Exception], says: str
) -> None:
    reason = await end_of(message)
    assert isinstance(reason, Crashed)
    assert type(reason.exception) is error
    assert says in str(reason.exception)


@realtime
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_crash_after_crash_leaves_no_descriptor_thread_task_or_defunct_process() -> None:
    def held() -> tuple[int, int, int]:
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        return descriptors, threading.active_count(), len(asyncio.all_tasks())

    async with isolated("process", mailbox="keep") as (tree, _):
        it = tree.ref("it")
        pids, before = [await it.call("where")], held()
        for _ in range(4):
            it.cast(("signal", signal.SIGKILL))
            pids.append(await it.call("where", timeout=20.0))
        assert held() == before
        for pid, _ in cast("list[tuple[int, int]]", pids[:-1]):
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


@realtime
async def test_what_is_beyond_its_memory_limit_is_its_own_crash() -> None:
    async with isolated("process", max_memory_bytes=2 << 30) as (tree, _):
        with pytest.raises(CallFailedError) as failed:
            await tree.ref("it").call("eat memory")
        assert isinstance(failed.value.__cause__, MemoryError)


@realtime
@pytest.mark.parametrize("message", [("exit", 0), ("sys.exit", 0)])
async def test_exit_with_0_is_a_normal_end(message: object) -> None:
    async with isolated("process", restart="transient") as (tree, seen):
        await tree.ref("seen").call(("monitor", "it"))
        tree.ref("it").cast(message)
        await seen.until(lambda _: bool(seen.downs()))
        assert [down.reason for down in seen.downs()] == [Normal()]
        assert tree.is_running


@realtime
async def test_sigterm_from_outside_is_an_orderly_shutdown() -> None:
    async with isolated("process", Trapping) as (tree, seen):
        pid, _ = cast("tuple[int, int]", await tree.ref("it").call("where"))
        os.kill(pid, signal.SIGTERM)
        await seen.of(("terminate", "shut down"))


@realtime
async def test_ctrl_c_is_not_for_the_child() -> None:
    async with isolated("process") as (tree, _):
        assert await tree.ref("it").call(("signal", signal.SIGINT)) == ("signal", signal.SIGINT)
        assert await tree.ref("it").call("count") == 0


@realtime
@pytest.mark.conformance("F15", "F16")
async def test_one_that_blocks_for_ever_is_killed_in_earnest_at_the_end_of_its_limit() -> None:
    async with isolated("process", shutdown=0.2) as (tree, seen):
        pid, _ = cast("tuple[int, int]", await tree.ref("it").call("where"))
        tree.ref("it").cast("block for ever")
        await seen.of("blocks")
        with captured(("supervisor", "stop", "overdue"), ("supervisor", "child", "abandoned")) as events:
            await terminate_child(tree.ref("root"), "it")
        assert [event.name[1:] for event in events] == [("stop", "overdue")]
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert tree.system.zombies == set()


@realtime
async def test_idle_one_has_really_ended_when_its_stop_has() -> None:
    async with isolated("process") as (tree, _):
        pid, _ = cast("tuple[int, int]", await tree.ref("it").call("where"))
        await terminate_child(tree.ref("root"), "it")
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@realtime
@pytest.mark.conformance("F16")
async def test_one_that_hangs_is_killed_and_started_anew() -> None:
    async with isolated("process", hang_seconds=0.4) as (tree, seen):
        await tree.ref("seen").call(("monitor", "it"))
        tree.ref("it").cast("block for ever")
        await seen.until(lambda _: len(seen.of_kind("up")) == 2)
        assert await tree.ref("it").call("count") == 0
        [down] = seen.downs()
        assert isinstance(down.reason, Crashed)
        assert isinstance(down.reason.exception, ProcessHungError)


@realtime
async def test_start_that_takes_longer_than_a_hang_may_is_none() -> None:
    async with isolated("process", Isolated, hang_seconds=0.1, kwargs={"fails": "slow"}) as (_, seen):
        assert len(seen.of_kind("up")) == 1


@realtime
@pytest.mark.conformance("F9", "F16")
async def test_a_loop_that_was_blocked_itself_takes_nobody_for_hung() -> None:
    async with isolated("process", hang_seconds=0.8) as (tree, seen):
        before = tree.ref("it").pid
        deadline = asyncio.get_running_loop().time() + 1.1
        while asyncio.get_running_loop().time() < deadline:
            pass
        assert await tree.ref("it").call("count") == 0
        assert tree.ref("it").pid is before
        assert len(seen.of_kind("up")) == 1


@realtime
@pytest.mark.conformance("F16")
async def test_what_cannot_be_pickled_is_refused_with_the_reason_and_costs_nothing_else() -> None:
    async with isolated("process") as (tree, seen):
        it = tree.ref("it")
        with pytest.raises(CannotCrossError, match="'function' cannot cross"):
            await it.call(lambda: None)
        with captured(("actor", "mailbox", "dropped")) as dropped:
            it.cast(lambda: None)
            with pytest.raises(CannotCrossError, match="'function' cannot cross"):
                await it.call("unsendable reply")
        assert [(event.measurements["count"], event.metadata["message"]) for event in dropped] == [
            (1, "function")
        ]
        assert await it.call("unsendable cast") == "CannotCrossError"
        it.cast(1)
        await seen.of(1)
        assert len(seen.of_kind("up")) == 1


@realtime
async def test_reason_that_cannot_be_pickled_stops_it_all_the_same() -> None:
    async with isolated("process", Trapping, restart="temporary") as (tree, seen):
        await tree.ref("it").stop(Shutdown(lambda: None), timeout=10.0)
        [told] = seen.of_kind("terminate")
        assert "'Shutdown' cannot cross" in str(told)


@realtime
async def test_answer_that_cannot_be_pickled_is_an_error_of_the_call() -> None:
    async with isolated("process") as (tree, _):
        asked = await tree.ref("it").call(("ask", tree.ref("seen"), "unsendable", 5.0))
        assert cast("tuple[str, str]", asked)[0] == "CannotCrossError"


@realtime
async def test_class_that_is_not_known_there_is_refused_with_the_reason() -> None:
    class Stranger:
        pass

    Stranger.__qualname__ = "Stranger"
    sys.modules[__name__].Stranger = Stranger  # type: ignore[attr-defined]
    async with isolated("process") as (tree, _):
        with pytest.raises(CannotCrossError, match="Stranger"):
            await tree.ref("it").call(Stranger())
        assert await tree.ref("it").call("count") == 0


@realtime
async def test_actor_that_cannot_be_pickled_does_not_start_and_says_why() -> None:
    with pytest.raises(StartFailedError) as failed:
        async with isolated("process", lambda start=0: Isolated(start)):
            pass
    assert isinstance(failed.value.__cause__, CannotCrossError)


@realtime
async def test_process_that_is_killed_before_it_has_come_up_is_a_failed_start() -> None:
    with pytest.raises(StartFailedError) as failed:
        async with isolated("process", never):
            pass
    assert isinstance(failed.value.__cause__, ProcessSignalledError)


@pytest.mark.parametrize("option", ["hang_seconds", "max_memory_bytes"])
def test_limit_that_cannot_be_is_refused_in_the_callers_frame(option: str) -> None:
    with pytest.raises(BadChildSpecError, match=rf"child 'it': {option} must be > 0 or None, got 0"):
        in_process(ChildSpec("it", Isolated), **{option: 0})
