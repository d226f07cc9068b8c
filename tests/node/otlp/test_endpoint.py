"""`POST /v1/metrics` over a real socket: what is taken, and what is refused with which answer."""

import gzip
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from actors.node import HttpServer, ListenAddress, PushEndpoint, Pushes, create_app
from actors.recording.series import SeriesKey
from supervisor.clock import unix_now, unix_now_ns
from supervisor.tree import ChildSpec, Supervisor, start_tree
from tests.node.counted import Counted
from tests.node.otlp.pushed import counter, request
from tests.node.views import StaticView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.realtime("real sockets on the loopback")

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
KEY = SeriesKey("fraud", "1")


@asynccontextmanager
async def served(tables: Counted, max_bytes: int = 100_000) -> "AsyncIterator[httpx.AsyncClient]":
    address = ListenAddress("127.0.0.1:0")
    app = create_app(StaticView(), PushEndpoint(Pushes(unix_now_ns()), tables, max_bytes))
    root = Supervisor.spec("root", [ChildSpec("http", HttpServer, (address, app))])
    async with start_tree(root), httpx.AsyncClient(base_url=address.url, trust_env=False) as client:
        yield client


def seven() -> bytes:
    """Seven requests that came after the node started."""
    now = unix_now()
    return bytes(request(counter("model_requests", 7, start=now + 1, time=now + 2)).SerializeToString())


async def test_protobuf_push_is_counted_and_answered_in_protobuf() -> None:
    tables = Counted()
    async with served(tables) as client:
        answer = await client.post("/v1/metrics", content=seven(), headers=PROTOBUF)
    assert (answer.status_code, answer.headers["content-type"]) == (200, PROTOBUF["Content-Type"])
    assert not ExportMetricsServiceResponse.FromString(answer.content).HasField("partial_success")
    assert tables.requests == {KEY: 7}


async def test_gzip_is_taken() -> None:
    tables = Counted()
    async with served(tables) as client:
        headers = {**PROTOBUF, "Content-Encoding": "gzip"}
        answer = await client.post("/v1/metrics", content=gzip.compress(seven()), headers=headers)
    assert answer.status_code == 200
    assert tables.requests == {KEY: 7}


async def test_bomb_is_refused_when_it_passes_the_limit() -> None:
    async with served(Counted()) as client:
        headers = {**PROTOBUF, "Content-Encoding": "gzip"}
        answer = await client.post("/v1/metrics", content=gzip.compress(bytes(50_000_000)), headers=headers)
    assert answer.status_code == 413
