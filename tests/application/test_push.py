"""One node pushes to another: what was predicted in the one is counted in the other."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from actors.application import Application
from actors.config import OtlpSettings
from tests.application.nodes import MODEL, settings, totals

if TYPE_CHECKING:
    from actors.config import Settings

SHORT = 1440.0  # a nominal minute passes in 42 ms
pytestmark = pytest.mark.realtime("real sockets on the loopback")


def pushing_to(url: str) -> "Settings":
    return replace(settings(), otlp=OtlpSettings(endpoint=url, push_every=0.1))


async def total_reaches(node: Application, total: int) -> tuple[int, int]:
    """(good, total) of the node's availability once it has counted so many."""
    async with asyncio.timeout(10.0):
        while totals(node, "availability")[1] < total:  # noqa: ASYNC110  a judgement tells nobody
            await asyncio.sleep(0.02)
    return totals(node, "availability")


async def test_predictions_of_one_process_are_judged_by_another() -> None:
    async with Application(settings(listen="127.0.0.1:0", time_factor=SHORT)).running() as node:
        assert node.address is not None
        async with Application(pushing_to(node.address.url)).running() as peer:
            model = peer.recordings.model(MODEL, "1")
            for number in range(50):
                with suppress(ZeroDivisionError), model.span():
                    1 // (number % 10)
            assert await total_reaches(node, 50) == (45, 50)
            with model.span():
                pass
        # The last one was pushed when the peer stopped.
        assert await total_reaches(node, 51) == (46, 51)
