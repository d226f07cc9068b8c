"""`examples/wsgi_workers.py` in gunicorn's workers: what they push to a node is what was sent to them."""

import os
import signal
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.processes import (
    Program,
    free_port,
    need,
    node,
    program,
    send,
    until,
    until_answers,
    worker_config,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [
    pytest.mark.real,
    pytest.mark.realtime("other programs, their sockets and signals"),
    pytest.mark.timeout(180),
]
WORKERS = 4
GTHREAD = ("--worker-class", "gthread", "--threads", "4")


class Served:
    """The example under gunicorn."""

    def __init__(self, port: int, server: Program) -> None:
        self.port, self.server = port, server
        self.url = f"http://127.0.0.1:{port}"

    def workers(self) -> set[int]:
        """Process ids of the workers."""
        pid = self.server.process.pid
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    async def until_replaced(self, worker: int) -> None:
        """Wait until a worker has gone and another has taken its place."""

        async def is_replaced() -> bool:
            workers = self.workers()
            return worker not in workers and len(workers) == WORKERS

        await until(is_replaced, f"worker {worker} is replaced")


@asynccontextmanager
async def served(folder: Path, config: str, *options: str) -> "AsyncIterator[Served]":
    need("gunicorn")
    port = free_port()
    command = (
        *(sys.executable, "-m", "gunicorn", "examples.wsgi_workers:app", "--workers", str(WORKERS)),
        *("--bind", f"127.0.0.1:{port}", "--worker-tmp-dir", str(folder), "--no-control-socket", *options),
    )
    environ = {"SLOKEEPER_CONFIG": config}
    async with program(folder / "gunicorn.log", *command, environ=environ) as server:
        app = Served(port, server)
        await until_answers(server, f"{app.url}/health")
        yield app


def predicting(*numbers: float, path: str = "/predict") -> list[tuple[str, bytes]]:
    return [(path, str(number).encode()) for number in numbers]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="sync"),
        pytest.param(("--preload",), id="preload"),
        pytest.param(GTHREAD, id="gthread"),
    ],
)
async def test_what_all_workers_predicted_is_what_was_sent(tmp_path: Path, options: tuple[str, ...]) -> None:
    numbers = [4.0] * 160 + [13.0] * 20 + [-1.0] * 10
    async with node(tmp_path) as counting:
        async with served(tmp_path, worker_config(tmp_path, counting), *options) as app:
            answered = await send(app.url, predicting(*numbers))
            assert answered == {200: 160, 500: 20, 422: 10}
            await counting.until_requests("roots", 180)
            counts = await counting.counts("roots")
            assert (counts["model_errors_total"], counts["model_invalid_total"]) == (20, 10)
            assert await app.server.end() == 0
        await counting.until_requests(
            "roots", 180
        )  # and none twice, when the workers pushed for the last time


async def test_workers_that_are_recycled_lose_nothing(tmp_path: Path) -> None:
    """Each lives for about ten requests; between two pushes it may come and go."""
    async with node(tmp_path) as counting:
        config = worker_config(tmp_path, counting, push_every="60s")
        async with served(tmp_path, config, "--max-requests", "10", "--preload") as app:
            answered = await send(app.url, predicting(*[4.0] * 80))
            assert await app.server.end() == 0
        assert answered == {200: 80}
        await counting.until_requests("roots", 80)


async def test_worker_that_is_told_to_end_pushes_what_it_has(tmp_path: Path) -> None:
    """No push is due for a minute: all came when the workers ended, to a host that has a name."""
    async with node(tmp_path) as counting:
        config = worker_config(tmp_path, counting, host="localhost", push_every="60s")
        async with served(tmp_path, config) as app:
            assert await send(app.url, predicting(*[4.0] * 40)) == {200: 40}
            for worker in app.workers():
                os.kill(worker, signal.SIGTERM)
                await app.until_replaced(worker)
            await counting.until_requests("roots", 40)


async def test_worker_that_is_killed_takes_along_what_it_had_not_pushed_and_no_more(tmp_path: Path) -> None:
    async with node(tmp_path) as counting:
        config = worker_config(tmp_path, counting, push_every="1s")
        async with served(tmp_path, config) as app:
            assert await send(app.url, predicting(*[4.0] * 40)) == {200: 40}
            await counting.until_requests("roots", 40)
            for worker in app.workers():
                os.kill(worker, signal.SIGKILL)
                await app.until_replaced(worker)
            assert await counting.requests("roots") == 40
            assert await send(app.url, predicting(*[4.0] * 40)) == {200: 40}
            await counting.until_requests("roots", 80)


def leave(port: int) -> None:
    """Ask for a stream that does not end soon, and reset the connection when it has begun."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST /stream?lines=1000000000 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n4")
        connection.recv(1)
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # on, for 0 s: the close resets
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


async def test_stream_an_aborted_client_and_an_exception_are_each_counted_as_declared(tmp_path: Path) -> None:
    async with node(tmp_path) as counting, served(tmp_path, worker_config(tmp_path, counting)) as app:
        assert await send(app.url, predicting(*[4.0] * 5, path="/stream")) == {200: 5}
        assert await send(app.url, predicting(*[13.0] * 3)) == {500: 3}
        for _ in range(2):
            leave(app.port)
        await counting.until_requests("roots", 8)
        counts = await counting.counts("roots")
    assert (counts["model_errors_total"], counts["model_cancelled_total"]) == (3, 2)
