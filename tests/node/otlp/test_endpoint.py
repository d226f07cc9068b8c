"""`POST /v1/metrics` over a real socket: what is taken, and what is refused with which answer."""

import gzip
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from google.protobuf.json_format import MessageToJson, ParseDict
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


@pytest.mark.parametrize(
    ("body", "headers", "status", "says"),
    [
        pytest.param(b"\xff", PROTOBUF, 400, "in protobuf", id="no-message"),
        pytest.param(b"{]", JSON, 400, "in JSON", id="no-json"),
        pytest.param(b"x", {**JSON, "Content-Encoding": "gzip"}, 400, "must be gzip", id="no-gzip"),
        pytest.param(bytes(100_001), PROTOBUF, 413, "at most 100000 bytes", id="too-large"),
        pytest.param(
            gzip.compress(bytes(50_000_000)),
            {**PROTOBUF, "Content-Encoding": "gzip"},
            413,
            "at most 100000 bytes decompressed",
            id="bomb",
        ),
        pytest.param(b"{}", {**JSON, "Content-Encoding": "br"}, 415, "got 'br'", id="compression"),
        pytest.param(b"{}", {"Content-Type": "text/plain"}, 415, "Content-Type must be", id="media-type"),
        pytest.param(b"{}", {}, 415, "Content-Type must be", id="no-media-type"),
    ],
)
async def test_refusal_is_a_status_in_the_encoding_of_the_request(
    body: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    async with served(Counted()) as client:
        answer = await client.post("/v1/metrics", content=body, headers=headers)
    assert answer.status_code == status
    if headers.get("Content-Type") == PROTOBUF["Content-Type"]:
        code, message = status_of(answer.content)
    else:
        code, message = answer.json()["code"], answer.json()["message"]
    assert (code, says in message) == ({400: 3, 413: 8, 415: 12}[status], True)


def status_of(body: bytes) -> tuple[int, str]:
    """`google.rpc.Status`, which is not among the classes that a push needs."""
    pytest.importorskip("google.rpc.status_pb2")
    from google.rpc.status_pb2 import Status  # noqa: PLC0415

    status = Status.FromString(body)
    return status.code, status.message


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_nothing_but_a_post_is_taken(method: str) -> None:
    async with served(Counted()) as client:
        answer = await client.request(method, "/v1/metrics")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json() == {"error": f"method must be POST, got {method!r}"}


@pytest.mark.parametrize("encoding", [PROTOBUF, JSON])
async def test_points_are_refused_with_their_number_and_reason_and_the_rest_is_taken(
    encoding: dict[str, str],
) -> None:
    now, tables = unix_now(), Counted()
    message = request(
        counter("model_requests", 7, start=now + 1, time=now + 2),
        counter("model_errors", -1, start=now + 1, time=now + 2),
        counter("model_errors", -1, start=now + 1, time=now + 3),
    )
    is_json = encoding is JSON
    body = (
        MessageToJson(message, use_integers_for_enums=True).encode()
        if is_json
        else message.SerializeToString()
    )
    async with served(tables) as client:
        answer = await client.post("/v1/metrics", content=body, headers=encoding)
    assert answer.status_code == 200
    response = (
        ParseDict(answer.json(), ExportMetricsServiceResponse())
        if is_json
        else ExportMetricsServiceResponse.FromString(answer.content)
    )
    assert response.partial_success.rejected_data_points == 2
    assert response.partial_success.error_message == (
        "model_errors: value must be a whole number >= 0, got -1 (2 points)"
    )
    assert tables.requests == {KEY: 7}


async def test_without_protobufs_classes_json_is_taken_and_protobuf_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.proto.collector.metrics.v1.metrics_service_pb2", None)
    async with served(Counted()) as client:
        protobuf = await client.post("/v1/metrics", content=seven(), headers=PROTOBUF)
        json = await client.post("/v1/metrics", content=b"{}", headers=JSON)
    assert (protobuf.status_code, protobuf.headers["accept"]) == (415, JSON["Content-Type"])
    assert "slokeeper[otlp]" in protobuf.text
    assert json.status_code == 200


async def test_large_push_is_decoded_beside_the_loop() -> None:
    now, tables = unix_now(), Counted()
    metrics = [
        counter("model_requests", 1, start=now + 1, time=now + 2, labels={"model": f"m{number}"})
        for number in range(1_000)
    ]
    body = request(*metrics).SerializeToString()
    assert len(body) > 64 * 1024
    async with served(tables) as client:
        assert (await client.post("/v1/metrics", content=body, headers=PROTOBUF)).status_code == 200
    assert len(tables.requests) == 1_000
