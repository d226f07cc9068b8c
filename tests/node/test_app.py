"""The HTTP application over a real socket: what each path answers, and what odd requests get."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from structlog.testing import capture_logs

from actors.node.app import create_app
from actors.node.http import HttpServer
from actors.node.listen import ListenAddress
from supervisor.tree import ChildSpec, Supervisor, start_tree
from tests.node.views import StaticView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.realtime("real sockets on the loopback")


@asynccontextmanager
async def served(view: StaticView) -> "AsyncIterator[httpx.AsyncClient]":
    address = ListenAddress("127.0.0.1:0")
    root = Supervisor.spec("root", [ChildSpec("http", HttpServer, (address, create_app(view)))])
    async with start_tree(root), httpx.AsyncClient(base_url=address.url, trust_env=False) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        pytest.param("/health/live", {"status": "ok"}, id="live"),
        pytest.param("/health/ready", {"status": "ready"}, id="ready"),
        pytest.param("/api/v1/tree", {"tree": {"id": "root", "path": "root", "children": []}}, id="tree"),
        pytest.param(
            "/api/v1/slos",
            {
                "slos": [
                    {"name": "fraud-latency", "burn_rate": 0.5},
                    {"name": "no-traffic", "burn_rate": None},
                ]
            },
            id="slos-with-a-number-that-json-has-not",
        ),
        pytest.param("/api/v1/actions", {"actions": [{"action": "freeze", "state": "done"}]}, id="actions"),
        pytest.param("/api/v1/peers", {"peers": [{"name": "blue", "state": "up"}]}, id="peers"),
        pytest.param(
            "/api/v1/alerts", {"alerts": [{"slo": "fraud-latency", "state": "firing"}]}, id="alerts"
        ),
    ],
)
async def test_path_answers_in_json(path: str, answer: object) -> None:
    async with served(StaticView()) as client:
        response = await client.get(path)
    assert (response.status_code, response.json()) == (200, answer)
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"


async def test_readiness_is_503_while_not_ready_and_liveness_is_not() -> None:
    view = StaticView()
    view.ready = False
    async with served(view) as client:
        ready, live = await client.get("/health/ready"), await client.get("/health/live")
    assert (ready.status_code, ready.json()) == (503, {"status": "not_ready"})
    assert live.status_code == 200


async def test_metrics_are_what_the_view_makes_of_the_accept_header() -> None:
    view = StaticView()
    async with served(view) as client:
        response = await client.get(
            "/metrics", headers=[("Accept", "application/openmetrics-text"), ("Accept", "*/*;q=0.1")]
        )
    assert response.content == b"up 1\n"
    assert response.headers.get_list("content-type") == ["text/plain; version=0.0.4; charset=utf-8"]
    assert view.accepted[0].endswith("application/openmetrics-text, */*;q=0.1")


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/api/v1/alerts", "/nowhere"])
async def test_head_is_get_without_the_body(path: str) -> None:
    async with served(StaticView()) as client:
        head, get = await client.head(path), await client.get(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content))
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        pytest.param("GET", "/", 404, "nothing at '/'", id="root"),
        pytest.param("GET", "/metrics/", 404, "nothing at '/metrics/'", id="slash-too-much"),
        pytest.param("GET", "//metrics", 404, "nothing at '//metrics'", id="two-slashes"),
        pytest.param("GET", "/health/../metrics", 200, None, id="dots-that-the-client-resolves"),
        pytest.param(
            "GET", "/health/%2e%2e/metrics", 404, "nothing at '/health/../metrics'", id="encoded-dots"
        ),
        pytest.param("GET", "/%00", 404, r"nothing at '/\x00'", id="nul"),
        pytest.param("GET", "/%ff", 404, "nothing at '/\ufffd'", id="not-utf-8"),
        pytest.param("GET", "/METRICS", 404, "nothing at '/METRICS'", id="upper-case"),
        pytest.param("GET", "/metrics?accept=all&accept", 200, None, id="query-is-ignored"),
        pytest.param("POST", "/metrics", 405, "method must be GET or HEAD, got 'POST'", id="post"),
        pytest.param(
            "OPTIONS", "/health/live", 405, "method must be GET or HEAD, got 'OPTIONS'", id="options"
        ),
        pytest.param(
            "BREW", "/health/live", 405, "method must be GET or HEAD, got 'BREW'", id="unknown-method"
        ),
        pytest.param("DELETE", "/nowhere", 404, "nothing at '/nowhere'", id="delete-of-nothing"),
    ],
)
async def test_odd_request_is_answered_in_json(
    method: str, path: str, status: int, error: str | None
) -> None:
    async with served(StaticView()) as client:
        response = await client.request(method, f"{client.base_url}{path}")
    assert response.status_code == status
    if error is not None:
        assert response.json() == {"error": error}
    if status == 405:
        assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        pytest.param(
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"HTTP/1.1 400 ", id="tls-hello"
        ),
        pytest.param(b"GET\r\n\r\n", b"HTTP/1.1 400 ", id="no-target"),
        pytest.param(
            b"GET /metrics HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000,
            b"HTTP/1.1 400 ",
            id="header-without-end",
        ),
        pytest.param(b"GET /health/live HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 ", id="no-host"),
        pytest.param(
            b"GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
            b"HTTP/1.1 200 ",
            id="get-with-a-body",
        ),
        pytest.param(b"GET /health/live HTTP/1.0\r\n\r\n", b"HTTP/1.1 200 ", id="http-1.0"),
        pytest.param(
            b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\n"
            b"Upgrade: websocket\r\n\r\n",
            b"HTTP/1.1 200 ",
            id="web-socket",
        ),
    ],
)
async def test_bytes_that_no_client_library_sends_are_answered_and_harm_nobody(
    sent: bytes, answer: bytes
) -> None:
    async with served(StaticView()) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        writer.write(sent)
        got = await reader.read()
        writer.close()
        after = await client.get("/health/live")
    assert got.startswith(answer)
    assert after.status_code == 200


@pytest.mark.parametrize(
    "path", ["/health/ready", "/metrics", "/api/v1/tree", "/api/v1/slos", "/api/v1/alerts"]
)
async def test_failure_inside_says_nothing_of_the_inside_and_is_logged(path: str) -> None:
    view = StaticView()
    view.broken = RuntimeError("database /var/lib/slokeeper/secret.db is locked")
    with capture_logs() as logs:
        async with served(view) as client:
            response = await client.get(path)
            live = await client.get("/health/live")
    assert (response.status_code, response.json()) == (
        500,
        {"error": "internal error; the node's log says more"},
    )
    assert live.status_code == 200
    failures = [entry for entry in logs if entry["log_level"] == "error"]
    assert [(entry["event"], entry["path"]) for entry in failures] == [("HTTP answer failed", path)]
