"""`slokeeper run` as a process: asked, told to stop, killed, and started again."""

import asyncio
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from actors.node import ListenAddress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.realtime("another process and its signals")

CONFIG = """\
[node]
name = "test"
listen = "{listen}"
data_dir = "{data_dir}"
drain_timeout = "2s"

[[slo]]
name = "fraud-availability"
sli = "availability"
match = {{ model = "fraud" }}
objective = 0.999
window = "30d"

[[receiver]]
name = "terminal"
type = "console"

[route]
receiver = "terminal"
"""


class Node:
    """One process of `slokeeper run`."""

    def __init__(self, process: asyncio.subprocess.Process, client: httpx.AsyncClient) -> None:
        self.process, self.client = process, client

    async def status_of(self, path: str) -> int:
        return (await self.client.get(path)).status_code

    async def until_ready_is(self, status: int, within: float) -> None:
        """Ask `/health/ready` until it answers so."""
        async with asyncio.timeout(within):
            while await self._readiness() != status:  # noqa: ASYNC110  another process sets no event of ours
                await asyncio.sleep(0.02)

    async def _readiness(self) -> int:
        try:
            return await self.status_of("/health/ready")
        except httpx.TransportError:
            assert self.process.returncode is None
            return 0


def free_address() -> str:
    listen = ListenAddress("127.0.0.1:0")
    listen.bind().close()
    return f"127.0.0.1:{listen.port}"


@asynccontextmanager
async def node(folder: Path, listen: str) -> "AsyncIterator[Node]":
    config = folder / "config.toml"
    config.write_text(CONFIG.format(listen=listen, data_dir=folder / "data"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "actors.cli", "run", "--config", str(config)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://{listen}", trust_env=False) as client:
            running = Node(process, client)
            await running.until_ready_is(200, within=20.0)
            yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_every_endpoint_answers(tmp_path: Path) -> None:
    async with node(tmp_path, free_address()) as running:
        for path in ("/health/live", "/metrics", "/api/v1/tree", "/api/v1/slos", "/api/v1/alerts"):
            assert await running.status_of(path) == 200, path


async def test_sigterm_makes_it_not_ready_then_ends_it_with_0(tmp_path: Path) -> None:
    async with node(tmp_path, free_address()) as running:
        running.process.send_signal(signal.SIGTERM)
        await running.until_ready_is(503, within=2.0)
        assert await running.status_of("/health/live") == 200
        async with asyncio.timeout(10.0):
            assert await running.process.wait() == 0


async def test_second_signal_ends_it_now(tmp_path: Path) -> None:
    async with node(tmp_path, free_address()) as running:
        running.process.send_signal(signal.SIGTERM)
        await running.until_ready_is(503, within=2.0)
        running.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5.0):
            assert await running.process.wait() == 128 + signal.SIGTERM


async def test_it_starts_again_after_a_kill(tmp_path: Path) -> None:
    listen = free_address()
    async with node(tmp_path, listen) as running:
        running.process.kill()
        await running.process.wait()
    async with node(tmp_path, listen) as running:
        assert await running.status_of("/api/v1/alerts") == 200


async def test_port_in_use_is_one_clear_line_and_exit_code_2(tmp_path: Path) -> None:
    listen = ListenAddress("127.0.0.1:0")
    with listen.bind():
        config = tmp_path / "config.toml"
        config.write_text(CONFIG.format(listen=f"127.0.0.1:{listen.port}", data_dir=tmp_path / "data"))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "actors.cli", "run", "--config", str(config)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    assert process.returncode == 2
    assert b"node.listen: cannot listen on" in said
    assert b"Traceback" not in said
