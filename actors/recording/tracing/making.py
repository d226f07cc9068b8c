"""From what was written down to the spans of a tracer."""

import copy
from typing import TYPE_CHECKING

from opentelemetry.context import Context
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import NonRecordingSpan, set_span_in_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.trace import Tracer

    from actors.recording.tracing.recorded_span import RecordedSpan
    from supervisor.clock import Seconds


class SpanMaker:
    """Makes real spans, for one thread at a time.

    Of the SDK's tracers it takes the processors, the limits and the resource, but neither the sampler (what
    is traced has been decided, and other services have been told) nor the ids.

    Args:
        tracer: Whose spans they will be; one that is not the SDK's draws ids of its own.
    """

    def __init__(self, tracer: "Tracer") -> None:
        self._ids = _GivenIds()
        if isinstance(tracer, SdkTracer):
            tracer = copy.copy(tracer)
            tracer.sampler, tracer.id_generator = ALWAYS_ON, self._ids
        self._tracer = tracer

    def make(self, spans: "Sequence[RecordedSpan]", unix_offset: "Seconds") -> None:
        """Make the spans of one prediction.

        Args:
            spans: The whole one first.
            unix_offset: From `perf_counter` to Unix time.
        """
        for span in reversed(spans):
            self._make(span, unix_offset)

    def _make(self, span: "RecordedSpan", unix_offset: "Seconds") -> None:
        self._ids.trace_id, self._ids.span_id = span.trace_id, span.span_id
        above = Context()
        if span.parent is not None:
            above = set_span_in_context(NonRecordingSpan(span.parent), above)
        made = self._tracer.start_span(span.name, above, start_time=_nanoseconds(span.began + unix_offset))
        for method, arguments in span.calls:
            getattr(made, method)(*arguments)
        made.end(_nanoseconds((span.ended_at or span.began) + unix_offset))


class _GivenIds(IdGenerator):
    """Gives the ids that the next span has already."""

    trace_id = span_id = 1

    def generate_trace_id(self) -> int:
        return self.trace_id

    def generate_span_id(self) -> int:
        return self.span_id


def _nanoseconds(seconds: "Seconds") -> int:
    return round(seconds * 1e9)
