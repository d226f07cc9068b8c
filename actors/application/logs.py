"""How a node logs: for a person at a terminal, or one JSON object a line.

Only the command calls this. In somebody's process log lines go wherever its own structlog sends them.
"""

import logging
import sys
from typing import TYPE_CHECKING, Final

import structlog

from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from actors.config import NodeSettings

log = structlog.get_logger(__name__)

_TRACE: Final = "opentelemetry.trace"


def configure_logging(node: "NodeSettings") -> None:
    """Send log lines to standard error, in the form and from the level that the settings have.

    What libraries complain about through Python's own `logging` becomes lines of the same form.
    """
    as_json = node.log == "json"
    shown: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            add_trace_ids,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.dict_tracebacks] if as_json else []),
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[node.log_level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _ToStructlog) for handler in root.handlers):
        root.addHandler(_ToStructlog(logging.WARNING))


def add_trace_ids(
    logger: object,  # noqa: ARG001  structlog's way of calling
    method: str,  # noqa: ARG001
    event: structlog.typing.EventDict,
) -> structlog.typing.EventDict:
    """Put `trace_id` and `span_id` of the span that is current into a line; a processor for structlog.

    A process that has not imported OpenTelemetry has no spans, and this does not import it.
    """
    trace = sys.modules.get(_TRACE)
    if trace is not None:
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            event.setdefault("trace_id", f"{context.trace_id:032x}")
            event.setdefault("span_id", f"{context.span_id:016x}")
    return event


class _ToStructlog(logging.Handler):
    """Hands lines of libraries on to ours; of an exception only its type and place, as everywhere."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        facts = {} if error is None else facts_of_error(error)
        log.log(record.levelno, "library", logger=record.name, said=record.getMessage(), **facts)
