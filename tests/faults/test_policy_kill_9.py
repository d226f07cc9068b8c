"""The whole process killed while an action is run: what was decided is run after the next start."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actors.policy import Actions
from actors.storage import Database
from tests.policy.offices import office
from tests.receivers.servers import ScriptedServer, answer, hang

if TYPE_CHECKING:
    from asyncio.subprocess import Process

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL

pytestmark = pytest.mark.realtime("a real process is killed")


async def start(directory: Path, url: str, point: str) -> "Process":
    program = (sys.executable, "-m", "tests.faults.policy_that_dies", directory, url, point)
    return await asyncio.create_subprocess_exec(*program, cwd=ROOT)


async def run(directory: Path, url: str, point: str) -> int:
    async with asyncio.timeout(40):
        return await (await start(directory, url, point)).wait()


async def test_decided_and_not_yet_sent_is_sent_once_after_the_restart(tmp_path: Path) -> None:
    """The process that comes after is told of no budget: it knows from the record alone."""
    server = ScriptedServer(answer(200))
    async with server.running():
        assert await run(tmp_path, server.url(), "decided") == KILLED
        assert server.received == []
        assert await run(tmp_path, server.url(), "never") == 0
        assert await run(tmp_path, server.url(), "never") == 0
    assert len(server.received) == 1


async def test_sent_and_not_yet_recorded_is_sent_again_under_the_same_id(tmp_path: Path) -> None:
    server = ScriptedServer(hang, answer(200))
    async with server.running():
        process = await start(tmp_path, server.url(), "hangs")
        await server.until_received(1, seconds=30)
        process.kill()
        assert await process.wait() == KILLED
        assert await run(tmp_path, server.url(), "never") == 0
    first, second = server.received
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_a_function_that_kills_the_process_is_called_three_times_and_no_more(tmp_path: Path) -> None:
    """The node starts nevertheless, and says what was the matter."""
    assert [await run(tmp_path, "http://127.0.0.1:9", "called") for _ in range(4)] == [KILLED] * 3 + [0]
    async with office(Actions(["fraud"]), Database(tmp_path)) as running:
        (row,) = await running.rows()
    assert (row["state"], row["attempts"]) == ("failed", 3)
    assert row["answer"] == "whoever called it ended during each of 3 calls"
