"""A process of its own that alerts, and kills itself without a word at a chosen point.

Usage: python -m tests.faults.node_that_dies DATA_DIR URL before-send|after-send|never|busy
"""

import asyncio
import itertools
import os
import signal as signals
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from actors.config import Secret
from actors.receivers.pagerduty import PagerDuty
from actors.storage import Database
from supervisor import telemetry
from tests.alerting.houses import House, Mailroom, house, signal

if TYPE_CHECKING:
    import httpx

    from actors.alerting import Notification
    from actors.receivers.outcome import Outcome


class Deadly:
    """A destination at which the process dies."""

    def __init__(self, url: str, point: str) -> None:
        self._destination = PagerDuty(Secret("R" * 32), Secret(url))
        self._point = point

    async def send(self, notification: "Notification", client: "httpx.AsyncClient") -> "Outcome":
        if self._point == "before-send":
            os.kill(os.getpid(), signals.SIGKILL)
        outcome = await self._destination.send(notification, client)
        if self._point == "after-send":
            os.kill(os.getpid(), signals.SIGKILL)
        return outcome


async def main(directory: str, url: str, point: str) -> None:
    database = Database(Path(directory))
    if point == "busy":
        await decide_for_ever(database)
    async with house({"oncall": Deadly(url, point)}, database=database) as node:
        if point != "never":
            node.say(signal(True))
        async with asyncio.timeout(20):
            while await is_busy(node) or point != "never":  # noqa: ASYNC110  rows tell nobody
                await asyncio.sleep(0.01)
    database.close()


async def is_busy(node: "House") -> bool:
    return any(one["pending"] for one in (await node.counts()).values())


async def decide_for_ever(database: Database) -> None:
    """One new alert after the other, each of them owed and delivered; a line for each evaluation."""
    decided = asyncio.Semaphore(0)
    telemetry.attach("decided", ("alert", "changed"), lambda *_: decided.release())
    async with house({"oncall": Mailroom()}, database=database) as node:
        for number in itertools.count():
            node.say(*(signal(True, version=f"{os.getpid()}-{number}-{one}") for one in range(5)))
            for _ in range(5):
                await decided.acquire()
            print("decided", number, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
