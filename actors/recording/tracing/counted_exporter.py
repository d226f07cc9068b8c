"""An exporter whose success is counted."""

from typing import TYPE_CHECKING

import structlog
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from actors.recording.tracing.counts import TracingCounts

log = structlog.get_logger(__name__)


class CountedExporter(SpanExporter):
    """Counts what another one sends and what it does not; on the SDK's thread.

    Args:
        exporter: Whose work it is.
        counts: Where `sent` and `unsent` rise.

    Attributes:
        done: Spans that it has seen, in whichever way.
    """

    def __init__(self, exporter: SpanExporter, counts: "TracingCounts") -> None:
        self.done = 0
        self._exporter, self._counts = exporter, counts
        self._is_failing = False

    def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
        """Send a batch; one that fails is lost, and the first of those in a row is logged."""
        result, facts = SpanExportResult.FAILURE, {"error": "refused, or no answer"}
        try:
            result = self._exporter.export(spans)
        except Exception as error:  # noqa: BLE001  counted
            facts = facts_of_error(error)
        self.done += len(spans)
        if result is SpanExportResult.SUCCESS:
            self._counts.sent += len(spans)
            self._is_failing = False
            return result
        self._counts.unsent += len(spans)
        if not self._is_failing:
            log.warning("spans could not be sent", spans=len(spans), **facts)
        self._is_failing = True
        return result

    def shutdown(self) -> None:
        """Send no more."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing waits here."""
        return self._exporter.force_flush(timeout_millis)
