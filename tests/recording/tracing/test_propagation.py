"""The trace context of W3C, in and out."""

import pytest
from opentelemetry.trace import get_current_span

from actors.config import TracingSettings
from actors.recording import Model, SeriesKey
from actors.recording.tracing import incoming
from tests.recording.tracing.traced import Traced

KEY = SeriesKey("fraud", "")
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00"


def traced_model(**settings: float) -> tuple[Model, Traced]:
    traced = Traced(TracingSettings(**settings))  # type: ignore[arg-type]
    return Model(KEY, tracing=traced.tracing.of(KEY)), traced


def predict(model: Model) -> None:
    """In both forms."""
    model.observe(lambda: None)()
    with model.span():
        pass


def test_prediction_for_a_sampled_request_is_traced_below_it_whatever_the_rate() -> None:
    model, traced = traced_model(sample_rate=0.0)
    with incoming({"traceparent": SAMPLED, "tracestate": "vendor=x"}):
        predict(model)
    assert len(traced.spans()) == 2
    for span in traced.spans():
        assert span.parent is not None
        assert span.context is not None
        assert (f"{span.parent.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, SPAN)
        assert span.context.trace_id == span.parent.trace_id
        assert span.context.trace_state.get("vendor") == "x"


def test_prediction_for_an_unsampled_request_is_not_traced_whatever_the_rate() -> None:
    model, traced = traced_model(sample_rate=1.0)
    with incoming({"traceparent": UNSAMPLED}):
        predict(model)
    assert not traced.spans()


def test_slow_one_for_an_unsampled_request_is_kept_below_it() -> None:
    model, traced = traced_model(sample_rate=0.0, keep_slower_than=0.0)
    with incoming({"traceparent": UNSAMPLED}):
        predict(model)
    assert [f"{getattr(span.parent, 'trace_id', 0):032x}" for span in traced.spans()] == [TRACE, TRACE]


@pytest.mark.parametrize("told", ["", "nonsense", f"00-{'0' * 32}-{SPAN}-01"])
def test_request_without_a_trace_is_sampled_by_the_rate(told: str) -> None:
    model, traced = traced_model(sample_rate=1.0)
    with incoming({"traceparent": told} if told else {}):
        predict(model)
    assert [span.parent for span in traced.spans()] == [None, None]


def test_application_that_traces_its_requests_itself_is_not_overruled() -> None:
    model, traced = traced_model(sample_rate=0.0)
    server = traced.provider.get_tracer("http")
    with server.start_as_current_span("POST"), incoming({"traceparent": UNSAMPLED}):
        predict(model)
    request, *predictions = traced.spans()
    assert [span.parent for span in predictions] == [request.context] * 2


def test_sampled_prediction_tells_others_its_innermost_span() -> None:
    model, traced = traced_model(sample_rate=1.0)
    headers: dict[str, str] = {}
    with model.span() as span, span.stage("inference"):
        span.inject(headers)
    stage = traced.span("inference").context
    assert stage is not None
    assert headers == {"traceparent": f"00-{stage.trace_id:032x}-{stage.span_id:016x}-01"}


def test_unsampled_prediction_tells_others_that_it_is_not_and_keeps_the_ids_if_it_is_kept() -> None:
    model, traced = traced_model(sample_rate=0.0, keep_slower_than=0.0)
    first: dict[str, str] = {}
    second: dict[str, str] = {}
    with model.span() as span:
        span.inject(first)
        span.inject(second)
        assert not get_current_span().get_span_context().is_valid
    kept = traced.span("model.predict").context
    assert kept is not None
    assert first == second == {"traceparent": f"00-{kept.trace_id:032x}-{kept.span_id:016x}-00"}


def test_unsampled_prediction_for_a_request_stays_in_its_trace() -> None:
    model, _ = traced_model(sample_rate=0.0)
    headers: dict[str, str] = {}
    with incoming({"traceparent": UNSAMPLED, "tracestate": "vendor=x"}), model.span() as span:
        span.inject(headers)
    assert headers["traceparent"].split("-")[1] == TRACE
    assert headers["traceparent"].split("-")[2] != SPAN
    assert headers["tracestate"] == "vendor=x"
