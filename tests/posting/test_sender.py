"""One POST against servers that mean it badly: bounded in time and size, and its end is a value."""

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

import httpx
import pytest

from actors.config import Secret
from actors.posting.answer import Answer, NoAnswer
from actors.posting.sender import MAX_BYTES, create_client, post
from supervisor.clock import monotonic
from tests.receivers.servers import (
    ScriptedServer,
    answer,
    answer_and_stay,
    cut_short,
    drip_body,
    drip_headers,
    hang,
    reset,
)

if TYPE_CHECKING:
    from tests.receivers.servers import Step

pytestmark = pytest.mark.realtime("real sockets on the loopback")

TOKEN = "B00hunter2XyZ"
PATH = f"/services/T00AAAA/{TOKEN}?key=hunter3"


async def send(server: ScriptedServer, timeout: float = 5.0, body: bytes = b"{}") -> Answer | NoAnswer:
    async with create_client() as client:
        return await post(client, Secret(server.url(PATH)), body, timeout=timeout)


async def test_request_arrives_whole() -> None:
    async with ScriptedServer(answer(202, b"taken")).running() as server:
        assert await send(server, body=b'{"a": 1}') == Answer(202, None, b"taken")
    [request] = server.received
    assert (request.method, request.target, request.json) == ("POST", PATH, {"a": 1})
    assert request.headers["content-type"] == "application/json; charset=utf-8"


async def test_retry_after_comes_with_the_answer() -> None:
    async with ScriptedServer(answer(429, b"rate_limited", Retry_After="7")).running() as server:
        assert await send(server) == Answer(429, "7", b"rate_limited")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_not_followed(status: int) -> None:
    async with ScriptedServer(answer(200)).running() as elsewhere:
        script = answer(status, Location=elsewhere.url("/stolen"))
        async with ScriptedServer(script).running() as server:
            assert await send(server) == Answer(status)
    assert elsewhere.received == []


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        pytest.param(hang, NoAnswer("no answer within 0.3 s"), id="hangs"),
        pytest.param(drip_headers, NoAnswer("no answer within 0.3 s"), id="drips-headers"),
        pytest.param(reset, NoAnswer("the connection broke off (ReadError)"), id="resets"),
        pytest.param(cut_short(200), Answer(200, is_whole=False), id="ends-in-mid-body"),
    ],
)
async def test_bad_end_is_a_value(step: "Step", reply: Answer | NoAnswer) -> None:
    async with ScriptedServer(step).running() as server:
        assert await send(server, timeout=0.3) == reply


async def test_dripping_body_is_cut_off_at_the_deadline_and_the_status_is_kept() -> None:
    """Every byte comes in time, but not all of them: the deadline is for the whole."""
    async with ScriptedServer(drip_body(202)).running() as server:
        started = monotonic()
        reply = await send(server, timeout=0.3)
        took = monotonic() - started
    assert isinstance(reply, Answer)
    assert (reply.status, reply.is_whole) == (202, False)
    assert 0.25 < took < 2.0


async def test_no_more_than_64_kib_are_read() -> None:
    server = ScriptedServer()
    server._script = [server.flood]
    async with server.running():
        reply = await send(server)
    assert isinstance(reply, Answer)
    assert (len(reply.body), reply.is_whole) == (MAX_BYTES, False)
    assert server.sent < 16 * 1024 * 1024  # what lay in the buffers of the two sockets


async def test_body_of_exactly_64_kib_is_whole() -> None:
    async with ScriptedServer(answer(200, b"x" * MAX_BYTES)).running() as server:
        assert await send(server) == Answer(200, None, b"x" * MAX_BYTES)


async def test_nobody_there_is_said_in_the_systems_words() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # bound and not listening: refused
        url = Secret(f"http://127.0.0.1:{unheard.getsockname()[1]}{PATH}")
        async with create_client() as client:
            reply = await post(client, url, b"{}", timeout=5.0)
    assert isinstance(reply, NoAnswer)
    assert reply.may_pass
    assert "refused" in reply.why
    assert "hunter" not in reply.why


async def test_connection_that_does_not_come_about_is_given_three_seconds_at_most() -> None:
    """A listener whose queue is full lets further connections wait."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = Secret(f"http://127.0.0.1:{full.getsockname()[1]}{PATH}")
        async with create_client() as client:
            reply = await post(client, url, b"{}", timeout=0.3)
    assert isinstance(reply, NoAnswer)
    assert reply.why in {"no connection within 0.3 s", "no answer within 0.3 s"}


@pytest.mark.parametrize(
    "url", ["", "hooks.example.org/x", "ftp://example.org/x", "http://", "http://[::1/x"]
)
async def test_address_that_is_none_is_not_tried_again(url: str) -> None:
    async with create_client() as client:
        reply = await post(client, Secret(url), b"{}", timeout=5.0)
    assert isinstance(reply, NoAnswer)
    assert not reply.may_pass


async def test_loop_stays_responsive_while_a_server_drips() -> None:
    async with ScriptedServer(drip_headers).running() as server:
        sending = asyncio.create_task(send(server, timeout=0.5))
        gaps: list[float] = []
        while not sending.done():
            before = monotonic()
            await asyncio.sleep(0.01)
            gaps.append(monotonic() - before)
    assert len(gaps) > 10


async def test_cancelled_request_ends_at_once() -> None:
    async with ScriptedServer(hang).running() as server:
        sending = asyncio.create_task(send(server))
        await server.until_received(1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


async def test_connections_are_not_kept() -> None:
    """One that the server closes just as it is used again would leave a send in doubt."""
    async with ScriptedServer(answer_and_stay).running() as server, create_client() as client:
        await post(client, Secret(server.url()), b"{}", timeout=5.0)
        pool = client._transport._pool  # type: ignore[attr-defined]
        assert pool.connections == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"no hook at {PATH}".encode(), id="path"),
        pytest.param(f"token {TOKEN} is revoked, and hunter3".encode(), id="pieces"),
        pytest.param(b"routing key R0UT1NGhunter4 is unknown", id="key"),
    ],
)
async def test_answer_that_repeats_a_secret_is_masked(body: bytes) -> None:
    async with ScriptedServer(answer(404, body)).running() as server, create_client() as client:
        keys = (Secret("R0UT1NGhunter4"),)
        reply = await post(client, Secret(server.url(PATH)), b"{}", timeout=5.0, keys=keys)
    assert isinstance(reply, Answer)
    assert b"***" in reply.body
    assert b"hunter" not in reply.body


async def test_http_libraries_log_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    """Not at DEBUG, and not in the headers of an answer that repeats the address."""
    caplog.set_level(logging.DEBUG)
    async with ScriptedServer(answer(302, Location=f"https://example.org{PATH}")).running() as server:
        await send(server)
    assert "hunter" not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith("httpx")]


async def test_other_requests_of_the_program_are_logged_as_ever(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with ScriptedServer(answer(200)).running() as server:
        await send(server)
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(server.url("/theirs"))
    assert [
        record.args[1]
        for record in caplog.records
        if record.name == "httpx" and isinstance(record.args, tuple)
    ] == [httpx.URL(server.url("/theirs"))]
