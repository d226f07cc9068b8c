"""One GET of a peer's page: bounded in time and size, and told what was wrong."""

import asyncio
import gzip
from typing import TYPE_CHECKING

import httpx
import pytest
from werkzeug import Response

from actors.node.fetch import PeerUnreachableError, create_client, fetch_page
from actors.node.listen import ListenAddress
from actors.node.prometheus_text import PeerAnswerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pytest_httpserver import HTTPServer

pytestmark = pytest.mark.realtime("real sockets on the loopback")


async def fetch(url: str, timeout: float = 5.0, max_bytes: int = 1_000) -> bytes:
    async with create_client() as client:
        return await fetch_page(client, url, timeout, max_bytes)


async def test_page_comes_whole_and_is_asked_for_as_text(httpserver: "HTTPServer") -> None:
    httpserver.expect_request("/metrics").respond_with_data("up 1\n")
    assert await fetch(httpserver.url_for("/metrics")) == b"up 1\n"
    [(request, _)] = httpserver.log
    assert request.headers["Accept"].startswith("text/plain;version=0.0.4")


@pytest.mark.parametrize("status", [204, 301, 302, 304, 401, 404, 429, 500, 503])
async def test_status_other_than_200_is_refused_and_redirects_are_not_followed(
    httpserver: "HTTPServer", status: int
) -> None:
    elsewhere = httpserver.url_for("/elsewhere")
    httpserver.expect_request("/metrics").respond_with_data(
        "", status=status, headers={"Location": elsewhere}
    )
    with pytest.raises(PeerAnswerError, match=f"status must be 200, got {status}"):
        await fetch(httpserver.url_for("/metrics"))
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"x" * 1_001, {}, id="plain"),
        pytest.param(gzip.compress(b"x" * 100_000), {"Content-Encoding": "gzip"}, id="compressed"),
    ],
)
async def test_page_that_is_too_large_is_refused(
    httpserver: "HTTPServer", body: bytes, headers: dict[str, str]
) -> None:
    httpserver.expect_request("/metrics").respond_with_data(body, headers=headers)
    with pytest.raises(PeerAnswerError, match="page must be at most 1000 bytes, got more"):
        await fetch(httpserver.url_for("/metrics"))


async def test_page_of_exactly_the_limit_is_taken(httpserver: "HTTPServer") -> None:
    httpserver.expect_request("/metrics").respond_with_data(b"x" * 1_000)
    assert len(await fetch(httpserver.url_for("/metrics"))) == 1_000


async def test_compressed_page_is_unpacked(httpserver: "HTTPServer") -> None:
    packed = Response(gzip.compress(b"up 1\n"), headers={"Content-Encoding": "gzip"})
    httpserver.expect_request("/metrics").respond_with_response(packed)
    assert await fetch(httpserver.url_for("/metrics")) == b"up 1\n"


async def test_nobody_there_is_no_answer_and_the_address_is_not_told() -> None:
    address = ListenAddress("127.0.0.1:0")
    address.bind().close()
    with pytest.raises(PeerUnreachableError, match=r"no answer \(ConnectError") as silence:
        await fetch(f"http://user:hunter2@127.0.0.1:{address.port}/metrics?key=hunter3")
    assert "hunter" not in str(silence.value)


async def test_whole_answer_has_to_be_there_in_time() -> None:
    """A peer that drips one byte after the other is cut off too."""

    async def drip() -> "AsyncIterator[bytes]":
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.01)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=drip()))
    async with httpx.AsyncClient(transport=transport) as client:
        with pytest.raises(PeerUnreachableError, match=r"no answer within 0\.1 s"):
            await fetch_page(client, "http://peer/metrics", 0.1)


@pytest.mark.parametrize("url", ["", "peer", "ftp://peer/metrics", "http://", "http://[::1/metrics"])
async def test_address_that_is_none_is_no_answer(url: str) -> None:
    with pytest.raises(PeerUnreachableError):
        await fetch(url)
