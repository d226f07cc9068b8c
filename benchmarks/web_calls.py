"""The same applications called as a server calls them, without one: what a middleware adds to one call.

No socket, no second process and no kernel are in these figures, so they say little of throughput; but what
else the machine does hardly moves them.
"""

import asyncio
import gc
import os
import statistics
import subprocess
import sys
from random import Random
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

from benchmarks.web_apps import APPS, BODY, PATH, application

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Scope

CALLS: Final = 500
ROUNDS: Final = 40
HEADERS: Final = [
    (b"host", b"127.0.0.1:8000"),
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
]
CONTENT: Final = BODY.encode()


def microseconds(names: "Sequence[str]", sittings: int) -> dict[str, float]:
    """By name the median of microseconds for one call, each taken in a process of its own.

    In one process the interpreter would suit itself to the application that comes first.
    """
    taken: dict[str, list[float]] = {name: [] for name in names}
    dice = Random(0)
    for sitting in range(sittings):
        for name in dice.sample(names, len(names)):
            command = [sys.executable, "-m", "benchmarks.web_calls", name]
            environ = {**os.environ, "PYTHONHASHSEED": str(sitting)}
            said = subprocess.run(command, env=environ, stdout=subprocess.PIPE, check=True).stdout
            taken[name].append(float(said))
    return {name: statistics.median(found) for name, found in taken.items()}


async def quickest(name: str) -> float:
    """Microseconds for a call, in the round that was disturbed the least."""
    app = application()
    APPS[name].mount(app)
    return min([await _timed(app) for _ in range(ROUNDS)])


async def _timed(app: "ASGIApp") -> float:
    gc.collect()
    gc.disable()
    began = perf_counter_ns()
    for _ in range(CALLS):
        await app(_scope(), _receive, _send)
    ended = perf_counter_ns()
    gc.enable()
    return (ended - began) / CALLS / 1e3


def _scope() -> "Scope":
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": "POST",
        "root_path": "",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": HEADERS,
        "state": {},
    }


async def _receive() -> "Message":
    return {"type": "http.request", "body": CONTENT, "more_body": False}


async def _send(_: "Message") -> None:
    pass


if __name__ == "__main__":
    print(asyncio.run(quickest(sys.argv[1])))
