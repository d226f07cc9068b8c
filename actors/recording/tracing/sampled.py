"""A prediction that is traced while it runs."""

from time import perf_counter
from typing import TYPE_CHECKING, Self

from opentelemetry import propagate
from opentelemetry.trace import get_current_span, set_span_in_context

from actors.recording.tracing import current
from actors.recording.tracing.recorded_span import RecordedSpan

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from contextvars import Token
    from types import TracebackType

    from opentelemetry.context import Context

    from actors.recording.buffers import Exemplar
    from actors.recording.outcome import Outcome
    from actors.recording.tracing.series import SeriesTracing
    from supervisor.clock import Seconds


class SampledTrace:
    """Its span is current from here to its end, but while it is paused; none of its methods raises.

    Args:
        series: Whose prediction it is.
        whole: The span of all of it.
    """

    __slots__ = ("_series", "_token", "spans", "whole")

    def __init__(self, series: "SeriesTracing", whole: RecordedSpan) -> None:
        self._series, self.whole = series, whole
        self.spans = [whole]
        self._token: Token[Context] | None = None
        self.resume()

    def pause(self) -> None:
        """Be current no longer: whoever takes a generator's items does something else now."""
        if self._token is not None:
            token, self._token = self._token, None
            current.leave(token)

    def resume(self) -> None:
        """Be current again, perhaps in another thread or task."""
        with self._series.harmless:
            self._token = current.enter(self.whole)

    def stage(self, name: str) -> "SampledStage":
        """A part of it, as a span below the one that is current."""
        return SampledStage(self, name, self._series)

    def inject(self, headers: "MutableMapping[str, str]") -> None:
        """Write into headers where a service that is called belongs."""
        with self._series.harmless:
            propagate.inject(headers, set_span_in_context(self.innermost(), current.context()))

    def innermost(self) -> RecordedSpan:
        """The stage that runs here, or all of it."""
        span = get_current_span(current.context())
        if isinstance(span, RecordedSpan) and span.trace_id == self.whole.trace_id and span.is_recording():
            return span
        return self.whole

    def ended(self, outcome: "Outcome", error: BaseException | None, seconds: "Seconds") -> "Exemplar | None":
        """The prediction is over, counted as so long; gives an example of that, where it succeeded."""
        self.pause()
        with self._series.harmless:
            return self._series.ended(self, outcome, error, seconds)
        return None


class SampledStage:
    """One stage, for `with`."""

    __slots__ = ("_name", "_series", "_span", "_token", "_trace")

    def __init__(self, trace: SampledTrace, name: str, series: "SeriesTracing") -> None:
        self._trace, self._name, self._series = trace, name, series
        self._span: RecordedSpan | None = None
        self._token: Token[Context] | None = None

    def __enter__(self) -> Self:
        with self._series.harmless:
            above = self._trace.innermost()
            self._span = self._series.child(self._name, above.get_span_context(), began=perf_counter())
            self._token = current.enter(self._span)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        if self._token is not None:
            current.leave(self._token)
        if self._span is None:
            return
        with self._series.harmless:
            self._span.end_stage(perf_counter(), kind)
            self._trace.spans.append(self._span)
