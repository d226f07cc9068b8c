"""`examples/asgi_workers.py` in uvicorn's workers: what they push to a node is what was sent to them."""

import sys
from typing import TYPE_CHECKING

import pytest

from tests.real.processes import free_port, need, node, program, send, until_answers, worker_config

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.real,
    pytest.mark.realtime("other programs, their sockets and signals"),
    pytest.mark.timeout(180),
]


async def test_what_all_workers_predicted_is_what_was_sent(tmp_path: "Path") -> None:
    """No push is due for a minute: all that the node has came when the workers ended."""
    need("fastapi")
    port = free_port()
    command = (
        *(sys.executable, "-m", "uvicorn", "examples.asgi_workers:app", "--workers", "4"),
        *("--host", "127.0.0.1", "--port", str(port)),
    )
    url = f"http://127.0.0.1:{port}"
    requests = [("/predict?number=4", b"")] * 100 + [("/predict?number=-4", b"")] * 20
    requests += [("/predict?number=four", b"")] * 10
    async with node(tmp_path) as counting:
        environ = {"SLOKEEPER_CONFIG": worker_config(tmp_path, counting, push_every="60s")}
        async with program(tmp_path / "uvicorn.log", *command, environ=environ) as server:
            await until_answers(server, f"{url}/health")
            assert await send(url, requests) == {200: 100, 500: 20, 422: 10}
            await server.end()
        await counting.until_requests("roots", 120)
        counts = await counting.counts("roots")
    assert (counts["model_errors_total"], counts["model_invalid_total"]) == (20, 10)
