"""The actor: what has been counted arrives, whatever the other side does meanwhile."""

import asyncio
import gzip
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from structlog.testing import capture_logs

from actors.posting import RetryDelay
from actors.recording import Identity, Recordings, SeriesKey, Tables, Taken
from actors.recording.otlp import Destination, Pusher
from actors.recording.otlp.collect import SLICE, collect
from actors.recording.otlp.pusher import _Due
from actors.recording.otlp.queue import PushQueue
from supervisor.clock import monotonic
from supervisor.testing import captured, settle
from supervisor.tree import ChildSpec, Supervisor, start_tree
from tests.recording.otlp.messages import Collector, decoded, named, total

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from supervisor.tree import Tree

EVERY = 15.0
STEADY = RetryDelay(base=1e-9, maximum=1e-9)


class Household:
    """Some recordings, and who pushes them."""

    def __init__(self, *answers: int | httpx.Response | Exception) -> None:
        self.recordings = Recordings(Tables([0.1]))
        self.collector = Collector(*answers)
        self.queue = PushQueue()
        self.tree: Tree

    def predict(self, times: int = 1) -> None:
        for _ in range(times):
            with self.recordings.model("fraud", "1").span():
                pass

    def told(self) -> list[int]:
        """How many predictions each push told of."""
        return [total(one, "model_requests") for one in self.collector.pushed]

    @asynccontextmanager
    async def pushing(self, **headers: str) -> "AsyncIterator[Household]":
        async with self.collector.client() as client:
            destination = Destination("http://collector:4318/v1/metrics", 10.0, client, headers=headers)
            arguments = (self.recordings, Identity("scoring", {}), destination)
            options = {"push_every": EVERY, "rng": random.Random(1), "delay": STEADY, "queue": self.queue}
            spec = ChildSpec("pusher", Pusher, arguments, options, mailbox="keep")
            async with start_tree(Supervisor.spec("root", [spec])) as self.tree:
                yield self


async def test_totals_are_pushed_every_so_often() -> None:
    household = Household()
    async with household.pushing():
        household.predict(3)
        await asyncio.sleep(EVERY)
        await settle()
        household.predict(2)
        await asyncio.sleep(EVERY)
        await settle()
        assert household.told() == [3, 5]


async def test_nothing_is_pushed_while_nothing_has_been_counted() -> None:
    household = Household()
    async with household.pushing():
        await asyncio.sleep(10 * EVERY)
    assert household.told() == []


async def test_request_is_one_of_otlp_over_http() -> None:
    household = Household()
    async with household.pushing(authorization="Bearer t0ken"):
        household.predict()
    (request,) = household.collector.requests
    assert (request.method, str(request.url)) == ("POST", "http://collector:4318/v1/metrics")
    assert request.headers["content-type"] == "application/x-protobuf"
    assert request.headers["content-encoding"] == "gzip"
    assert request.headers["authorization"] == "Bearer t0ken"


async def test_last_push_at_an_orderly_stop_has_everything() -> None:
    household = Household()
    async with household.pushing():
        await asyncio.sleep(EVERY / 2)
        household.predict(7)
    assert household.told() == [7]


async def test_last_push_is_bounded_when_nobody_answers() -> None:
    household = Household()

    async def silent(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    household.collector.client = lambda: httpx.AsyncClient(transport=httpx.MockTransport(silent))  # type: ignore[method-assign]
    async with household.pushing():
        household.predict()
        stopped_at = monotonic()
    assert monotonic() - stopped_at == pytest.approx(3.0)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_push_that_is_put_off_comes_again(status: int) -> None:
    household = Household(status, httpx.ConnectError("down"))
    async with household.pushing():
        household.predict()
        await asyncio.sleep(EVERY + 1.0)
        assert household.told() == [1, 1, 1]
        assert len(household.queue) == 0


@pytest.mark.parametrize("status", [400, 401, 404, 413, 500, 501])
async def test_push_that_is_refused_does_not_come_again(status: int) -> None:
    household = Household(status)
    async with household.pushing():
        household.predict()
        await asyncio.sleep(EVERY)
        await settle()
        assert household.told() == [1]
        household.predict()
        await asyncio.sleep(EVERY)
        await settle()
        assert household.told() == [1, 2]


async def test_retry_after_is_waited_for() -> None:
    household = Household(httpx.Response(503, headers={"Retry-After": "40"}))
    async with household.pushing():
        household.predict()
        await asyncio.sleep(EVERY + 39.9)
        assert household.told() == [1]
        await asyncio.sleep(0.2)
        await settle()
        assert household.told() == [1, 1, 1, 1]  # two more had come to wait behind the first


async def test_restarted_pusher_goes_on_under_the_same_name() -> None:
    household = Household()
    async with household.pushing():
        household.predict()
        await asyncio.sleep(EVERY)
        await settle()
        household.tree.kill("pusher")
        await asyncio.sleep(EVERY)
        await settle()
        ids = {
            named(one.resource_metrics[0].resource.attributes)["service.instance.id"]
            for one in household.collector.pushed
        }
        assert household.told()[:2] == [1, 1]
        assert len(ids) == 1


async def test_tick_that_a_killed_pusher_left_unread_begets_no_second_clock() -> None:
    household = Household()
    async with household.pushing():
        household.predict()
        household.tree.ref("pusher").send(_Due())
        await asyncio.sleep(3.5 * EVERY)
        assert len(household.told()) == 3


async def test_trouble_is_logged_once_however_long_it_lasts() -> None:
    household = Household(*[503] * 7, 400, 400)
    with capture_logs() as logs:
        async with household.pushing():
            household.predict()
            await asyncio.sleep(5 * EVERY)
    assert [(line["event"], line["why"]) for line in logs if line["log_level"] == "warning"] == [
        ("push not taken yet", "answered 503"),
        ("push refused", "answered 400"),
    ]
    assert [line["event"] for line in logs if line["log_level"] == "info"] == ["push taken again"]


async def test_points_that_were_thrown_away_are_logged() -> None:
    said = ExportMetricsServiceResponse()
    said.partial_success.rejected_data_points = 2
    said.partial_success.error_message = "too many series"
    household = Household(httpx.Response(200, content=said.SerializeToString()))
    with capture_logs() as logs:
        async with household.pushing():
            household.predict()
    (line,) = logs
    assert (line["event"], line["why"], line["rejected"]) == ("push taken in part", "too many series", 2)


async def test_no_header_is_ever_logged() -> None:
    """Not even by a receiver that repeats it."""
    household = Household(
        httpx.Response(401, text="no such key: hunter4hunter4"), httpx.ConnectError("hunter4hunter4")
    )
    with capture_logs() as logs:
        async with household.pushing(authorization="hunter4hunter4"):
            household.predict()
            await asyncio.sleep(2 * EVERY)
    assert len(logs) >= 2
    assert "hunter4" not in repr(logs)


async def test_what_became_of_each_request_is_an_event() -> None:
    household = Household(503, 400)
    names = [("otlp", "push", what) for what in ("taken", "delayed", "refused")]
    with captured(*names) as events:
        async with household.pushing():
            household.predict()
            await asyncio.sleep(EVERY + 1.0)
    assert [event.name[-1] for event in events] == ["delayed", "refused", "taken"]
    assert all(event.measurements["bytes"] for event in events)


async def test_oldest_push_is_dropped_when_too_many_wait() -> None:
    household = Household(httpx.Response(503, headers={"Retry-After": "3600"}))
    household.queue = PushQueue(most_pushes=3)
    async with household.pushing():
        for _ in range(6):
            household.predict()
            await asyncio.sleep(EVERY)
            await settle()
        assert (len(household.queue), household.queue.dropped) == (3, 3)
        await asyncio.sleep(3600.0)
        await settle()
        told = household.told()
        assert told[0] == 1
        assert told[1:] == sorted(told[1:])
        assert told[-1] == 6


async def test_many_series_go_in_several_requests_and_others_have_their_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actors.recording.otlp.collect.MOST_BYTES", 20_000)
    tables, turns = Tables([0.1]), 0
    for number in range(200):
        tables.add_taken(SeriesKey("fraud", f"{number}"), Taken([0.05]))

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    working = asyncio.ensure_future(others())
    bodies = await collect(tables, Identity("scoring", {}))
    working.cancel()
    assert len(bodies) > 2
    assert turns >= 200 // SLICE
    assert sum(total(decoded(gzip.decompress(one)), "model_requests") for one in bodies) == 200


async def test_last_push_does_not_queue_behind_older_ones() -> None:
    """They are in it, and it has three seconds."""
    household = Household(httpx.Response(503, headers={"Retry-After": "3600"}))
    async with household.pushing():
        for _ in range(4):
            household.predict()
            await asyncio.sleep(EVERY)
        await settle()
        assert len(household.queue) > 1
    assert household.told()[1:] == [4]


async def test_crash_pushes_nothing_on_its_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What broke it would break that, too, and its supervisor waits for it."""
    household, tries = Household(), 0

    async def broken(*_: object, **__: object) -> tuple[bytes, ...]:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        async with household.pushing():
            patched.setattr("actors.recording.otlp.pusher.collect", broken)
            await asyncio.sleep(EVERY + 0.1)
            assert tries == 1
            patched.undo()
            household.predict()
    assert household.told() == [1]
