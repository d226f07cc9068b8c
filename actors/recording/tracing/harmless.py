"""What goes wrong in tracing is counted, and is nobody's business."""

from typing import TYPE_CHECKING

import structlog

from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from types import TracebackType

    from actors.recording.tracing.counts import TracingCounts

log = structlog.get_logger(__name__)


class Harmless:
    """A block whose exceptions end it and nothing else; the first is logged. Many may be in it at once.

    Args:
        counts: Where `broken` rises.
    """

    __slots__ = ("_counts",)

    def __init__(self, counts: "TracingCounts") -> None:
        self._counts = counts

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self._counts.broken += 1
        if self._counts.broken == 1:
            log.error("prediction could not be traced; counted from now on", **facts_of_error(error))
        return True
