"""A provider whose processors fail: no prediction is harmed, and each is counted."""

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from structlog.testing import capture_logs

from actors.config import TracingSettings
from actors.recording import Model, SeriesKey
from tests.recording.predict.counted import outcomes
from tests.recording.tracing.traced import Traced

KEY = SeriesKey("fraud", "")


class BrokenStart(SpanProcessor):
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        raise ZeroDivisionError("card 4111")


class BrokenEnd(SpanProcessor):
    def on_end(self, span: ReadableSpan) -> None:
        raise ZeroDivisionError("card 4111")


@pytest.mark.parametrize("broken", [BrokenStart, BrokenEnd])
def test_predictions_go_on_and_each_that_makes_no_spans_is_counted(broken: type[SpanProcessor]) -> None:
    traced = Traced(TracingSettings(sample_rate=1.0), broken())
    model = Model(KEY, tracing=traced.tracing.of(KEY))
    with capture_logs() as logs:
        for _ in range(10):
            with model.span() as span, span.stage("inference"):
                pass
        assert model.observe(lambda: 7)() == 7
        assert not traced.spans()
    assert outcomes(model) == (11, 0, 0, 0)
    assert traced.counts == {"sampled": 11, "broken": 11}
    assert [(line["event"], line["error"]) for line in logs] == [
        ("prediction could not be traced; counted from now on", "ZeroDivisionError")
    ]
    assert "4111" not in str(logs)
