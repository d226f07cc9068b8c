"""Those who use the model: they send held-out digits over HTTP, and count for themselves."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING

import httpx

from actors.demo.arrivals import arrivals
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from actors.demo.digits import Lesson
    from supervisor.clock import Seconds

TIMEOUT: "Seconds" = 10.0
KEPT_OPEN: "Seconds" = 1.0
"""How long an idle connection may be used again; the servers close theirs after five seconds."""


@dataclass(slots=True)
class Tally:
    """What one version's users have seen.

    Attributes:
        sent: Requests that went out.
        answered: Of them, those answered with a digit.
        errors: Of them, those answered with the model's error.
        unanswered: Of them, those answered by nobody, or not understandably.
        right: Of the digits, those that the image shows.
    """

    sent: int = 0
    answered: int = 0
    errors: int = 0
    unanswered: int = 0
    right: int = 0

    @property
    def in_flight(self) -> int:
        """Sent and not answered yet."""
        return self.sent - self.answered - self.errors - self.unanswered


class Traffic:
    """The users of one version.

    Args:
        url: Where to POST images.
        lesson: The images they have, and what these show.
        rng: Decides the order of the images and when they are sent.
        rate: Mean requests a second, > 0.

    Attributes:
        tally: What they have seen.
    """

    def __init__(self, url: str, lesson: "Lesson", rng: Random, rate: float) -> None:
        self.tally = Tally()
        self._url, self._rng, self._rate = url, rng, rate
        self._images: list[list[float]] = lesson.images.tolist()
        self._labels: list[int] = lesson.labels.tolist()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Send until `stop`, then wait for the answers that are still due."""
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=KEPT_OPEN)
        async with (
            httpx.AsyncClient(timeout=TIMEOUT, limits=limits, trust_env=False) as client,
            asyncio.TaskGroup() as requests,
        ):
            began = monotonic()
            for due, picked in zip(arrivals(self._rng, self._rate), self._order(), strict=False):
                if not await self._wait_until(began + due):
                    break
                requests.create_task(self._send(client, picked))

    def stop(self) -> None:
        """Send nothing more."""
        self._stopping.set()

    def _order(self) -> Iterator[int]:
        """Every image once, in some order, then again in another."""
        while True:
            yield from self._rng.sample(range(len(self._images)), len(self._images))

    async def _wait_until(self, instant: "Seconds") -> bool:
        """Wait for an instant; False when it is time to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(instant - monotonic(), 0.0)):
                await self._stopping.wait()
        return not self._stopping.is_set()

    async def _send(self, client: httpx.AsyncClient, picked: int) -> None:
        self.tally.sent += 1
        try:
            answer = await client.post(self._url, json={"pixels": self._images[picked]})
        except httpx.HTTPError:
            self.tally.unanswered += 1
            return
        if answer.status_code == HTTPStatus.OK:
            self.tally.answered += 1
            self.tally.right += answer.json()["digit"] == self._labels[picked]
        elif answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.tally.errors += 1
        else:
            self.tally.unanswered += 1
