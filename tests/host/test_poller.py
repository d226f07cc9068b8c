"""What is measured, when, and what becomes of a measurement that fails."""

import asyncio

import pytest
from structlog.testing import capture_logs

from supervisor import ActorSystem, ChildSpec
from supervisor.clock import monotonic
from supervisor.host import BUILT_IN, ListMeasurements, TelemetryPoller, actor_at, loop_lag
from supervisor.testing import VirtualTimeLoop, captured, settle
from tests.process.actors import Scripted, Seen, running

MEASURED = tuple(("runtime", what, "measured") for what in ("memory", "loop", "actors", "mailboxes"))


class Measures:
    """A measurement that notes when it was taken, and fails as often as it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.at: list[float] = []
        self.error = error

    def __call__(self, system: ActorSystem) -> None:
        self.at.append(monotonic())
        if self.error is not None:
            raise self.error


@pytest.mark.conformance("E22")
@pytest.mark.parametrize(
    ("options", "at"),
    [
        pytest.param({}, [0.0, 5.0, 10.0], id="default"),
        pytest.param({"period": 4.0, "init_delay": 3.0}, [3.0, 7.0, 11.0], id="period-and-first-delay"),
    ],
)
async def test_rounds_come_at_their_period(options: dict[str, float], at: list[float]) -> None:
    measure = Measures()
    async with running(TelemetryPoller.spec("poller", [measure], **options)):
        await asyncio.sleep(11.5)
    assert measure.at == at


async def test_round_that_takes_time_does_not_shift_the_next_one() -> None:
    at: list[float] = []

    async def slow(_: ActorSystem) -> None:
        at.append(monotonic())
        await asyncio.sleep(3.0)

    async with running(TelemetryPoller.spec("poller", [slow])):
        await asyncio.sleep(11.0)
    assert at == [0.0, 5.0, 10.0]


@pytest.mark.conformance("E22")
@pytest.mark.parametrize(
    "error", [ZeroDivisionError("secret"), OSError("secret")], ids=["division", "system"]
)
async def test_measurement_that_raises_is_reported_and_dropped_and_the_others_go_on(
    error: Exception,
) -> None:
    bad, good = Measures(error), Measures()
    with captured(("telemetry", "measurement", "failure")) as failures, capture_logs() as lines:
        async with running(TelemetryPoller.spec("poller", [bad, good])) as tree:
            await asyncio.sleep(11.0)
            assert await tree.ref("poller").call(ListMeasurements()) == (good,)
    assert (bad.at, good.at) == ([0.0], [0.0, 5.0, 10.0])
    [failure] = failures
    assert failure.metadata["path"] == "poller"
    assert failure.metadata["measurement"] == repr(bad)
    assert failure.metadata["kind"] == "error"
    assert failure.metadata["reason"] is error
    assert [(line["log_level"], line["error"]) for line in lines] == [("error", type(error).__name__)]
    assert "secret" not in repr(lines)


async def test_stop_in_the_middle_of_a_measurement_is_no_failure_of_it() -> None:
    async def slow(_: ActorSystem) -> None:
        await asyncio.sleep(3600.0)

    with captured(("telemetry", "measurement", "failure")) as failures:
        async with running(TelemetryPoller.spec("poller", [slow])):
            await settle()
    assert (failures, monotonic()) == ([], 0.0)


@pytest.mark.conformance("E22")
async def test_current_measurements_can_be_listed() -> None:
    async with running(TelemetryPoller.spec()) as tree:
        assert await tree.ref("poller").call(ListMeasurements()) == BUILT_IN


async def test_other_messages_are_not_for_a_poller() -> None:
    measure = Measures()
    async with running(TelemetryPoller.spec("poller", [measure])) as tree:
        await settle()
        tree.ref("poller").send("unknown")
        await settle()
        assert measure.at == [0.0]
        with pytest.raises(Exception, match="has no handle_call, got 'unknown'"):
            await tree.ref("poller").call("unknown")


@pytest.mark.conformance("E22")
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"period": 0.0}, ValueError, "period of a poller must be seconds > 0, got 0.0"),
        ({"period": float("nan")}, ValueError, "period of a poller must be seconds > 0, got nan"),
        ({"init_delay": -1.0}, ValueError, "init_delay of a poller must be seconds >= 0, got -1.0"),
        ({"init_delay": float("nan")}, ValueError, "init_delay of a poller must be seconds >= 0, got nan"),
        ({"measurements": [7]}, TypeError, "measurement of a poller must be callable, got 7"),
    ],
)
def test_option_that_cannot_work_is_refused(
    options: dict[str, object], error: type[Exception], message: str
) -> None:
    for make in (TelemetryPoller, TelemetryPoller.spec):
        with pytest.raises(error, match=message):
            make(**options)  # type: ignore[arg-type]


# --- what comes built in ------------------------------------------------------------------------------------


class Sleeps(Scripted):
    async def handle_cast(self, message: object) -> None:
        await asyncio.sleep(3600.0)


@pytest.mark.conformance("E22")
async def test_memory_loop_actors_and_mailboxes_are_measured_by_default() -> None:
    with captured(*MEASURED) as events:
        async with running(ChildSpec("it", Sleeps, (Seen(),)), TelemetryPoller.spec()) as tree:
            await settle()
            for _ in range(4):
                tree.ref("it").cast("x")
            await settle()
            events.clear()
            await asyncio.sleep(5.0)
            await settle()
    memory, loop, actors, mailboxes = events
    assert tuple(event.name for event in events) == MEASURED
    assert isinstance(memory.measurements["resident_bytes"], int)
    assert memory.measurements["resident_bytes"] > 1_000_000
    assert loop.measurements == {"lag_seconds": 0.0}
    assert actors.measurements == {"running": 3, "zombies": 0}
    assert (mailboxes.measurements, mailboxes.metadata) == ({"waiting": 3, "longest": 3}, {"path": "it"})


@pytest.mark.conformance("E22")
async def test_one_actor_can_be_measured_by_its_path() -> None:
    poller = TelemetryPoller.spec("poller", [actor_at("it"), actor_at("nobody")], init_delay=2.0)
    with captured(("runtime", "actor", "measured")) as events:
        async with running(ChildSpec("it", Sleeps, (Seen(),)), poller) as tree:
            tree.ref("it").cast("x")
            tree.ref("it").cast("y")
            await asyncio.sleep(3.0)
            left = await tree.ref("poller").call(ListMeasurements())
            assert len(left) == 2  # that nobody is there is no failure
    [event] = events
    assert event.measurements == {"waiting": 1, "uptime_seconds": 2.0, "handling_seconds": 2.0}
    assert event.metadata == {"path": "it", "doing": "handling"}


async def test_blocked_loop_is_measured_as_a_long_turn() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    clock = loop._jumping

    def block() -> None:
        clock.now += 0.3

    with captured(("runtime", "loop", "measured")) as events:
        loop.call_soon(block)
        await loop_lag(ActorSystem())
    assert [event.measurements for event in events] == [{"lag_seconds": 0.3}]
