"""A real Prometheus scrapes our page, and its own checker has nothing to say about it."""

import asyncio
import os
import shutil
from bisect import bisect_left
from contextlib import asynccontextmanager
from math import ceil, inf
from random import Random
from typing import TYPE_CHECKING

import httpx
import pytest

from actors.node import ActorCollector, HttpServer, ListenAddress, PeerCollector, PeerStatus, create_app
from actors.recording import Exposition, RecordingCollector, Recordings
from actors.recording.buffers import Exemplar
from actors.recording.counts import Counts, Taken
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables
from supervisor.clock import unix_now
from supervisor.tree import ChildSpec, Supervisor, start_tree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from actors.node.view import Rows
    from actors.recording.histogram import Histogram

pytestmark = [pytest.mark.real, pytest.mark.realtime("another program's sockets and clock")]

LABELS = {"model": "fraud", "version": "2.1.0", "region": 'e"u\\'}
BOUNDS = (0.01, 0.05, 0.1, 0.5, 1.0)
CHURN = SeriesKey("churn", "1")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CONFIG = """\
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""


def installed(program: str) -> str:
    """Path of a program of Prometheus'; skips where it is missing, but fails in CI."""
    path = shutil.which(program)
    if path is None:
        reason = f"{program!r} is not on PATH; install Debian's package 'prometheus'"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


class NodeOfTables:
    """A node that has counted a peer's predictions and its own, and nothing else."""

    def __init__(self) -> None:
        self.tables = Tables([0.1, 0.25], bounds=BOUNDS)
        self.tables.add_counts(
            SeriesKey("fraud", "2.1.0", (("region", LABELS["region"]),)),
            Counts(
                requests=1_000,
                errors=7,
                within={0.01: 100, 0.05: 500, 0.1: 900, 0.5: 990, 1.0: 993, inf: 993},
            ),
        )
        rng = Random(7)
        self.seconds = sorted(rng.lognormvariate(-2.0, 0.8) for _ in range(5_000))
        traced = Exemplar(0.07, TRACE, "00f067aa0ba902b7", unix_now())
        self.tables.add_taken(CHURN, Taken(self.seconds, exemplars=[traced]))
        statuses = [PeerStatus("blue", "unknown", silent_seconds=None, problem=None, series=0)]
        self._exposition = Exposition(
            [RecordingCollector(Recordings(self.tables))],
            [PeerCollector(lambda: statuses), ActorCollector(self.tree)],
        )

    @property
    def latency(self) -> "Histogram":
        """Of its own predictions."""
        return dict(self.tables.series())[CHURN].latency

    def is_ready(self) -> bool:
        return True

    def tree(self) -> dict[str, object]:
        return {"path": "root", "restarts": 3, "mailbox": 0, "children": []}

    def slos(self) -> "Rows":
        return []

    def alerts(self) -> "Rows":
        return []

    def actions(self) -> "Rows":
        return []

    def peers(self) -> "Rows":
        return []

    async def exposition(self, accept: str) -> tuple[bytes, str]:
        return await self._exposition.page(accept)


@asynccontextmanager
async def node(view: NodeOfTables | None = None) -> "AsyncIterator[str]":
    """Our HTTP server over some counts; gives its address."""
    address = ListenAddress("127.0.0.1:0")
    spec = ChildSpec("http", HttpServer, (address, create_app(view or NodeOfTables())))
    async with start_tree(Supervisor.spec("root", [spec])):
        yield address.url


@asynccontextmanager
async def prometheus(directory: "Path", target: str) -> "AsyncIterator[httpx.AsyncClient]":
    """A Prometheus that scrapes `target`; gives a client of its API."""
    config = directory / "prometheus.yml"
    config.write_text(CONFIG.format(port=httpx.URL(target).port))
    listen = ListenAddress("127.0.0.1:0")
    listen.bind().close()
    process = await asyncio.create_subprocess_exec(
        installed("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{listen.port}",
        "--enable-feature=exemplar-storage",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=listen.url, trust_env=False) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def ask(
    client: httpx.AsyncClient, path: str, params: "Mapping[str, str] | None" = None
) -> dict[str, object]:
    """Ask Prometheus' API; empty while it does not answer yet."""
    try:
        response = await client.get(path, params=params)
    except httpx.TransportError:
        return {}
    return response.json()["data"] if response.status_code == 200 else {}


async def value_of(client: httpx.AsyncClient, query: str) -> float:
    """The value of a query with one result, waited for until Prometheus has one."""
    async with asyncio.timeout(30.0):
        while True:
            match (await ask(client, "/api/v1/query", {"query": query})).get("result"):
                case [{"value": [_, str(value)]}]:
                    return float(value)
                case _:
                    await asyncio.sleep(0.2)


async def test_prometheus_scrapes_what_was_counted(tmp_path: "Path") -> None:
    async with node() as url, prometheus(tmp_path, url) as client:
        up = await value_of(client, 'up{job="node"} == 1')
        requests = await value_of(client, 'model_requests_total{model="fraud",version="2.1.0"}')
        errors = await value_of(client, 'model_errors_total{model="fraud"}')
        within = await value_of(client, 'model_latency_seconds_bucket{model="fraud",le="0.1"}')
        successes = await value_of(client, 'model_latency_seconds_count{model="fraud"}')
        restarts = await value_of(client, 'slokeeper_actor_restarts_total{path="root"}')
        peer = await value_of(client, 'slokeeper_peer_up{peer="blue"}')
        targets = (await ask(client, "/api/v1/targets"))["activeTargets"]
    assert (up, requests, errors, within, successes) == (1, 1_000, 7, 900, 993)
    assert (restarts, peer) == (3, 0)
    assert isinstance(targets, list)
    assert [(target["health"], target["lastError"]) for target in targets] == [("up", "")]


async def test_quantiles_of_prometheus_lie_in_the_bucket_that_ours_lie_in(tmp_path: "Path") -> None:
    """It knows the classic buckets alone, and draws a line through each; the truth lies in the same one."""
    node_of_tables = NodeOfTables()
    ends = [0.0, *sorted({*BOUNDS, *node_of_tables.tables.thresholds}), inf]
    async with node(node_of_tables) as url, prometheus(tmp_path, url) as client:
        for q in (0.05, 0.5, 0.9, 0.99):
            theirs = await value_of(
                client, f'histogram_quantile({q}, model_latency_seconds_bucket{{model="churn"}})'
            )
            truth = node_of_tables.seconds[ceil(q * len(node_of_tables.seconds)) - 1]
            ours = node_of_tables.latency.quantile(q)
            bucket = bisect_left(ends, truth)
            assert ours == pytest.approx(truth, rel=0.011)
            assert ends[bucket - 1] <= min(ours, theirs)
            assert max(ours, theirs) <= ends[bucket]


async def test_prometheus_keeps_the_trace_of_a_prediction(tmp_path: "Path") -> None:
    async with node() as url, prometheus(tmp_path, url) as client:
        await value_of(client, 'model_requests_total{model="churn"}')
        asked = {"query": "model_latency_seconds_bucket", "start": "0", "end": str(unix_now() + 60)}
        found = (await client.get("/api/v1/query_exemplars", params=asked)).json()["data"]
    (series,) = found
    assert series["seriesLabels"]["le"] == "0.1"
    assert [one["labels"]["trace_id"] for one in series["exemplars"]] == [TRACE]


async def test_promtool_finds_nothing_to_say_about_the_page() -> None:
    async with node() as url, httpx.AsyncClient(trust_env=False) as client:
        page = (await client.get(f"{url}/metrics")).content
    process = await asyncio.create_subprocess_exec(
        installed("promtool"),
        "check",
        "metrics",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate(page)
    assert b"model_requests_total" in page
    assert (process.returncode, said.decode()) == (0, "")
