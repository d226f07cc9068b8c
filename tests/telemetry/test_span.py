"""A span is a start and an end, and changes nothing of what runs in it."""

import asyncio
from collections.abc import Iterator

import pytest

from supervisor import telemetry
from supervisor.telemetry import Span
from supervisor.testing import CapturedEvent, captured

PREFIX = ("model", "predict")
CONTEXT = "telemetry_span_context"


@pytest.fixture
def events() -> Iterator[list[CapturedEvent]]:
    with captured(*((*PREFIX, word) for word in ("start", "stop", "exception"))) as heard:
        yield heard


def words(events: list[CapturedEvent]) -> list[str]:
    return [event.name[-1] for event in events]


@pytest.mark.conformance("E11", "E12", "E13", "S10.18")
def test_span_tells_start_and_stop_and_gives_the_result(events: list[CapturedEvent]) -> None:
    assert telemetry.span(PREFIX, {"model": "v1"}, lambda: (42, {"digits": 1})) == 42
    start, stop = events
    assert words(events) == ["start", "stop"]
    assert set(start.measurements) == {"monotonic_time", "system_time"}
    assert set(stop.measurements) == {"duration", "monotonic_time"}
    context = start.metadata[CONTEXT]
    assert start.metadata == {"model": "v1", CONTEXT: context}
    assert stop.metadata == {"digits": 1, CONTEXT: context}


@pytest.mark.conformance("E11", "E13")
def test_function_may_measure_more_but_not_replace_the_times(events: list[CapturedEvent]) -> None:
    measured = {"rows": 3, "duration": -1, "monotonic_time": -1}
    assert telemetry.span(PREFIX, {}, lambda: (42, measured, {"digits": 1})) == 42
    stop = events[1]
    assert set(stop.measurements) == {"rows", "duration", "monotonic_time"}
    assert stop.measurements["rows"] == 3
    assert -1 not in stop.measurements.values()
    assert stop.metadata["digits"] == 1


@pytest.mark.conformance("E12", "E16")
async def test_duration_is_the_difference_of_the_two_times_in_nanoseconds(
    events: list[CapturedEvent],
) -> None:
    await asyncio.sleep(5.0)
    with Span(PREFIX):
        await asyncio.sleep(1.5)
    start, stop = events
    assert start.measurements == {
        "monotonic_time": 5_000_000_000,
        "system_time": 1_767_225_605_000_000_000,
    }
    assert stop.measurements == {"duration": 1_500_000_000, "monotonic_time": 6_500_000_000}
    assert all(type(one) is int for event in events for one in event.measurements.values())


def test_block_says_what_its_stop_is_to_tell_and_to_measure(events: list[CapturedEvent]) -> None:
    with Span(PREFIX, {"model": "v1"}) as running:
        running.metadata["status"] = "cached"
        running.measurements["rows"] = 3
    assert events[1].measurements["rows"] == 3
    assert events[1].metadata == {"status": "cached", CONTEXT: events[0].metadata[CONTEXT]}


async def test_function_may_await(events: list[CapturedEvent]) -> None:
    async def predict() -> tuple[int, dict[str, object]]:
        await asyncio.sleep(2.0)
        return 42, {"digits": 1}

    assert await telemetry.span_async(PREFIX, {"model": "v1"}, predict) == 42
    assert (words(events), events[1].measurements["duration"]) == (["start", "stop"], 2_000_000_000)


@pytest.mark.conformance("E14")
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(ZeroDivisionError("x"), "error", id="exception"),
        pytest.param(asyncio.CancelledError(), "cancelled", id="cancellation"),
        pytest.param(SystemExit(1), "exit", id="exit"),
        pytest.param(KeyboardInterrupt(), "exit", id="interrupt"),
    ],
)
def test_exception_is_told_and_raised_unchanged(
    error: BaseException, kind: str, events: list[CapturedEvent]
) -> None:
    def fail() -> tuple[int, dict[str, object]]:
        raise error

    with pytest.raises(type(error)) as raised:
        telemetry.span(PREFIX, {"model": "v1"}, fail)
    assert raised.value is error
    start, failed = events
    assert words(events) == ["start", "exception"]
    assert set(failed.measurements) == {"duration", "monotonic_time"}
    assert set(failed.metadata) == {"model", CONTEXT, "kind", "reason", "stacktrace"}
    assert {**start.metadata, **failed.metadata} == failed.metadata
    assert (failed.metadata["kind"], failed.metadata["reason"]) == (kind, error)
    assert "fail" in str(failed.metadata["stacktrace"])


@pytest.mark.conformance("E14")
async def test_span_that_is_cancelled_from_outside_has_an_end_as_well(events: list[CapturedEvent]) -> None:
    async def predict() -> None:
        with Span(PREFIX):
            await asyncio.sleep(3600.0)

    running = asyncio.ensure_future(predict())
    await asyncio.sleep(1.0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (words(events), events[1].metadata["kind"]) == (["start", "exception"], "cancelled")


@pytest.mark.conformance("E15", "S10.18")
def test_context_of_the_user_wins(events: list[CapturedEvent]) -> None:
    telemetry.span(PREFIX, {CONTEXT: "mine"}, lambda: (0, {}))
    assert [event.metadata[CONTEXT] for event in events] == ["mine", "mine"]


@pytest.mark.conformance("E15")
def test_each_span_has_a_context_of_its_own_also_a_span_within_one(events: list[CapturedEvent]) -> None:
    def outer() -> tuple[int, dict[str, object]]:
        return telemetry.span(PREFIX, {}, lambda: (0, {})), {CONTEXT: "of somebody else"}

    telemetry.span(PREFIX, {}, outer)
    first, second, third, fourth = (event.metadata[CONTEXT] for event in events)
    assert (first, second) == (fourth, third)
    assert first != second


@pytest.mark.conformance("E17")
def test_handler_that_fails_on_the_start_does_not_disturb_the_span(events: list[CapturedEvent]) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    telemetry.attach("fails", (*PREFIX, "start"), fail)
    assert telemetry.span(PREFIX, {}, lambda: (42, {})) == 42
    assert words(events) == ["start", "stop"]
    assert "fails" not in {handler.id for handler in telemetry.list_handlers()}


def test_metadata_that_was_handed_in_is_left_as_it_was(events: list[CapturedEvent]) -> None:
    metadata: dict[str, object] = {"model": "v1"}
    telemetry.span(PREFIX, metadata, lambda: (0, metadata))
    assert metadata == {"model": "v1"}
    assert len(events) == 2
