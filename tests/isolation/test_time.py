"""What time that was not there, or stepped, does: to calls, to restarts."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from supervisor import (
    Actor,
    Backoff,
    CallTimeoutError,
    ChildSpec,
    Supervisor,
    clock,
    start_tree,
)
from supervisor.clock import Timeline, boot_time, monotonic, unix_now
from supervisor.testing import ScriptedChild, crash_after, settle

if TYPE_CHECKING:
    from supervisor.testing import VirtualTimeLoop


def block(seconds: float) -> None:
    """What a handler that blocks the loop for so long does to its clock."""
    cast("VirtualTimeLoop", asyncio.get_running_loop())._jumping.now += seconds


class Slow(Actor):
    async def handle_call(self, request: object, caller: object) -> str:
        await asyncio.sleep(cast("float", request))
        return "done"


class Blocks(Actor):
    def handle_cast(self, message: object) -> None:
        block(cast("float", message))


def spec() -> ChildSpec:
    return Supervisor.spec("root", [ChildSpec("slow", Slow), ChildSpec("blocks", Blocks)])


@pytest.mark.conformance("F9")
async def test_call_does_not_time_out_for_time_that_somebody_else_has_blocked() -> None:
    """Both timers are overdue when the loop comes round: the innocent one is let finish."""
    async with start_tree(spec()) as tree:
        calling = asyncio.ensure_future(tree.ref("slow").call(0.4, timeout=0.5))
        await settle()
        tree.ref("blocks").cast(3.0)
        assert await calling == "done"


@pytest.mark.conformance("F9")
async def test_call_that_would_have_timed_out_anyway_does_so_once_it_had_its_time() -> None:
    async with start_tree(spec()) as tree:
        calling = asyncio.ensure_future(tree.ref("slow").call(60.0, timeout=0.5))
        await settle()
        tree.ref("blocks").cast(3.0)
        with pytest.raises(CallTimeoutError):
            await calling
        assert monotonic() == 3.5


async def test_call_on_a_loop_that_was_not_blocked_times_out_to_the_second() -> None:
    async with start_tree(spec()) as tree:
        with pytest.raises(CallTimeoutError):
            await tree.ref("slow").call(60.0, timeout=0.5)
        assert monotonic() == 0.5


@pytest.mark.conformance("F21")
async def test_wall_clock_that_steps_moves_no_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    steps = iter(range(0, 10**9, 86_400))
    monkeypatch.setattr(loop, "unix_time", lambda: next(steps))
    child = ScriptedChild("it", crash_after(1.0))
    backoff = Backoff(initial=0.5, factor=1.0, jitter=0.0)
    async with start_tree(Supervisor.spec("root", [child.spec(backoff=backoff)], max_restarts=3)):
        assert unix_now() < unix_now() - 86_399
        await asyncio.sleep(5.4)
    assert child.started_at == [0.0, 1.5, 3.0, 4.5]


@pytest.mark.conformance("F21")
async def test_clock_that_has_run_on_while_the_machine_slept_is_no_storm_of_crashes() -> None:
    """Every timer is overdue at once; each child crashes once for it, and the window holds no more."""
    children = [ScriptedChild(name, crash_after(10.0), crash_after(1e6)) for name in ("a", "b", "c")]
    async with start_tree(Supervisor.spec("root", [one.spec() for one in children], max_restarts=3)) as tree:
        block(3_600.0)
        await asyncio.sleep(1.0)
        assert tree.is_running
        assert [one.started_at for one in children] == [[0.0, 3_600.0]] * 3


def test_time_since_the_start_of_the_machine_includes_what_it_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of any loop; where no clock tells, sleep is not seen."""
    began = monotonic()
    assert boot_time() >= began
    monkeypatch.setattr(clock, "_AWAKE_OR_ASLEEP", 9999)
    assert boot_time() == pytest.approx(monotonic(), abs=1.0)
    monkeypatch.setattr(clock, "_AWAKE_OR_ASLEEP", None)
    assert boot_time() == pytest.approx(monotonic(), abs=1.0)


async def test_time_line_goes_on_while_the_machine_sleeps() -> None:
    timeline = Timeline()
    cast("VirtualTimeLoop", asyncio.get_running_loop()).sleep_machine(3600.0)
    assert timeline.now() == unix_now()
    await asyncio.sleep(timeline.monotonic_at(unix_now() + 60.0) - monotonic())
    assert monotonic() == pytest.approx(60.0)
