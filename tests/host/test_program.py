"""A tree as a process of its own: what signals do to it, and with what it ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

PROGRAM = """
import asyncio, sys, threading
from contextlib import asynccontextmanager
from supervisor import Actor, ChildSpec, Supervisor, start_tree
from supervisor.host import bounded_run, run_program

bounded_run.CLOSING_SECONDS = 0.1

class Fine(Actor):
    trap_exit = True
    async def terminate(self, reason):
        print("stopped", flush=True)

class Crashes(Actor):
    def init(self):
        self.send_after("now", 0.01)
    def handle_info(self, message):
        raise ZeroDivisionError("a password")

class Swallows(Actor):
    def init(self):
        self.send_after("now", 0.0)
    async def handle_info(self, message):
        print("swallows", flush=True)
        while True:
            try:
                await asyncio.sleep(3600.0)
            except asyncio.CancelledError:
                continue

class Blocks(Actor):
    def init(self):
        self.send_after("now", 0.0)
    def handle_info(self, message):
        print("blocks", flush=True)
        threading.Event().wait()

@asynccontextmanager
async def make():
    async with start_tree(Supervisor.spec("root", [ChildSpec("one", {actor}, shutdown=0.1)])) as tree:
        print("up", flush=True)
        yield tree
        {stop}

async def wait(tree):
    {wait}
    await tree.wait()

async def drain(tree):
    print("draining", flush=True)
    {drain}

sys.exit(run_program(make, wait=wait, drain=drain, exception_texts={texts}))
"""


@contextmanager
def program(
    actor: str = "Fine",
    *,
    drain: str = "pass",
    stop: str = "pass",
    wait: str = "pass",
    texts: str = "False",
) -> Iterator["subprocess.Popen[str]"]:
    source = PROGRAM
    parts = {"actor": actor, "drain": drain, "stop": stop, "wait": wait, "texts": texts}
    for name, what in parts.items():
        source = source.replace(f"{{{name}}}", what)
    process = subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines_until(process: "subprocess.Popen[str]", line: str) -> list[str]:
    assert process.stdout is not None
    seen: list[str] = []
    while not seen or seen[-1] != line:
        text = process.stdout.readline()
        assert text, seen
        seen.append(text.strip())
    return seen


@pytest.mark.conformance("F6")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_drains_then_stops_in_order_then_ends_with_0(number: signal.Signals) -> None:
    with program() as process:
        lines_until(process, "up")
        process.send_signal(number)
        seen = lines_until(process, "stopped")
        assert "draining" in seen
        assert process.wait(10.0) == 0


def test_second_signal_ends_it_now() -> None:
    with program(drain="await asyncio.sleep(60.0)") as process:
        lines_until(process, "up")
        process.send_signal(signal.SIGTERM)
        lines_until(process, "draining")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10.0) == 128 + signal.SIGTERM


@pytest.mark.parametrize("texts", [False, True])
def test_tree_that_gives_up_ends_it_with_1_and_says_why_and_quotes_only_if_it_may(texts: bool) -> None:
    with program(actor="Crashes", texts=str(texts)) as process:
        said, _ = process.communicate(timeout=20.0)
    assert process.returncode == 1
    assert "MaxRestartsExceededError from ZeroDivisionError" in said
    assert "in Crashes.handle_info" in said
    assert ("a password" in said) is texts
    assert ("gave up: 4 restarts within 5.0 s" in said) is texts
    assert "draining" not in said


@pytest.mark.conformance("F15", "F23")
def test_actor_that_will_not_stop_is_named_and_does_not_keep_the_program_from_ending() -> None:
    with program("Swallows") as process:
        lines_until(process, "swallows")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=20.0)
    assert process.returncode == 0
    assert "would not end" in said
    assert "['one']" in said


def test_second_signal_ends_it_also_while_the_loop_is_blocked() -> None:
    """Two that come at the same moment may wake the interpreter once only, so there are more."""
    with program("Blocks") as process:
        lines_until(process, "blocks")
        for _ in range(100):
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
                break
        assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("part", ["drain", "stop"])
def test_part_of_the_end_that_fails_ends_the_program_with_its_error(part: str) -> None:
    with program("Swallows", **{part: "raise ZeroDivisionError('in the end')"}) as process:
        lines_until(process, "swallows")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=20.0)
    assert process.returncode == 1
    assert "ZeroDivisionError: in the end" in said


def test_wait_that_fails_stops_the_tree_and_ends_the_program_with_its_error() -> None:
    with program(wait="raise ZeroDivisionError('in wait')") as process:
        said, _ = process.communicate(timeout=20.0)
    assert process.returncode == 1
    assert "ZeroDivisionError: in wait" in said
    assert "stopped" in said
    assert "draining" not in said
