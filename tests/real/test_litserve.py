"""`examples/litserve_app.py`: what LitServe's worker processes push to a node is what was sent to them."""

import json
import signal
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


async def test_what_its_workers_predicted_in_batches_is_what_was_sent(tmp_path: "Path") -> None:
    """No push is due for a minute: all that the node has came when the workers ended."""
    need("litserve")
    port = free_port()
    command = (sys.executable, "examples/litserve_app.py", "--port", str(port), "--workers", "2")
    url = f"http://127.0.0.1:{port}"
    good, bad, refused = (json.dumps({"number": number}).encode() for number in (4.0, 13.0, -1.0))
    async with node(tmp_path) as counting:
        environ = {"SLOKEEPER_CONFIG": worker_config(tmp_path, counting, push_every="60s")}
        async with program(tmp_path / "litserve.log", *command, environ=environ) as server:
            await until_answers(server, f"{url}/health")
            answered = await send(url, [("/predict", good)] * 100)
            answered += await send(url, [("/predict", bad)] * 20)
            answered += await send(url, [("/predict", refused)] * 10)
            assert answered == {200: 100, 500: 20, 422: 10}
            assert await server.end(signal.SIGINT) == 0
        await counting.until_requests("roots", 120)
        counts = await counting.counts("roots")
    assert (counts["model_errors_total"], counts["model_invalid_total"]) == (20, 10)
