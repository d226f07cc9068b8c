"""The life of the HTTP server: its port, its end, and what it leaves alone."""

import asyncio
import logging
import signal
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from structlog.testing import capture_logs

from actors.node.app import create_app
from actors.node.http import HttpServer
from actors.node.listen import ListenAddress, ListenError
from supervisor.errors import StartFailedError
from supervisor.tree import ChildSpec, Supervisor, Tree, start_tree
from tests.node.views import StaticView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.realtime("real sockets on the loopback")


@dataclass(frozen=True, slots=True)
class Running:
    tree: Tree
    address: ListenAddress
    servers: list[HttpServer]

    def pid(self) -> object:
        return self.tree.ref("http").pid

    async def until_replaced(self, old: object) -> None:
        async with asyncio.timeout(5.0):
            while self.pid() in {old, None}:  # noqa: ASYNC110  bounded; the tree's own events are not under test
                await asyncio.sleep(0.005)


@asynccontextmanager
async def running(view: StaticView, grace_seconds: float = 3.0) -> "AsyncIterator[Running]":
    address, servers = ListenAddress("127.0.0.1:0"), list[HttpServer]()

    def start() -> HttpServer:
        servers.append(HttpServer(address, create_app(view), grace_seconds))
        return servers[-1]

    async with start_tree(Supervisor.spec("root", [ChildSpec("http", start)])) as tree:
        yield Running(tree, address, servers)


@contextmanager
def uvicorn_handlers(*handlers: logging.Handler) -> "Iterator[list[logging.Handler]]":
    """What uvicorn's logger has: these and no others. Put back inside the test, since pytest adds its own."""
    logger = logging.getLogger("uvicorn")
    before, logger.handlers = (logger.handlers, logger.propagate), list(handlers)
    yield logger.handlers
    logger.handlers, logger.propagate = before


async def get(address: ListenAddress, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(address.url + path)


async def test_port_that_was_drawn_is_known_once_it_is_up() -> None:
    async with running(StaticView()) as node:
        assert node.address.port > 0
        assert (await get(node.address, "/health/live")).status_code == 200


async def test_port_in_use_is_a_failed_start_that_names_the_setting() -> None:
    async with running(StaticView()) as first:
        taken = ListenAddress(f"127.0.0.1:{first.address.port}")
        spec = ChildSpec("http", HttpServer, (taken, create_app(StaticView())))
        with pytest.raises(StartFailedError) as failure:
            async with start_tree(Supervisor.spec("root", [spec])):
                pass
        assert isinstance(failure.value.__cause__, ListenError)
        assert str(failure.value.__cause__) == (
            f"node.listen: cannot listen on '127.0.0.1:{first.address.port}': the port is in use; "
            "stop what holds it or choose another (0 takes any free one)"
        )


async def test_killed_server_comes_back_on_its_port() -> None:
    async with running(StaticView()) as node:
        port, old = node.address.port, node.pid()
        node.tree.kill("http")
        await node.until_replaced(old)
        assert node.address.port == port
        assert (await get(node.address, "/health/live")).status_code == 200


async def test_killed_server_drops_its_connections_at_once() -> None:
    """A client that was kept alive sees the end, and does not hang on a server that nobody runs."""
    async with running(StaticView()) as node:
        reader, writer = await asyncio.open_connection("127.0.0.1", node.address.port)
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        await reader.readuntil(b"}")
        node.tree.kill("http")
        async with asyncio.timeout(5.0):
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
        writer.close()


async def test_server_that_ends_by_itself_is_a_crash_and_is_started_anew() -> None:
    async with running(StaticView()) as node:
        old = node.pid()
        node.servers[0]._server.should_exit = True
        await node.until_replaced(old)
        assert (await get(node.address, "/health/live")).status_code == 200
        assert node.tree.describe().children[0].restarts == 1


async def test_answer_under_way_is_finished_at_a_stop() -> None:
    view = StaticView()
    view.gate.clear()
    async with running(view) as node:
        answer = asyncio.ensure_future(get(node.address, "/api/v1/alerts"))
        await view.asked.wait()
        asyncio.get_running_loop().call_later(0.3, view.gate.set)
    assert (await answer).json() == {"alerts": [{"slo": "fraud-latency", "state": "firing"}]}


async def test_answer_that_never_comes_holds_a_stop_no_longer_than_the_grace() -> None:
    view = StaticView()
    view.gate.clear()
    with capture_logs() as logs, uvicorn_handlers():
        async with running(view, grace_seconds=0.2) as node:
            answer = asyncio.ensure_future(get(node.address, "/api/v1/alerts"))
            await view.asked.wait()
        with pytest.raises(httpx.RemoteProtocolError):
            await answer
    assert [entry for entry in logs if entry["log_level"] == "error"] == []


async def test_port_is_closed_after_the_stop() -> None:
    async with running(StaticView()) as node:
        pass
    with pytest.raises(httpx.ConnectError):
        await get(node.address, "/health/live")


async def test_signals_stay_the_programs() -> None:
    handled = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in handled]
    async with running(StaticView()):
        assert [signal.getsignal(number) for number in handled] == before


async def test_loggers_that_were_set_up_are_left_alone() -> None:
    """A program that embeds us may serve with a uvicorn of its own."""
    own, access = logging.NullHandler(), logging.getLogger("uvicorn.access")
    before = (access.level, access.propagate, list(access.handlers))
    with uvicorn_handlers(own) as handlers:
        async with running(StaticView()):
            assert handlers == [own]
            assert (access.level, access.propagate, access.handlers) == before


async def test_complaints_of_the_server_go_to_the_nodes_log() -> None:
    with capture_logs() as logs, uvicorn_handlers():
        async with running(StaticView()) as node:
            reader, writer = await asyncio.open_connection("127.0.0.1", node.address.port)
            writer.write(b"rubbish\r\n\r\n")
            await reader.read()
            writer.close()
    said = [(entry["log_level"], entry["said"]) for entry in logs if entry["event"] == "HTTP server"]
    assert said == [("warning", "Invalid HTTP request received.")]
