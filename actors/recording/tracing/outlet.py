"""Where spans go: to the application's own tracer provider, or over OTLP to a collector."""

from typing import TYPE_CHECKING, Final, Protocol

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import ProxyTracerProvider, get_tracer_provider

from actors.config import TRACES_PATH, headers_in
from actors.recording.tracing.counted_exporter import CountedExporter
from actors.recording.tracing.making import SpanMaker
from actors.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from opentelemetry import trace
    from opentelemetry.sdk.trace.export import SpanExporter

    from actors.config import TracingSettings
    from actors.recording.tracing.counts import TracingCounts
    from actors.recording.tracing.recorded_span import RecordedSpan
    from supervisor.clock import Seconds

SCOPE: Final = "slokeeper"
QUEUE: Final = 2048
"""Spans that wait for the collector; further ones wait as recorded predictions."""
BATCH: Final = 512
SEND_EVERY: Final = 1.0
FLUSH_SECONDS: Final = 2.0


class Outlet(Protocol):
    """Takes recorded predictions; used by one thread at a time."""

    def has_room(self) -> bool:
        """Whether it takes another one now."""

    def make(self, spans: "Sequence[RecordedSpan]", unix_offset: "Seconds") -> None:
        """Make the spans of one prediction and see to them."""

    def flush(self) -> None:
        """Send what has been made; waits for it."""

    def close(self) -> None:
        """Send what is left, and take nothing more."""


def open_outlet(
    settings: "TracingSettings", resource: "Callable[[], Mapping[str, str]]", counts: "TracingCounts"
) -> Outlet:
    """The application's own, if it has set a tracer provider by now; else ours.

    Args:
        settings: Where our collector is.
        resource: Gives the attributes of this process.
        counts: Where what we send is counted.

    Raises:
        ImportError: The exporter is not installed.
    """
    provider = get_tracer_provider()
    if not isinstance(provider, ProxyTracerProvider):
        return ApplicationsOutlet(provider)
    return OtlpOutlet(_exporter(settings), resource(), counts)


class ApplicationsOutlet:
    """A tracer provider that is not ours: it is flushed at the end, and goes on.

    Args:
        provider: As the application has set it up.
    """

    def __init__(self, provider: "trace.TracerProvider") -> None:
        self._provider = provider
        self._maker = SpanMaker(provider.get_tracer(SCOPE, __version__))

    def has_room(self) -> bool:
        """Always: how many it keeps is its own concern."""
        return True

    def make(self, spans: "Sequence[RecordedSpan]", unix_offset: "Seconds") -> None:
        """Make the spans of one prediction; its processors run here."""
        self._maker.make(spans, unix_offset)

    def flush(self) -> None:
        """Have it send what it has."""
        if isinstance(self._provider, TracerProvider):
            self._provider.force_flush(round(FLUSH_SECONDS * 1000))

    def close(self) -> None:
        """Have it send what it has; it is not ours to end."""
        self.flush()


class OtlpOutlet:
    """The SDK's batches and exporter, on the SDK's thread.

    Args:
        exporter: Sends one batch; may take its time.
        resource: Attributes of who sends.
        counts: Where `made`, `sent` and `unsent` rise.
    """

    def __init__(
        self, exporter: "SpanExporter", resource: "Mapping[str, str]", counts: "TracingCounts"
    ) -> None:
        self._counts = counts
        self._outstanding = CountedExporter(exporter, counts)
        self._provider = TracerProvider(resource=Resource.create(dict(resource)), shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._outstanding,
                max_queue_size=QUEUE,
                max_export_batch_size=BATCH,
                schedule_delay_millis=SEND_EVERY * 1000,
            )
        )
        self._maker = SpanMaker(self._provider.get_tracer(SCOPE, __version__))
        self._taken = 0

    def has_room(self) -> bool:
        """Whether the queue surely takes the spans of another prediction: it would drop silently."""
        return self._taken - self._outstanding.done < QUEUE // 2

    def make(self, spans: "Sequence[RecordedSpan]", unix_offset: "Seconds") -> None:
        """Make the spans of one prediction, and queue them."""
        self._maker.make(spans, unix_offset)
        self._taken += len(spans)
        self._counts.made += len(spans)

    def flush(self) -> None:
        """Send what is queued."""
        self._provider.force_flush()

    def close(self) -> None:
        """Send what is queued, and end the thread."""
        self._provider.shutdown()


def _exporter(settings: "TracingSettings") -> "SpanExporter":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415  an extra
        OTLPSpanExporter,
    )

    headers = {} if settings.headers is None else headers_in(settings.headers.reveal())
    return OTLPSpanExporter(
        endpoint=settings.endpoint + TRACES_PATH if settings.endpoint else None,
        headers=headers,
        timeout=settings.timeout,
    )
