"""A real collector between a process of ours and a node of ours: what goes in comes out."""

import asyncio
import importlib
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actors.application import Application
from actors.config import OtlpSettings
from tests.application.nodes import MODEL, settings, totals
from tests.real.processes import free_port, need

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SHORT = 1440.0  # a nominal minute passes in 42 ms
pytestmark = [pytest.mark.real, pytest.mark.realtime("another program's sockets")]


@asynccontextmanager
async def collector(target: str, folder: Path) -> "AsyncIterator[str]":
    """Rotel, which takes OTLP and hands it on to `target`; gives its address."""
    need("rotel", extra="dev")
    rotel = importlib.import_module("rotel")
    address, unused = (f"127.0.0.1:{free_port()}" for _ in range(2))
    process = await asyncio.create_subprocess_exec(
        str(Path(str(rotel.__file__)).with_name("rotel-agent")),
        "start",
        *("--otlp-http-endpoint", address, "--otlp-grpc-endpoint", unused),
        *("--exporter", "otlp", "--otlp-exporter-endpoint", target, "--otlp-exporter-protocol", "http"),
        *("--batch-timeout", "100ms", "--pid-file", str(folder / "pid"), "--log-file", str(folder / "log")),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://{address}"
    finally:
        process.terminate()
        await process.wait()


async def test_counts_and_quantiles_survive_a_collector(tmp_path: Path) -> None:
    async with Application(settings(listen="127.0.0.1:0", time_factor=SHORT)).running() as node:
        assert node.address is not None
        async with collector(node.address.url, tmp_path) as address:
            pushing = OtlpSettings(endpoint=address, push_every=0.2)
            async with Application(replace(settings(), otlp=pushing)).running() as peer:
                model = peer.recordings.model(MODEL, "1")
                for _ in range(50):
                    with model.span():
                        pass
                async with asyncio.timeout(20.0):
                    while totals(node, "latency")[1] < 50:  # noqa: ASYNC110  a judgement tells nobody
                        await asyncio.sleep(0.05)
                (told,) = [row for row in await node.slos() if row["name"] == "latency"]
                (ours,) = (one.latency for _, one in peer.tables.series())
    assert totals(node, "availability") == totals(node, "latency") == (50, 50)
    assert ours.shortest <= float(str(told["p99_seconds"])) <= ours.longest * 1.011
