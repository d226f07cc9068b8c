"""A tree as a process of its own: what signals do to it, and with what it ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PROGRAM = """
import asyncio, sys
from contextlib import asynccontextmanager
from supervisor import Actor, ChildSpec, Supervisor, start_tree
from supervisor.host import run_program

class Fine(Actor):
    trap_exit = True
    async def terminate(self, reason):
        print("stopped", flush=True)

class Crashes(Actor):
    def init(self):
        self.send_after("now", 0.01)
    def handle_info(self, message):
        raise ZeroDivisionError("again")

@asynccontextmanager
async def make():
    async with start_tree(Supervisor.spec("root", [ChildSpec("one", {actor})])) as tree:
        print("up", flush=True)
        yield tree

async def drain(tree):
    print("draining", flush=True)
    await asyncio.sleep({drain})

sys.exit(run_program(make, wait=lambda tree: tree.wait(), drain=drain))
"""


@contextmanager
def program(actor: str = "Fine", drain: float = 0.0) -> Iterator["subprocess.Popen[str]"]:
    source = PROGRAM.replace("{actor}", actor).replace("{drain}", str(drain))
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
    with program(drain=60.0) as process:
        lines_until(process, "up")
        process.send_signal(signal.SIGTERM)
        lines_until(process, "draining")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10.0) == 128 + signal.SIGTERM


def test_tree_that_gives_up_ends_it_with_1_and_says_why() -> None:
    with program(actor="Crashes") as process:
        said, _ = process.communicate(timeout=20.0)
    assert process.returncode == 1
    assert "gave up: 4 restarts within 5.0 s" in said
    assert "ZeroDivisionError: again" in said
    assert "draining" not in said
