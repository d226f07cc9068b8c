"""Where spans go, and what is counted when they do not get there."""

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from structlog.testing import capture_logs

from actors.config import TracingSettings
from actors.recording import SeriesKey
from actors.recording.tracing import OtlpOutlet, Tracing, open_outlet
from actors.recording.tracing.counts import TracingCounts
from actors.recording.tracing.outlet import QUEUE, ApplicationsOutlet
from actors.recording.tracing.tracing import MOST_WAITING

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.realtime("the SDK exports on a thread of its own")
KEY = SeriesKey("fraud", "2.1.0")


class Exporter(SpanExporter):
    """Answers as it is told to; while `gate` is closed, not at all."""

    def __init__(self, answer: "Callable[[], SpanExportResult]") -> None:
        self.answer = answer
        self.spans: list[ReadableSpan] = []
        self.gate = threading.Event()
        self.gate.set()
        self.is_shut_down = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.gate.wait(20.0)
        self.spans += spans
        return self.answer()

    def shutdown(self) -> None:
        self.is_shut_down = True


def traced(exporter: Exporter) -> Tracing:
    settings = TracingSettings(sample_rate=1.0)
    tracing = Tracing(settings, lambda counts: OtlpOutlet(exporter, {"service.name": "scoring"}, counts))
    tracing.open()
    return tracing


def predict(tracing: Tracing, times: int) -> None:
    series = tracing.of(KEY)
    for _ in range(times):
        series.left -= 1
        running = series.begin()
        assert running is not None
        running.ended("ok", None, 0.01)


def sent() -> SpanExportResult:
    return SpanExportResult.SUCCESS


def refused() -> SpanExportResult:
    return SpanExportResult.FAILURE


def broken() -> SpanExportResult:
    raise ZeroDivisionError


def test_spans_are_batched_and_the_last_ones_sent_at_the_end() -> None:
    exporter = Exporter(sent)
    tracing = traced(exporter)
    predict(tracing, 700)
    tracing.close()
    assert (len(exporter.spans), tracing.counts.made, tracing.counts.sent) == (700, 700, 700)
    assert exporter.is_shut_down
    assert exporter.spans[0].resource.attributes["service.name"] == "scoring"


@pytest.mark.parametrize("answer", [refused, broken])
def test_what_no_collector_takes_is_counted_exactly_and_logged_once(
    answer: "Callable[[], SpanExportResult]",
) -> None:
    tracing = traced(Exporter(answer))
    predict(tracing, 700)
    with capture_logs() as logs:
        tracing.close()
    assert (tracing.counts.made, tracing.counts.sent, tracing.counts.unsent) == (700, 0, 700)
    assert [line["event"] for line in logs] == ["spans could not be sent"]


def test_predictions_wait_while_the_collector_does_not_answer_and_beyond_that_are_counted() -> None:
    """The SDK's queue would drop the oldest silently; what does not get into it is counted by us."""
    exporter = Exporter(sent)
    exporter.gate.clear()
    tracing = traced(exporter)
    predict(tracing, 500)
    for _ in range(20):
        tracing.make(1000)
        predict(tracing, 500)
    exporter.gate.set()
    tracing.close()
    counts = tracing.counts
    assert counts.dropped > 0
    assert counts.sent + counts.dropped == counts.sampled == 10_500
    assert len(exporter.spans) == counts.sent <= QUEUE + MOST_WAITING


@pytest.fixture
def application_provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[TracerProvider]:
    provider = TracerProvider(shutdown_on_exit=False)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    yield provider
    provider.shutdown()


@pytest.mark.usefixtures("application_provider")
def test_tracer_provider_of_the_application_is_used_where_it_has_one() -> None:
    outlet = open_outlet(TracingSettings(endpoint="http://127.0.0.1:1"), dict, TracingCounts())
    assert isinstance(outlet, ApplicationsOutlet)
    outlet.close()


def test_ours_is_used_where_the_application_has_none() -> None:
    outlet = open_outlet(TracingSettings(endpoint="http://127.0.0.1:1"), dict, TracingCounts())
    assert isinstance(outlet, OtlpOutlet)
    outlet.close()


def test_way_out_that_cannot_be_opened_is_counted_and_tried_again() -> None:
    def fail(_: TracingCounts) -> OtlpOutlet:
        raise ImportError

    tracing = Tracing(TracingSettings(sample_rate=1.0), fail)
    tracing.open()
    predict(tracing, 3)
    with capture_logs() as logs:
        assert not tracing.make(16)
        assert not tracing.make(16)
    assert tracing.counts.broken == 2
    assert [line["error"] for line in logs] == ["ImportError"]
