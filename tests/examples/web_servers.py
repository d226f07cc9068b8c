"""A web application of examples/ under a real uvicorn, and what its monitor has counted."""

import asyncio
import os
import re
import socket
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from tests.examples.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_SAMPLE = re.compile(r"(?P<name>\w+)\{(?P<labels>.*)\} (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class Page:
    """The metrics page of a monitor, read anew at every question."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client, self._url = client, url

    async def counts(self, metric: str) -> dict[tuple[str, str], int]:
        """What a counter's samples say by model and route."""
        return {labels: int(value) for labels, value in (await self.sums(metric)).items()}

    async def sums(self, metric: str) -> dict[tuple[str, str], float]:
        """What a metric's samples say by model and route; those of 0 are left out."""
        page = (await self._client.get(self._url)).raise_for_status().text
        found: dict[tuple[str, str], float] = {}
        for sample in map(_SAMPLE.fullmatch, page.splitlines()):
            if sample is not None and sample["name"] == metric and float(sample["value"]):
                labels = dict(_LABEL.findall(sample["labels"]))
                found[labels["model"], labels.get("route", "")] = float(sample["value"])
        return found

    async def until(self, metric: str, holds: "Callable[[dict[tuple[str, str], int]], bool]") -> None:
        """Wait until its samples are so: what a client has seen, the server may yet have to be told of."""
        async with asyncio.timeout(10.0):
            while not holds(await self.counts(metric)):  # noqa: ASYNC110  another process sets no event of ours
                await asyncio.sleep(0.05)


class Web:
    """One application that is served.

    Attributes:
        client: Asks it.
        page: Of its monitor.
        port: Where it listens.
    """

    def __init__(self, client: httpx.AsyncClient, page: Page, port: int) -> None:
        self.client, self.page, self.port = client, page, port

    async def leave_after(self, path: str, content: bytes) -> None:
        """Ask for a path, and break the connection off as soon as the answer has so much in it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        await reader.readuntil(content)
        writer.transport.abort()


def free_port() -> int:
    """One that nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@asynccontextmanager
async def uvicorn(app: str, *options: str) -> "AsyncIterator[Web]":
    """Serve `module:app`; at the end it is told to stop, and must do so well."""
    port, metrics = free_port(), free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "uvicorn", app, "--port", str(port), *options),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SLOKEEPER_LISTEN": f"127.0.0.1:{metrics}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
            httpx.AsyncClient(trust_env=False) as other,
        ):
            await _until_it_answers(client, process)
            yield Web(client, Page(other, f"http://127.0.0.1:{metrics}/metrics"), port)
        process.terminate()
        said, _ = await process.communicate()
        assert b"Application shutdown complete" in said, said.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _until_it_answers(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(30.0):
        while True:
            try:
                await client.get("/health")
            except httpx.TransportError:
                assert process.returncode is None, (await process.communicate())[0].decode()
                await asyncio.sleep(0.05)
            else:
                return
