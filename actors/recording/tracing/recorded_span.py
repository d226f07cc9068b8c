"""A span that is written down where a prediction runs, and made where nobody waits."""

from typing import TYPE_CHECKING, Final

from opentelemetry.trace import Span, SpanContext, Status, StatusCode, TraceFlags

from actors.recording.tracing.failure import error_type, exception_attributes
from supervisor.clock import unix_now_ns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.util.types import Attributes, AttributeValue

    from supervisor.clock import Seconds

MOST_CALLS: Final = 256
"""So much may be said about one span."""
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)

Calls = list[tuple[str, tuple[object, ...]]]


class RecordedSpan(Span):
    """Has the face of OpenTelemetry's spans, so that it can be current and be told attributes and events.

    What it is told is kept as it was said and repeated to the real one. That costs a fifth of the SDK's
    span, and no processor or exporter of anybody runs where a prediction does.

    Args:
        name: Of the span.
        trace_id: 128 bits, not 0.
        span_id: 64 bits, not 0.
        parent: The span above it; None for none.
        began: By `perf_counter`, seconds.
        is_with_texts: Whether it tells what exceptions say.

    Attributes:
        calls: What has been said about it: methods of a span, and their arguments.
        ended_at: By `perf_counter`, seconds; None while it goes on.
    """

    __slots__ = (
        "_context",
        "_is_with_texts",
        "began",
        "calls",
        "ended_at",
        "name",
        "parent",
        "span_id",
        "trace_id"
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        trace_id: int,
        span_id: int,
        *,
        parent: "SpanContext | None",
        began: "Seconds",
        is_with_texts: bool = False,
    ) -> None:
        self.name, self.trace_id, self.span_id = name, trace_id, span_id
        self.parent, self.began, self._is_with_texts = parent, began, is_with_texts
        self.calls: Calls = []
        self.ended_at: Seconds | None = None
        self._context: SpanContext | None = None

    def get_span_context(self) -> SpanContext:
        """Its ids, as they are told to other services."""
        if self._context is None:
            state = None if self.parent is None else self.parent.trace_state
            self._context = SpanContext(self.trace_id, self.span_id, False, _SAMPLED, state)
        return self._context

    def is_recording(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    def end_stage(self, ended_at: "Seconds", error: type[BaseException] | None) -> None:
        """It is over, and this is what it raised; a cancellation is no error of it."""
        if error is not None and issubclass(error, Exception):
            self.set_attribute("error.type", error_type(error))
            self.set_status(StatusCode.ERROR, error_type(error))
        self.ended_at = ended_at

    def end(self, end_time: int | None = None) -> None:
        """Nothing: the prediction ends it."""

    def set_attributes(self, attributes: "Mapping[str, AttributeValue]") -> None:
        """Keep several attributes."""
        self._say("set_attributes", dict(attributes))

    def set_attribute(self, key: str, value: "AttributeValue") -> None:
        """Keep one attribute."""
        self._say("set_attribute", key, value)

    def add_event(self, name: str, attributes: "Attributes" = None, timestamp: int | None = None) -> None:
        """Keep an event, and when it was."""
        self._say("add_event", name, attributes, unix_now_ns() if timestamp is None else timestamp)

    def add_link(self, context: SpanContext, attributes: "Attributes" = None) -> None:
        """Keep a link to another span."""
        self._say("add_link", context, attributes)

    def update_name(self, name: str) -> None:
        """Keep another name."""
        self._say("update_name", name)

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Keep how it went."""
        self._say("set_status", status, description)

    def record_exception(
        self,
        exception: BaseException,
        attributes: "Attributes" = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: ARG002  no longer part of the event
    ) -> None:
        """Keep the event `exception`, but not the exception."""
        told = exception_attributes(exception, with_text=self._is_with_texts)
        self.add_event("exception", {**told, **(attributes or {})}, timestamp)

    def _say(self, method: str, *arguments: object) -> None:
        if self.ended_at is None and len(self.calls) < MOST_CALLS:
            self.calls.append((method, arguments))
