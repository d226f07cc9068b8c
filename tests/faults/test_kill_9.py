"""The whole process killed between any two steps: what was decided is delivered after the next start."""

import asyncio
import signal
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actors.alerting import dedup_key
from actors.storage import Database
from actors.storage.database import FILE_NAME
from tests.alerting.houses import LABELS
from tests.receivers.servers import ScriptedServer, answer

if TYPE_CHECKING:
    from asyncio.subprocess import Process

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.realtime("a real process is killed")


async def start(directory: Path, url: str, point: str) -> "Process":
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.node_that_dies",
        directory,
        url,
        point,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )


async def run(directory: Path, url: str, point: str) -> int:
    process = await start(directory, url, point)
    async with asyncio.timeout(40):
        await process.communicate()
    assert process.returncode is not None
    return process.returncode


async def test_decided_and_not_yet_sent_is_delivered_once_after_the_restart(tmp_path: Path) -> None:
    """The process that comes after is told of no condition: it knows from the outbox alone."""
    server = ScriptedServer(answer(202))
    async with server.running():
        assert await run(tmp_path, server.url(), "before-send") == -signal.SIGKILL
        assert server.received == []
        assert await run(tmp_path, server.url(), "never") == 0
        (request,) = server.received
        assert (request.json["event_action"], request.json["dedup_key"]) == ("trigger", dedup_key(LABELS))
        assert await run(tmp_path, server.url(), "never") == 0
        assert len(server.received) == 1


async def test_sent_and_not_yet_recorded_is_sent_again_under_the_same_key(tmp_path: Path) -> None:
    """Nobody can know whether it arrived; the key makes one incident of the two."""
    server = ScriptedServer(answer(202))
    async with server.running():
        assert await run(tmp_path, server.url(), "after-send") == -signal.SIGKILL
        assert await run(tmp_path, server.url(), "never") == 0
        first, second = server.received
    assert first.body == second.body
    assert first.json["dedup_key"] == dedup_key(LABELS)


async def test_killed_while_it_writes_leaves_no_half_decision(tmp_path: Path) -> None:
    """Ten kills in a row on one database, each amid decisions and deliveries."""
    for lines in range(1, 11):
        process = await start(tmp_path, "http://127.0.0.1:1/", "busy")
        assert process.stdout is not None
        async with asyncio.timeout(40):
            while f"decided {lines}\n".encode() not in (await process.stdout.readline()):
                assert not process.stdout.at_eof()
            process.kill()
            await process.communicate()
        connection = sqlite3.connect(tmp_path / FILE_NAME)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        alerts = connection.execute("SELECT dedup_key, fired_at FROM alerts ORDER BY 1").fetchall()
        owed = connection.execute("SELECT dedup_key, fired_at FROM outbox ORDER BY 1").fetchall()
        connection.close()
        assert owed == alerts
        assert len(alerts) >= lines * 5
    database = Database(tmp_path)
    database.open()
    database.close()
