"""Who else hears of a prediction: events, and traces."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from structlog.testing import capture_logs

from actors.recording import Model, SeriesKey, watchers
from actors.recording.counts import Taken
from actors.recording.watchers import sampling
from supervisor import telemetry

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span

Heard = list[tuple[telemetry.EventName, dict[str, object], dict[str, object]]]

KEY = SeriesKey("fraud", "2.1.0", (("region", "east"),))
START, STOP, EXCEPTION = (("model", "predict", what) for what in ("start", "stop", "exception"))


class Unfit(Exception):  # noqa: N818  a name for what went wrong in a model
    """The model's own error."""


@pytest.fixture
def heard() -> Iterator[Heard]:
    events: Heard = []

    def hear(
        name: telemetry.EventName, measured: Mapping[str, object], told: Mapping[str, object], _: object
    ) -> None:
        events.append((name, dict(measured), dict(told)))

    telemetry.attach_many("watching", (START, STOP, EXCEPTION), hear)
    yield events
    telemetry.detach("watching")


def count(model: Model) -> tuple[int, int]:
    taken = model.buffers.take(1_000) or Taken()
    return len(taken.ok), len(taken.errors)


# --- traces -----------------------------------------------------------------------------------------------


class Traces:
    """An OpenTelemetry that keeps what it is given; `broken` makes it fail at every turn."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    def break_down(self) -> None:
        self.provider.add_span_processor(Broken())

    def spans(self) -> "dict[str, ReadableSpan]":
        return {span.name: span for span in self.exporter.get_finished_spans()}


class Broken(SpanProcessor):
    """Fails whatever it is told."""

    def on_start(self, span: "Span", parent_context: "Context | None" = None) -> None:
        raise ZeroDivisionError(span.name, parent_context)

    def on_end(self, span: "ReadableSpan") -> None:
        raise ZeroDivisionError(span.name)


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> Traces:
    traces = Traces()
    monkeypatch.setattr(watchers, "_tracer", lambda: traces.provider.get_tracer("test"))
    return traces


def test_sampled_prediction_is_a_span_with_its_stages_as_children(traces: Traces) -> None:
    with Model(KEY, begin=sampling(1.0)).span(input_size=512) as span:
        for stage in ("preprocessing", "inference", "postprocessing"):
            with span.stage(stage):
                pass
    spans = traces.spans()
    assert list(spans) == ["preprocessing", "inference", "postprocessing", "model.predict"]
    whole = spans.pop("model.predict")
    assert dict(whole.attributes or {}) == {
        "model.name": "fraud",
        "model.version": "2.1.0",
        "input.size": 512,
    }
    assert [stage.parent for stage in spans.values()] == [whole.context] * 3


def test_failed_prediction_is_a_failed_span(traces: Traces) -> None:
    model = Model(KEY, begin=sampling(1.0))
    with pytest.raises(Unfit), model.span() as span, span.stage("inference"):
        raise Unfit
    assert {span.status.status_code for span in traces.spans().values()} == {StatusCode.ERROR}
    assert count(model) == (0, 1)


async def test_every_observed_form_is_traced_where_it_is_sampled(traces: Traces) -> None:
    model = Model(KEY, begin=sampling(1.0))

    @model.observe
    async def score() -> int:
        return 1

    assert (model.observe(lambda: 1)(), await score()) == (1, 1)
    assert len(traces.exporter.get_finished_spans()) == 2
    assert count(model) == (2, 0)


def test_nothing_is_traced_unless_sampled(traces: Traces) -> None:
    model = Model(KEY)
    with model.span() as span, span.stage("inference"):
        pass
    assert model.observe(lambda: 1)() == 1
    assert traces.spans() == {}


def test_tracer_that_fails_is_no_business_of_the_caller(traces: Traces) -> None:
    """Neither at the start nor at the end, neither of the whole nor of a stage."""
    traces.break_down()
    model = Model(KEY, begin=sampling(1.0))
    with capture_logs() as logs:
        with model.span() as span, span.stage("inference"):
            pass
        assert model.observe(lambda: 1)() == 1
        with pytest.raises(Unfit), model.span() as span, span.stage("inference"):
            raise Unfit
    assert count(model) == (2, 1)
    assert {line["event"] for line in logs} == {"prediction is not traced"}
