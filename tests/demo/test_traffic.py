import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actors.demo.digits import Lesson
from actors.demo.traffic import Traffic
from actors.node import GuestServer, ListenAddress

pytestmark = pytest.mark.realtime("real requests to a server on loopback")

LABELS = 10


def lesson() -> Lesson:
    """Ten images; the first pixel of each tells its digit."""
    images = np.zeros((LABELS, 64))
    images[:, 0] = range(LABELS)
    return Lesson({}, images, np.arange(LABELS), {})


class Oracle:
    """Answers with the first pixel, in a way that depends on it, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def answer(self, request: Request) -> Response:
        """Digits 0 to 5 are told right, 6 wrong; 7 is the model's error, 8 another's, 9 is no answer."""
        digit = int((await request.json())["pixels"][0])
        self.asked.append(digit)
        match digit:
            case 6:
                return JSONResponse({"digit": 5})
            case 7:
                return JSONResponse({"error": "unreadable"}, 500)
            case 8:
                return JSONResponse({"error": "busy"}, 503)
            case 9:
                await asyncio.sleep(0.2)
        return JSONResponse({"digit": digit})


@asynccontextmanager
async def served(oracle: Oracle) -> AsyncIterator[str]:
    address = ListenAddress("127.0.0.1:0")
    server = GuestServer(Starlette(routes=[Route("/predict", oracle.answer, methods=["POST"])]), 1.0)
    await server.start(address.bind())
    try:
        yield f"{address.url}/predict"
    finally:
        await server.stop()


async def run_until(traffic: Traffic, sent: int) -> None:
    running = asyncio.create_task(traffic.run())
    while traffic.tally.sent < sent:  # noqa: ASYNC110  the tally of another task sets no event
        await asyncio.sleep(0.005)
    traffic.stop()
    await running


async def test_every_request_is_in_the_tally_once_by_its_answer() -> None:
    oracle = Oracle()
    async with served(oracle) as url:
        traffic = Traffic(url, lesson(), Random(1), rate=400.0)
        await run_until(traffic, 100)
    asked, tally = oracle.asked, traffic.tally
    assert tally.sent == len(asked)
    assert tally.errors == asked.count(7)
    assert tally.unanswered == asked.count(8)
    assert tally.answered == len(asked) - asked.count(7) - asked.count(8)
    assert tally.right == sum(digit < 6 or digit == 9 for digit in asked)
    assert tally.in_flight == 0


async def test_every_image_is_sent_once_before_any_is_sent_again() -> None:
    oracle = Oracle()
    async with served(oracle) as url:
        await run_until(Traffic(url, lesson(), Random(1), rate=100.0), 2 * LABELS)
    assert sorted(oracle.asked[:LABELS]) == sorted(oracle.asked[LABELS : 2 * LABELS]) == list(range(LABELS))


async def test_a_server_that_is_gone_leaves_requests_unanswered() -> None:
    async with served(Oracle()) as url:
        pass
    traffic = Traffic(url, lesson(), Random(1), rate=200.0)
    await run_until(traffic, 5)
    assert traffic.tally.sent == traffic.tally.unanswered >= 5
