"""A span is a start and an end, and changes nothing of what runs in it."""

from collections.abc import Iterator

import pytest

from supervisor import telemetry

PREFIX = ("model", "predict")


@pytest.fixture
def events() -> Iterator[list[tuple[str, dict[str, object], dict[str, object]]]]:
    heard: list[tuple[str, dict[str, object], dict[str, object]]] = []

    def hear(name: tuple[str, ...], measurements: object, metadata: object, _: object) -> None:
        assert isinstance(measurements, dict)
        assert isinstance(metadata, dict)
        heard.append((name[-1], measurements, metadata))

    telemetry.attach_many("span", [(*PREFIX, word) for word in ("start", "stop", "exception")], hear)
    yield heard
    telemetry.detach("span")


def test_span_tells_start_and_stop_and_gives_the_result(
    events: list[tuple[str, dict[str, object], dict[str, object]]],
) -> None:
    assert telemetry.span(PREFIX, {"model": "v1"}, lambda: (42, {"digits": 1})) == 42
    (start, begun, about), (stop, ended, told) = events
    assert (start, stop) == ("start", "stop")
    assert set(begun) == {"monotonic_time", "system_time"}
    assert set(ended) == {"duration", "monotonic_time"}
    assert about["model"] == "v1"
    assert told == {"digits": 1, "telemetry_span_context": about["telemetry_span_context"]}
    assert ended["duration"] == int(str(ended["monotonic_time"])) - int(str(begun["monotonic_time"]))


def test_exception_is_told_and_raised_unchanged(
    events: list[tuple[str, dict[str, object], dict[str, object]]],
) -> None:
    error = ZeroDivisionError("x")

    def fail() -> tuple[int, dict[str, object]]:
        raise error

    with pytest.raises(ZeroDivisionError) as raised:
        telemetry.span(PREFIX, {"model": "v1"}, fail)
    assert raised.value is error
    _, (word, _, metadata) = events
    assert word == "exception"
    assert (metadata["kind"], metadata["reason"], metadata["model"]) == ("error", error, "v1")


def test_context_of_the_user_wins(events: list[tuple[str, dict[str, object], dict[str, object]]]) -> None:
    telemetry.span(PREFIX, {"telemetry_span_context": "mine"}, lambda: (0, {}))
    assert [metadata["telemetry_span_context"] for _, _, metadata in events] == ["mine", "mine"]
