"""The actor that asks one peer: on time, through failures, kills and silence."""

import asyncio
import threading
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import httpx
import pytest
from structlog.testing import capture_logs

from actors.config.settings import PeerSettings
from actors.node import scraper
from actors.node.peer import Peer, PeerStatus
from actors.node.prometheus_text import read_page
from actors.node.scraper import Flush, Scraper
from actors.recording.series import SeriesKey
from supervisor import telemetry
from supervisor.clock import monotonic
from supervisor.errors import CallFailedError
from supervisor.tree import ChildSpec, Supervisor, Tree, start_tree
from tests.node.counted import Counted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from actors.node.counters import Reading

KEY = SeriesKey("fraud", "1")


class PeerProcess:
    """A peer that counts; `failing` makes it answer 500, `hangs` never, `page` something of its own."""

    def __init__(self, requests: int = 0, delay: float = 0.0) -> None:
        self.requests, self.delay = requests, delay
        self.failing = self.hangs = False
        self.page: bytes | None = None
        self.asked_at: list[float] = []

    async def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked_at.append(monotonic())
        page = f'model_requests_total{{model="fraud",version="1"}} {self.requests}\n'.encode()
        if self.hangs:
            await asyncio.Event().wait()
        await asyncio.sleep(self.delay)
        return httpx.Response(500 if self.failing else 200, content=page if self.page is None else self.page)


class Scene:
    """One scraper under a supervisor, and all that outlives it."""

    def __init__(self, process: PeerProcess) -> None:
        self.process, self.tables = process, Counted()
        settings = PeerSettings(
            url="http://10.0.0.7:8000/metrics", name="blue", scrape_every=15.0, timeout=10.0
        )
        self.peer = Peer(settings)
        self.tree: Tree

    @asynccontextmanager
    async def running(self) -> "AsyncIterator[None]":
        async with httpx.AsyncClient(transport=httpx.MockTransport(self.process)) as client:
            spec = ChildSpec("blue", Scraper, (self.peer, self.tables, client))
            async with start_tree(Supervisor.spec("root", [spec], max_restarts=1_000)) as self.tree:
                yield

    async def flush(self) -> PeerStatus:
        status = await self.tree.ref("blue").call(Flush())
        assert isinstance(status, PeerStatus)
        return status


@pytest.fixture
def states() -> "Iterator[list[tuple[object, ...]]]":
    seen: list[tuple[object, ...]] = []

    def note(_: object, __: object, metadata: "Mapping[str, object]", ___: object) -> None:
        seen.append((monotonic(), metadata["peer"], metadata["state"], metadata["problem"]))

    telemetry.attach("states", ("peer", "state"), note)
    yield seen
    telemetry.detach("states")


async def test_peer_is_asked_at_once_and_then_on_time_however_long_its_answers_take() -> None:
    scene = Scene(PeerProcess(delay=4.0))
    started_at = monotonic()
    async with scene.running():
        await asyncio.sleep(50.0)
    assert [at - started_at for at in scene.process.asked_at] == pytest.approx([0.0, 15.0, 30.0, 45.0])


async def test_what_the_peer_counts_between_two_answers_is_added() -> None:
    scene = Scene(PeerProcess(requests=1_000))
    async with scene.running():
        await asyncio.sleep(1.0)
        scene.process.requests += 40
        await asyncio.sleep(15.0)
    assert scene.tables.requests == {KEY: 40}


async def test_flush_asks_now_and_tells_how_the_peer_stands() -> None:
    scene = Scene(PeerProcess(requests=5))
    async with scene.running():
        await asyncio.sleep(1.0)
        scene.process.requests += 7
        status = await scene.flush()
    assert scene.tables.requests == {KEY: 7}
    assert status == PeerStatus("blue", "up", silent_seconds=0.0, problem=None, series=1)


async def test_answers_that_cannot_be_used_are_made_up_for_by_the_next_good_one() -> None:
    scene = Scene(PeerProcess(requests=100))
    async with scene.running():
        await asyncio.sleep(1.0)
        scene.process.requests, scene.process.failing = 110, True
        assert (await scene.flush()).problem == "status must be 200, got 500"
        scene.process.failing, scene.process.page = False, b"<html>"
        problem = (await scene.flush()).problem
        assert problem is not None
        assert "not in Prometheus' text format" in problem
        assert scene.tables.requests == {}
        scene.process.page = None
        assert (await scene.flush()).problem is None
        assert scene.tree.describe().children[0].restarts == 0
    assert scene.tables.requests == {KEY: 10}


async def test_silence_of_more_than_three_intervals_is_told_once_and_so_is_the_return(
    states: list[tuple[object, ...]],
) -> None:
    scene = Scene(PeerProcess())
    started_at = monotonic()
    with capture_logs() as logs:
        async with scene.running():
            await asyncio.sleep(1.0)
            scene.process.failing = True
            await asyncio.sleep(100.0)
            scene.process.failing = False
            await asyncio.sleep(15.0)
    problem = "status must be 200, got 500"
    assert [(round(at - started_at), *rest) for at, *rest in states if isinstance(at, float)] == [
        (0, "blue", "up", None),
        (60, "blue", "unknown", problem),
        (105, "blue", "up", None),
    ]
    told = [(entry["log_level"], entry["event"]) for entry in logs if entry.get("peer") == "blue"]
    assert [line for line in told if line[0] != "debug"] == [
        ("info", "peer is up"),
        ("warning", "peer scrape failed"),
        ("warning", "peer is unknown"),
        ("info", "peer is up"),
    ]


async def test_peer_that_was_never_heard_is_told_to_be_unknown_after_three_intervals(
    states: list[tuple[object, ...]],
) -> None:
    process = PeerProcess()
    process.hangs = True
    scene = Scene(process)
    async with scene.running():
        await asyncio.sleep(44.0)
        assert states == []
        await asyncio.sleep(30.0)
    assert [rest for _, *rest in states] == [["blue", "unknown", "no answer within 10 s"]]


@pytest.mark.parametrize("killed_after", [0.0, 0.1, 0.5, 0.9, 1.0])
async def test_scraper_that_is_killed_anywhere_loses_and_doubles_nothing(killed_after: float) -> None:
    """Twenty kills, before, during and after an answer; the peer goes on counting all the time."""
    scene = Scene(PeerProcess(requests=1_000, delay=0.5))
    async with scene.running():
        await scene.flush()
        for _ in range(20):
            scene.process.requests += 3
            flushing = asyncio.ensure_future(scene.flush())
            await asyncio.sleep(killed_after)
            scene.tree.kill("blue")
            with suppress(CallFailedError):
                await flushing
            await asyncio.sleep(2.0)
        await scene.flush()
    assert scene.tables.requests == {KEY: 60}


async def test_large_page_is_read_off_the_loops_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    readers: list[threading.Thread] = []

    def read(page: bytes) -> "Reading":
        readers.append(threading.current_thread())
        return read_page(page)

    monkeypatch.setattr(scraper, "read_page", read)
    filler = b"".join(b"other_%d 1\n" % number for number in range(30_000))
    line = b'model_requests_total{model="fraud",version="1"} %d\n'
    scene = Scene(PeerProcess())
    scene.process.page = filler + line % 5
    async with scene.running():
        await scene.flush()
        scene.process.page = filler + line % 9
        await scene.flush()
    assert scene.tables.requests == {KEY: 4}
    assert threading.main_thread() not in readers
