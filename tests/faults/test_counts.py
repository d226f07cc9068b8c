"""Each prediction is counted once: across threads, forks, kills, and the end of the process."""

import asyncio
import gzip
import json
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from actors.recording import Recorder, Recordings, Tables
from supervisor.tree import ChildSpec, Supervisor, start_tree
from tests.faults.process_that_forks import CALLS, CALLS_OF_CHILD, CHILDREN, THREADS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
RECORDER = "recording/recorder"

pytestmark = pytest.mark.realtime("threads and processes")


def counted(recordings: Recordings) -> tuple[int, int, int]:
    """Requests, errors and cancelled ones of all series."""
    totals = [one for _, one in recordings.tables.series()]
    return (
        sum(one.requests for one in totals),
        sum(one.errors for one in totals),
        sum(one.cancelled for one in totals),
    )


# --- threads, tasks and kills -----------------------------------------------------------------------------


async def test_recorder_killed_every_ten_milliseconds_loses_nothing_of_threads_and_tasks() -> None:
    recordings = Recordings(Tables([0.1]))
    score = recordings.model("fraud").observe(lambda number: 1 / (number % 10))
    wait = recordings.model("forecast").observe(asyncio.sleep)

    def work() -> None:
        for number in range(10_000):
            with suppress(ZeroDivisionError):
                score(number)

    async def ask(number: int) -> None:
        for _ in range(5):
            asking = asyncio.ensure_future(wait(0.02))
            await asyncio.sleep(0.01)
            if number % 2:
                asking.cancel()
            await asyncio.wait({asking})

    workers = [threading.Thread(target=work) for _ in range(8)]
    recorder = ChildSpec("recorder", Recorder, (recordings, 0.005), mailbox="keep")
    recording = Supervisor.spec("recording", [recorder], max_restarts=100_000)
    async with start_tree(Supervisor.spec("root", [recording])) as tree:
        for worker in workers:
            worker.start()
        asking = asyncio.gather(*(ask(number) for number in range(200)))
        while any(worker.is_alive() for worker in workers) or not asking.done():
            await asyncio.sleep(0.01)
            tree.kill(RECORDER)
        await asking
    assert counted(recordings) == (8 * 10_000 + 100 * 5, 8 * 1_000, 100 * 5)


async def test_four_producers_lose_nothing_while_their_backlog_is_drained_in_turns() -> None:
    recordings, calls = Recordings(Tables([0.1])), 50_000
    score = recordings.model("fraud").observe(lambda: 1)

    def work() -> None:
        for _ in range(calls):
            score()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        await asyncio.gather(*(recordings.drain_in_turns() for _ in range(3)))
    recordings.drain()
    assert counted(recordings)[0] == 4 * calls


# --- forks ------------------------------------------------------------------------------------------------


def test_forked_workers_count_their_own_and_their_parent_loses_nothing() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.process_that_forks"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    told = json.loads(ran.stdout)
    of_child = THREADS * CALLS_OF_CHILD
    assert told["children"] == [
        [number * of_child, number * of_child // 10] for number in range(1, CHILDREN + 1)
    ]
    assert told["parent"] == [THREADS * CALLS + CHILDREN * 10_000, THREADS * CALLS // 10]


# --- the end of the process -------------------------------------------------------------------------------

ENDS_IN_MID_LOAD = """
    import sys, threading
    from pathlib import Path
    from actors import Monitor

    monitor = Monitor.from_config(Path(sys.argv[1])).start()
    score = monitor.model("fraud").observe(lambda: 1)

    def work():
        for _ in range(20_000):
            score()

    for _ in range(4):
        threading.Thread(target=work).start()
    {end}
"""

CONFIG = """
    [node]
    listen = ""
    data_dir = ""

    [otlp]
    endpoint = "http://{host}:{port}"
"""


@contextmanager
def collector() -> "Iterator[tuple[int, list[int]]]":
    """Its port, and the requests that every push tells of."""
    pushed: list[int] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
            pushed.append(_requests(ExportMetricsServiceRequest.FromString(body)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, pushed
        finally:
            server.shutdown()
            thread.join()


def _requests(message: ExportMetricsServiceRequest) -> int:
    metrics = message.resource_metrics[0].scope_metrics[0].metrics
    (requests,) = [one for one in metrics if one.name == "model_requests"]
    return sum(point.as_int for point in requests.sum.data_points)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize(
    ("end", "code"),
    [
        pytest.param("sys.exit(3)", 3, id="sys.exit"),
        pytest.param("raise SystemError", 1, id="an-error"),
        pytest.param("pass", 0, id="its-last-line"),
    ],
)
def test_process_that_ends_in_mid_load_pushes_all_that_was_predicted(
    end: str, code: int, host: str, tmp_path: Path
) -> None:
    """Threads that are no daemons go on until they are done; then the monitor is stopped and pushes.

    A name is resolved then, too, though asyncio has no thread for it any more.
    """
    file = tmp_path / "config.toml"
    with collector() as (port, pushed):
        file.write_text(dedent(CONFIG).format(host=host, port=port))
        program = dedent(ENDS_IN_MID_LOAD).format(end=end)
        ran = subprocess.run(
            [sys.executable, "-c", program, str(file)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert ran.returncode == code, ran.stderr
    assert pushed[-1:] == [4 * 20_000], ran.stdout + ran.stderr
