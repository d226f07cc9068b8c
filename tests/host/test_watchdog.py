"""A loop that is blocked: who tells it, what is told, and what may be done about it."""

import asyncio
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from supervisor import Actor, ChildSpec, Supervisor, Tree, start_tree, telemetry
from supervisor.host import BackgroundHost, Watchdog
from supervisor.host import watchdog as watchdog_module
from supervisor.host.watchdog import BLOCKED, _Watch, counted
from supervisor.testing import captured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from supervisor.telemetry.bus import EventName, Measurements, Metadata

realtime = pytest.mark.realtime("a loop is blocked in earnest")

QUICK = Watchdog(limit_seconds=0.02, check_seconds=0.005)


class Blocks(Actor):
    """Blocks its loop until the watchdog has told so, which only another thread can do."""

    def __init__(self, told: threading.Event) -> None:
        self.told = told

    def handle_call(self, request: object, caller: object) -> bool:
        return self.told.wait(20.0)


@pytest.fixture
def told() -> "Iterator[threading.Event]":
    """Set by the first ("loop", "blocked")."""
    event = threading.Event()

    def note(name: "EventName", measured: "Measurements", facts: "Metadata", config: object) -> None:
        del name, measured, facts, config
        event.set()

    telemetry.attach("told", ("loop", "blocked"), note)
    yield event
    telemetry.detach("told")


@realtime
@pytest.mark.conformance("F14")
async def test_blocked_loop_is_told_while_it_lasts_with_the_actor_and_the_place(
    told: threading.Event,
) -> None:
    spec = Supervisor.spec("root", [ChildSpec("idle", Actor), ChildSpec("blocks", Blocks, (told,))])
    with captured(("loop", "blocked"), ("loop", "unblocked")) as events, QUICK.watching():
        async with start_tree(spec) as tree:
            assert await tree.ref("blocks").call("x", timeout=None) is True
            while not events or events[-1].name[-1] != "unblocked":  # noqa: ASYNC110  it comes from a thread
                await asyncio.sleep(0.005)
    blocked = next(event for event in events if event.metadata.get("path") == "blocks")
    assert blocked.name == ("loop", "blocked")
    assert "in handle_call\n    return self.told.wait(20.0)" in str(blocked.metadata["stack"])
    assert float(str(blocked.measurements["duration_seconds"])) >= QUICK.limit_seconds
    lasted = float(str(events[-1].measurements["duration_seconds"]))
    assert lasted >= float(str(blocked.measurements["duration_seconds"]))


@realtime
@pytest.mark.conformance("F14")
async def test_loop_that_only_waits_is_not_blocked_and_the_thread_ends_with_the_block() -> None:
    watchdog = Watchdog(limit_seconds=20.0, check_seconds=0.001)
    with captured(("loop", "blocked"), ("loop", "unblocked")) as events:
        with watchdog.watching():
            assert "watchdog" in {thread.name for thread in threading.enumerate()}
            await asyncio.sleep(0.05)
        assert "watchdog" not in {thread.name for thread in threading.enumerate()}
    assert events == []


@realtime
def test_host_has_one(told: threading.Event) -> None:
    @asynccontextmanager
    async def make() -> "AsyncIterator[Tree]":
        async with start_tree(Supervisor.spec("root", [ChildSpec("blocks", Blocks, (told,))])) as tree:
            yield tree

    host = BackgroundHost(make, watchdog=QUICK)
    host.start()
    try:
        assert host.call(lambda tree: tree.ref("blocks").call("x", timeout=None), timeout=None) is True
    finally:
        host.stop()


PROGRAM = """
import asyncio, sys, threading
from contextlib import asynccontextmanager
from supervisor import Actor, ChildSpec, Supervisor, start_tree
from supervisor.host import Watchdog, run_program

class Blocks(Actor):
    def init(self):
        self.send_after("now", 0.0)
    def handle_info(self, message):
        threading.Event().wait()

@asynccontextmanager
async def make():
    async with start_tree(Supervisor.spec("root", [ChildSpec("one", Blocks)])) as tree:
        yield tree

watchdog = Watchdog(limit_seconds=0.02, check_seconds=0.01, exit_seconds=0.05)
sys.exit(run_program(make, wait=lambda tree: tree.wait(), watchdog=watchdog))
"""


@pytest.mark.conformance("F14")
def test_program_that_is_blocked_for_too_long_shows_its_stacks_and_ends() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=False
    )
    assert ran.returncode == BLOCKED
    assert "in handle_info" in ran.stderr


@pytest.mark.parametrize("name", ["limit_seconds", "check_seconds", "exit_seconds"])
def test_time_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"watchdog's {name} must be seconds > 0, got 0"):
        Watchdog(**{name: 0})


@pytest.mark.conformance("F9", "F14", "F21")
@pytest.mark.parametrize(
    ("passed", "computed", "counts"),
    [
        pytest.param(0.125, 0.0, 0.125, id="in-time"),
        pytest.param(0.1, 0.3, 0.1, id="sign-came-early-though-many-threads-computed"),
        pytest.param(3600.0, 0.001, 0.125, id="machine-was-suspended"),
        pytest.param(2.0, 0.3, 0.3, id="machine-was-busy-with-others"),
        pytest.param(3.0, 2.9, 2.9, id="somebody-held-the-interpreters-lock"),
    ],
)
def test_only_time_in_which_the_process_ran_is_laid_to_the_loops_charge(
    passed: float, computed: float, counts: float
) -> None:
    assert counted(0.125, passed, computed) == counts


class Signs:
    """Stands for the sign and for both clocks: what passes at each look."""

    def __init__(self, *looks: tuple[float, float, bool]) -> None:
        self.looks = iter(looks)
        self.now = self.computed = 0.0

    def wait(self, seconds: float) -> bool:
        assert seconds == 0.125
        passed, computed, is_given = next(self.looks)
        self.now += passed
        self.computed += computed
        return is_given


@pytest.mark.realtime("beside a loop that does not turn")
@pytest.mark.conformance("F9", "F14", "F21")
@pytest.mark.parametrize(
    ("signs", "told"),
    [
        pytest.param(Signs((3600.0, 0.0, False), (0.01, 0.0, True)), [], id="suspended"),
        pytest.param(
            Signs((3600.0, 0.0, False), *[(0.125, 0.0, False)] * 3, (0.01, 0.0, True)),
            [("blocked", 0.5), ("unblocked", 0.51)],
            id="suspended-and-then-blocked",
        ),
        pytest.param(
            Signs((3.0, 3.0, False), (0.0, 0.0, True)),
            [("blocked", 3.0), ("unblocked", 3.0)],
            id="lock-held",
        ),
        pytest.param(
            Signs(*[(0.125, 0.0, False)] * 15, (0.125, 0.0, True)),
            [("blocked", 0.5), ("blocked", 1.0), ("unblocked", 2.0)],
            id="told-again-when-it-has-doubled",
        ),
    ],
)
async def test_sleep_of_the_machine_is_no_blocked_loop(
    signs: Signs, told: list[tuple[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog_module, "monotonic", lambda: signs.now)
    monkeypatch.setattr(watchdog_module, "processor_seconds", lambda: signs.computed)
    watch = _Watch(Watchdog(), asyncio.get_running_loop(), threading.get_ident())
    watch.sign = signs  # type: ignore[assignment]
    with captured(("loop", "blocked"), ("loop", "unblocked")) as events:
        watch._wait_for_the_sign()
    seen = [(one.name[-1], round(float(str(one.measurements["duration_seconds"])), 3)) for one in events]
    assert seen == told
