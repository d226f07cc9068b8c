"""The same applications called as a server calls them, without one: what a middleware adds to one call.

No socket, no second process and no kernel are in these figures, so they say little of throughput; but what
else the machine does hardly moves them.
"""

import asyncio
import gc
import statistics
from random import Random
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final

from benchmarks.web_apps import APPS, PATH, application

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Scope

CALLS: Final = 500
HEADERS: Final = [(b"host", b"127.0.0.1:8000"), (b"accept", b"*/*"), (b"user-agent", b"benchmark")]


def microseconds(names: "Sequence[str]", rounds: int) -> dict[str, float]:
    """By name the median of microseconds for one request, the contenders in another order in each round."""
    return asyncio.run(_interleaved(names, rounds))


async def _interleaved(names: "Sequence[str]", rounds: int) -> dict[str, float]:
    apps: dict[str, ASGIApp] = {}
    for name in names:
        app = apps[name] = application()
        APPS[name].mount(app)
    taken: dict[str, list[float]] = {name: [] for name in names}
    dice = Random(0)
    for _ in range(rounds):
        for name in dice.sample(names, len(names)):
            taken[name].append(await _timed(apps[name]))
    return {name: statistics.median(found) for name, found in taken.items()}


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
        "method": "GET",
        "root_path": "",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "headers": HEADERS,
        "state": {},
    }


async def _receive() -> "Message":
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(_: "Message") -> None:
    pass
