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
from supervisor.host.watchdog import BLOCKED
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
