"""Processes that a program forks by itself push what each of them predicted, however they end in order."""

import sys
from pathlib import Path

import pytest

from tests.real.processes import node, program, worker_config

pytestmark = [
    pytest.mark.real,
    pytest.mark.realtime("other programs, their sockets and signals"),
    pytest.mark.timeout(180),
]

FORKS = """\
import multiprocessing
import os
import sys

import actors

root = actors.model("roots").observe(lambda number: number**0.5)


def predict(count, done):
    for number in range(count):
        root(number)
    done.set()
    if count == 30:
        multiprocessing.Event().wait()  # for SIGTERM
    if count == 20:
        sys.exit(3)


if __name__ == "__main__":
    for number in range(10):
        root(number)
    forks = multiprocessing.get_context("fork")
    for count in (10, 20, 30):
        done = forks.Event()
        child = forks.Process(target=predict, args=(count, done))
        child.start()
        done.wait()
        if count == 30:
            child.terminate()
        child.join()
        print(count, child.exitcode)
"""


async def test_children_of_multiprocessing_push_at_their_ends_and_nothing_of_their_parent(
    tmp_path: Path,
) -> None:
    (tmp_path / "forks.py").write_text(FORKS)
    async with node(tmp_path) as counting:
        environ = {"SLOKEEPER_CONFIG": worker_config(tmp_path, counting, push_every="60s")}
        command = (sys.executable, str(tmp_path / "forks.py"))
        async with program(tmp_path / "said.log", *command, environ=environ) as running:
            assert await running.process.wait() == 0, running.said.read_text()
        assert "10 0\n20 3\n30 -15\n" in running.said.read_text()
        await counting.until_requests("roots", 70)


async def test_program_that_is_told_to_end_pushes_and_dies_of_the_signal_as_it_would_have(
    tmp_path: Path,
) -> None:
    (tmp_path / "waits.py").write_text(
        "import actors, threading\n"
        "root = actors.model('roots').observe(lambda number: number**0.5)\n"
        "for number in range(10):\n"
        "    root(number)\n"
        "print('predicted', flush=True)\n"
        "threading.Event().wait()\n"
    )
    async with node(tmp_path) as counting:
        environ = {"SLOKEEPER_CONFIG": worker_config(tmp_path, counting, push_every="60s")}
        command = (sys.executable, str(tmp_path / "waits.py"))
        async with program(tmp_path / "said.log", *command, environ=environ) as running:
            await running.until_says("predicted")
            assert await running.end() == -15
        await counting.until_requests("roots", 10)
