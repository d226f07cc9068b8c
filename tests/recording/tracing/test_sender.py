"""The actor that has spans made."""

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from actors.config import TracingSettings
from actors.recording import SeriesKey
from actors.recording.tracing import SpanSender, Tracing, recording_spans
from actors.recording.tracing.sender import AT_ONCE
from supervisor import ChildNotFoundError, ChildSpec, Supervisor, start_tree
from tests.recording.tracing.test_outlet import Exporter, predict, sent, traced
from tests.recording.tracing.traced import Traced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from supervisor import Tree

pytestmark = pytest.mark.realtime("spans are made in threads")
KEY = SeriesKey("fraud", "2.1.0")
ALL = TracingSettings(sample_rate=1.0)


@asynccontextmanager
async def tree_of(tracing: Tracing, stop_within: float = 2.0) -> "AsyncIterator[Tree]":
    spec = ChildSpec("spans", SpanSender, (tracing,), mailbox="keep")
    tree = start_tree(Supervisor.spec("root", [spec], max_restarts=100))
    async with recording_spans(tracing, stop_within), tree as running:
        yield running


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.recording.tracing.sender.MAKE_EVERY", 0.01)


async def made(traced_: Traced, spans: int) -> int:
    """How many there are, once there are so many, or after ten seconds."""
    for _ in range(1000):
        if len(traced_.finished()) >= spans:
            break
        await asyncio.sleep(0.01)
    return len(traced_.finished())


async def test_spans_are_made_on_time() -> None:
    traced_ = Traced(ALL)
    async with tree_of(traced_.tracing):
        predict(traced_.tracing, 3 * AT_ONCE + 1)
        assert await made(traced_, 3 * AT_ONCE + 1) == 3 * AT_ONCE + 1


async def test_nothing_is_recorded_before_the_start_and_after_the_stop() -> None:
    traced_ = Traced(ALL)
    traced_.tracing.is_open = False
    series = traced_.tracing.of(KEY)
    series.left = -1.0
    assert series.begin() is None
    async with tree_of(traced_.tracing):
        assert traced_.tracing.is_open
    assert not traced_.tracing.is_open


async def test_last_spans_are_made_at_the_stop() -> None:
    traced_ = Traced(ALL)
    async with tree_of(traced_.tracing):
        predict(traced_.tracing, 40)
    assert len(traced_.finished()) == 40


async def test_kill_loses_and_doubles_nothing() -> None:
    traced_ = Traced(ALL)
    async with tree_of(traced_.tracing) as tree:
        for _ in range(20):
            predict(traced_.tracing, 20)
            await asyncio.sleep(0.005)
            with suppress(ChildNotFoundError):
                tree.kill("spans")
        assert await made(traced_, 400) == 400
    assert traced_.counts == {"sampled": 400}


async def test_collector_that_does_not_answer_holds_up_no_stop() -> None:
    exporter = Exporter(sent)
    exporter.gate.clear()
    tracing = traced(exporter)
    predict(tracing, 10)
    with capture_logs() as logs:
        async with asyncio.timeout(5.0), tree_of(tracing, stop_within=0.1):
            pass
    exporter.gate.set()
    assert [line["event"] for line in logs] == ["last spans not sent in time, left behind"]
