"""Tracing whose spans stay here, to be looked at."""

from collections.abc import Sequence
from random import Random

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from actors.config import TracingSettings
from actors.recording.tracing import Tracing
from actors.recording.tracing.outlet import ApplicationsOutlet


class Traced:
    """Records from the beginning.

    Args:
        settings: As in `[tracing]`.
        processors: Told of every span before it is kept here.
    """

    def __init__(self, settings: TracingSettings, *processors: SpanProcessor) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        for processor in (*processors, SimpleSpanProcessor(self._exporter)):
            self.provider.add_span_processor(processor)
        self.tracing = Tracing(settings, lambda _: ApplicationsOutlet(self.provider), dice=Random(7))
        self.tracing.open()

    @property
    def counts(self) -> dict[str, int]:
        """Those that are not 0."""
        counts = self.tracing.counts
        return {name: count for name in counts.__slots__ if (count := getattr(counts, name))}

    def spans(self) -> Sequence[ReadableSpan]:
        """All spans that have been made, each after its children."""
        while self.tracing.make(16):
            pass
        return self.finished()

    def finished(self) -> Sequence[ReadableSpan]:
        """Those that have been made by now."""
        return self._exporter.get_finished_spans()

    def span(self, name: str) -> ReadableSpan:
        """The only one of that name."""
        (found,) = [span for span in self.spans() if span.name == name]
        return found
