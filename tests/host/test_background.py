"""A tree in a thread: started, asked, stopped, from outside."""

import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from structlog.testing import capture_logs

from supervisor import Actor, ChildSpec, StartFailedError, Supervisor, Tree, run_blocking, start_tree
from supervisor.host import BackgroundHost, HostNotRunningError


class Counter(Actor):
    def __init__(self) -> None:
        self.count = 0

    def handle_call(self, request: object, caller: object) -> object:
        self.count += 1
        return self.count, threading.current_thread().name


class Refuses(Actor):
    def init(self) -> None:
        raise ZeroDivisionError


class Crashes(Actor):
    def init(self) -> None:
        self.send_after("now", 0.01)

    def handle_info(self, message: object) -> None:
        raise ZeroDivisionError("again")


def host(actor: type[Actor] = Counter) -> BackgroundHost[Tree]:
    @asynccontextmanager
    async def make() -> AsyncIterator[Tree]:
        async with start_tree(Supervisor.spec("root", [ChildSpec("counter", actor)])) as tree:
            yield tree

    return BackgroundHost(make, name="tree", wait=lambda tree: tree.wait())


def test_calls_run_in_the_hosts_thread() -> None:
    with host() as tree:
        assert tree.is_running
    running = host()
    running.start()
    try:
        assert running.call(lambda tree: tree.ref("counter").call("x")) == (1, "tree")
        assert running.call(lambda tree: tree.ref("counter").name) == "counter"
    finally:
        running.stop()
    assert not running.is_running


def test_start_raises_what_the_tree_raised_and_leaves_no_thread() -> None:
    failing = host(Refuses)
    with pytest.raises(StartFailedError, match="counter"):
        failing.start()
    assert "tree" not in {thread.name for thread in threading.enumerate()}


def test_a_host_that_does_not_run_says_so() -> None:
    with pytest.raises(HostNotRunningError, match="'tree' is not running"):
        host().call(lambda tree: tree.is_running)


def test_an_error_in_a_call_is_the_callers() -> None:
    running = host()
    running.start()
    try:
        with pytest.raises(ZeroDivisionError):
            running.call(lambda _: 1 // 0)
        assert running.call(lambda tree: tree.is_running)
    finally:
        running.stop()


def test_it_can_be_stopped_while_it_comes_up() -> None:
    """As by a Ctrl-C that ends the waiting for it."""
    entered, gate = threading.Event(), threading.Event()

    @asynccontextmanager
    async def make() -> AsyncIterator[int]:
        entered.set()
        await run_blocking(gate.wait, 20.0)
        yield 1

    slow = BackgroundHost(make, name="slow", watchdog=None)
    starting = threading.Thread(target=slow.start, daemon=True)
    starting.start()
    assert entered.wait(20.0)
    with pytest.raises(TimeoutError, match=r"'slow' did not stop within 0\.01 s"):
        slow.stop(timeout=0.01)
    gate.set()
    slow.stop(timeout=10.0)
    assert not slow.is_running


def test_it_can_be_stopped_twice_and_started_again() -> None:
    running = host()
    for _ in range(2):
        running.start()
        running.stop()
        running.stop()


def test_tree_that_gives_up_ends_its_host_and_says_why() -> None:
    failing = host(Crashes)
    with capture_logs() as logs:
        failing.start()
        for thread in threading.enumerate():
            if thread.name == "tree":
                thread.join(20.0)
    assert not failing.is_running
    [told] = [line for line in logs if line.get("host") == "tree"]
    assert told["error"] == "MaxRestartsExceededError from ZeroDivisionError"
    assert "in Crashes.handle_info" in told["raised_at"]
    assert "again" not in repr(told)
    failing.stop()


def test_what_is_posted_is_done_in_order_and_not_waited_for() -> None:
    running = host()
    with pytest.raises(HostNotRunningError):
        running.post(lambda _: None)
    running.start()
    try:
        seen: list[int] = []

        def note(number: int, tree: Tree) -> None:
            assert tree.is_running
            seen.append(number)

        for number in range(3):
            running.post(partial(note, number))
        running.call(lambda _: None)
        assert seen == [0, 1, 2]
    finally:
        running.stop()


STOPPED_AT_EXIT = """
import asyncio, atexit
from contextlib import asynccontextmanager
from supervisor.host import BackgroundHost

@asynccontextmanager
async def make():
    yield
    print(await asyncio.to_thread(str, "the last thing"))

host = BackgroundHost(make)
host.start()
atexit.register(host.stop)
"""


@pytest.mark.realtime("another program's exit")
def test_host_that_is_stopped_at_the_exit_still_has_threads_for_what_blocks() -> None:
    """Without them it could not even resolve a name for its last message."""
    ran = subprocess.run(
        [sys.executable, "-c", STOPPED_AT_EXIT], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "the last thing\n", "")
