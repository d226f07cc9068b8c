"""What is traced of the predictions of one series."""

from time import perf_counter
from typing import TYPE_CHECKING, Final

from opentelemetry import propagate
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from actors.recording.buffers import Exemplar
from actors.recording.tracing import current
from actors.recording.tracing.failure import error_type
from actors.recording.tracing.incoming import incoming
from actors.recording.tracing.recorded_span import RecordedSpan
from actors.recording.tracing.sampled import SampledTrace
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence
    from contextlib import AbstractContextManager

    from actors.recording.outcome import Outcome
    from actors.recording.predict.timed_stage import TimedStage
    from actors.recording.predict.trace import Ids
    from actors.recording.series import SeriesKey
    from actors.recording.tracing.tracing import Tracing
    from supervisor.clock import Seconds

WHOLE: Final = "model.predict"


class SeriesTracing:
    """Decides of each prediction whether it is traced, and writes down those that are.

    Whoever runs predictions takes one from `left` and looks at `current()`; only where `left` has become
    negative or something is current, `begin` is asked. When one that was not begun is over, `keep` is told if
    it failed or took longer than `slow_seconds`. So most pay for a subtraction, a look and a comparison. Of
    subtractions that two threads make at once one may be lost, which samples no less fairly.

    Args:
        tracing: What all series share.
        key: Whose predictions these are.

    Attributes:
        left: So many pass before the next one is sampled.
        slow_seconds: What takes longer is kept.
        current: What OpenTelemetry holds to be current; empty where nothing is.
        harmless: For what must not fail.
    """

    __slots__ = ("_attributes", "_tracing", "current", "harmless", "left", "slow_seconds")

    def __init__(self, tracing: "Tracing", key: "SeriesKey") -> None:
        self._tracing = tracing
        self._attributes = _attributes(key)
        self.harmless = tracing.harmless
        self.left = tracing.gap()
        self.slow_seconds = tracing.settings.keep_slower_than
        self.current = current.context

    # --- while it runs --------------------------------------------------------------------------------------

    def incoming(self, headers: "Mapping[str, str]") -> "AbstractContextManager[None]":
        """A block whose predictions belong to the trace that a request's headers tell of."""
        return incoming(headers)

    def begin(self, input_size: int | None = None, *, key: "SeriesKey | None" = None) -> SampledTrace | None:
        """Begin a prediction's trace, if it is sampled; it is current from then on.

        As whatever is current is sampled, so is this one; where nothing is, it is sampled when it is due.

        Args:
            input_size: Bytes of its input, if they are known.
            key: Whose it is, where that is not this series.
        """
        with self.harmless:
            is_due = self.left < 0
            if is_due:
                self.left = self._tracing.gap()
            parent = current.parent()
            is_sampled = is_due if parent is None else parent.trace_flags.sampled
            if is_sampled and self._tracing.is_open:
                self._tracing.counts.sampled += 1
                return SampledTrace(self, self._whole(parent, perf_counter(), input_size, key=key))
        return None

    def child(self, name: str, above: SpanContext, *, began: "Seconds") -> RecordedSpan:
        """The span of a stage, below another one."""
        return self._span(name, above, above.trace_id, self._tracing.new_span_id(), began)

    def ended(
        self, trace: SampledTrace, outcome: "Outcome", error: BaseException | None, seconds: "Seconds"
    ) -> Exemplar | None:
        """Hand over a trace that was begun."""
        # As long as it is counted; but its clock was read a moment before that of the count.
        ended_at = max(trace.whole.began + seconds, *(span.ended_at or 0.0 for span in trace.spans))
        return self._recorded(trace.spans, outcome, error, ended_at=ended_at, seconds=seconds)

    # --- when it was not sampled ----------------------------------------------------------------------------

    def inject(self, headers: "MutableMapping[str, str]", ids: "Ids | None") -> "Ids | None":
        """Write into headers where a service that is called belongs, and that this prediction is not sampled.

        Args:
            headers: Of the call.
            ids: Those that others have been told before; None draws new ones.

        Returns:
            The prediction's ids from then on.
        """
        with self.harmless:
            parent = current.parent()
            ids = ids or self._new_ids(parent)
            state = None if parent is None else parent.trace_state
            told = SpanContext(*ids, False, TraceFlags(TraceFlags.DEFAULT), state)
            propagate.inject(headers, set_span_in_context(NonRecordingSpan(told), current.context()))
        return ids

    def keep(
        self,
        began: "Seconds",
        seconds: "Seconds",
        outcome: "Outcome",
        error: BaseException | None,
        *,
        input_size: int | None = None,
        stages: "Sequence[TimedStage]" = (),
        ids: "Ids | None" = None,
        key: "SeriesKey | None" = None,
    ) -> Exemplar | None:
        """Write down a prediction that was not sampled, if it was slow or failed and there is room for it.

        Args:
            began: By `perf_counter`, seconds.
            seconds: How long it took.
            outcome: As it is counted.
            error: What ended it; None if it returned.
            input_size: Bytes of its input, if they are known.
            stages: Those that it had.
            ids: Its own, if others have been told them.
            key: Whose it is, where that is not this series.

        Returns:
            An example of its duration, where it succeeded.
        """
        tracing = self._tracing
        why = "slow" if seconds > self.slow_seconds else "failed"
        if why == "failed" and not (outcome == "error" and tracing.settings.keep_failed):
            return None
        if not tracing.is_open:
            return None
        if not tracing.limit.passes(began + seconds):
            tracing.counts.over_limit += 1
            return None
        with self.harmless:
            tracing.counts.kept += 1
            whole = self._whole(current.parent(), began, input_size, ids=ids, key=key)
            whole.set_attribute("kept", why)
            over = [stage for stage in stages if hasattr(stage, "ended_at")]
            spans = [whole, *(self._stage(stage, whole) for stage in over)]
            return self._recorded(spans, outcome, error, ended_at=began + seconds, seconds=seconds)
        return None

    def _stage(self, stage: "TimedStage", whole: RecordedSpan) -> RecordedSpan:
        span = self.child(stage.name, whole.get_span_context(), began=stage.began)
        span.end_stage(stage.ended_at, stage.error)
        return span

    # --- both -----------------------------------------------------------------------------------------------

    def _whole(
        self,
        parent: SpanContext | None,
        began: "Seconds",
        input_size: int | None,
        *,
        ids: "Ids | None" = None,
        key: "SeriesKey | None" = None,
    ) -> RecordedSpan:
        span = self._span(WHOLE, parent, *(ids or self._new_ids(parent)), began)
        span.set_attributes(self._attributes if key is None else _attributes(key))
        if input_size is not None:
            span.set_attribute("input.size", input_size)
        return span

    def _span(
        self, name: str, parent: SpanContext | None, trace_id: int, span_id: int, began: "Seconds"
    ) -> RecordedSpan:
        is_with_texts = self._tracing.settings.exception_texts
        return RecordedSpan(name, trace_id, span_id, parent=parent, began=began, is_with_texts=is_with_texts)

    def _new_ids(self, parent: SpanContext | None) -> "Ids":
        trace_id = self._tracing.new_trace_id() if parent is None else parent.trace_id
        return trace_id, self._tracing.new_span_id()

    def _recorded(
        self,
        spans: list[RecordedSpan],
        outcome: "Outcome",
        error: BaseException | None,
        *,
        ended_at: "Seconds",
        seconds: "Seconds",
    ) -> Exemplar | None:
        whole = spans[0]
        whole.set_attribute("outcome", outcome)
        if error is not None:
            whole.record_exception(error)
            if outcome == "error":
                whole.set_status(StatusCode.ERROR, error_type(type(error)))
        whole.ended_at = ended_at
        if not self._tracing.take(spans) or outcome != "ok":
            return None
        return Exemplar(seconds, f"{whole.trace_id:032x}", f"{whole.span_id:016x}", unix_now())


def _attributes(key: "SeriesKey") -> dict[str, str]:
    return {**dict(key.labels), "model.name": key.model, "model.version": key.version}
