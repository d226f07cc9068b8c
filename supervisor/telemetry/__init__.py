"""The bus on which things tell what has happened to them, for whoever wants to hear it."""

from supervisor.telemetry.bus import (
    BadEventNameError,
    EventName,
    Handler,
    HandlerExistsError,
    HandlerNotFoundError,
    attach,
    attach_many,
    detach,
    execute,
    has_handlers,
    list_handlers,
    on_change,
)
from supervisor.telemetry.events import EVENTS, EventSpec
from supervisor.telemetry.span import Span, span, span_async
from supervisor.telemetry.structlog_handler import attach_structlog

__all__ = [
    "EVENTS",
    "BadEventNameError",
    "EventName",
    "EventSpec",
    "Handler",
    "HandlerExistsError",
    "HandlerNotFoundError",
    "Span",
    "attach",
    "attach_many",
    "attach_structlog",
    "detach",
    "execute",
    "has_handlers",
    "list_handlers",
    "on_change",
    "span",
    "span_async",
]
