"""Handlers and traces hear of a WSGI request's prediction what was counted."""

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from opentelemetry.trace import get_current_span

from actors.config import TracingSettings
from actors.recording import Model, SeriesKey
from actors.recording.wsgi import PredictionWSGIMiddleware
from supervisor import telemetry
from tests.recording.tracing.traced import Traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from supervisor.telemetry import EventName

EVENTS = [("model", "predict", what) for what in ("start", "stop", "exception")]
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
REQUEST = {"REQUEST_METHOD": "POST", "PATH_INFO": "/predict", "CONTENT_LENGTH": "12"}


class Monitored:
    """A monitor whose models are traced, or are not."""

    is_running = True

    def __init__(self, traced: Traced | None = None) -> None:
        self._traced = traced
        self._models: dict[SeriesKey, Model] = {}

    def model(self, name: str, version: str = "", *, route: str) -> Model:
        key = SeriesKey(name, version, (("route", route),))
        tracing = None if self._traced is None else self._traced.tracing.of(key)
        return self._models.setdefault(key, Model(key, tracing=tracing))


@pytest.fixture
def heard() -> "Iterator[list[tuple[str, dict[str, object]]]]":
    """The last word of each event, with its metadata."""
    events: list[tuple[str, dict[str, object]]] = []

    def hear(name: "EventName", _: object, told: dict[str, object], __: object) -> None:
        events.append((name[-1], dict(told)))

    telemetry.attach_many("test", EVENTS, hear)  # type: ignore[arg-type]
    yield events
    telemetry.detach("test")


def ask(app: "WSGIApplication", **headers: str) -> None:
    """One request, whose answer is taken whole and closed."""

    def start(*_: object) -> "Callable[[bytes], object]":
        return lambda _: None

    body = app({**REQUEST, **headers}, start)
    try:
        list(body)
    finally:
        body.close()  # type: ignore[attr-defined]


def counting(app: "WSGIApplication", monitor: Monitored | None = None) -> PredictionWSGIMiddleware:
    return PredictionWSGIMiddleware(app, monitor=monitor or Monitored(), model="digits", routes=["/predict"])


def answering(status: str, *parts: bytes | Exception) -> "WSGIApplication":
    def app(_: "WSGIEnvironment", start_response: "StartResponse") -> "Iterator[bytes]":
        start_response(status, [])
        for part in parts:
            if isinstance(part, Exception):
                raise part
            yield part

    return app


@pytest.mark.parametrize(
    ("app", "event", "outcome", "reason"),
    [
        pytest.param(answering("200 OK"), "stop", None, None, id="answered"),
        pytest.param(answering("422 No"), "stop", "invalid", None, id="refused"),
        pytest.param(
            answering("503 No"), "exception", None, "answered with status 503", id="failed-by-status"
        ),
        pytest.param(answering("200 OK", b"4", ValueError("x")), "exception", None, "x", id="raised"),
    ],
)
def test_handlers_hear_how_it_ended(
    heard: list[tuple[str, dict[str, object]]],
    app: "WSGIApplication",
    event: str,
    outcome: str | None,
    reason: str | None,
) -> None:
    with suppress(ValueError):
        ask(counting(app))
    ((start, told), (ended, told_at_end)) = heard
    assert (start, ended) == ("start", event)
    assert (told["model"], told["route"], told["input_size"]) == ("digits", "/predict", 12)
    assert told_at_end.get("outcome") == outcome
    assert (None if "reason" not in told_at_end else str(told_at_end["reason"])) == reason


def test_trace_of_the_request_is_current_to_its_last_part_and_no_longer() -> None:
    traced = Traced(TracingSettings(sample_rate=1.0))
    current = []

    def app(_: "WSGIEnvironment", start_response: "StartResponse") -> "Iterator[bytes]":
        start_response("200 OK", [])
        for part in (b"4", b"2"):
            current.append(get_current_span().get_span_context().trace_id)
            yield part

    counted = counting(app, Monitored(traced))
    ask(counted)  # from then on it is known who traces
    current.clear()
    ask(counted, HTTP_TRACEPARENT=f"00-{TRACE}-{SPAN}-01")
    assert [f"{one:032x}" for one in current] == [TRACE, TRACE]
    assert not get_current_span().get_span_context().is_valid
    span = traced.spans()[-1]
    assert span.name == "model.predict"
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == SPAN


def test_handler_that_raises_costs_neither_the_answer_nor_the_count() -> None:
    def hear(*_: object) -> None:
        raise RuntimeError("the handler's own")

    telemetry.attach("broken", ("model", "predict", "start"), hear)
    monitor = Monitored()
    ask(counting(answering("200 OK", b"42"), monitor))
    assert [len(model.buffers.ok) for model in monitor._models.values()] == [1]
    assert not telemetry.list_handlers(("model", "predict", "start"))
