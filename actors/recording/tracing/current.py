"""What OpenTelemetry holds to be current in a thread or task."""

from typing import TYPE_CHECKING, Final

from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.trace import SpanContext, get_current_span, set_span_in_context

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import ContextVar, Token

    from opentelemetry.trace import Span


def _variable() -> "ContextVar[Context]":
    token = attach(get_current())
    detach(token)
    return token.var


_CURRENT: Final = _variable()
"""OpenTelemetry's own: a look at it costs a quarter of a call of `get_current`, and a token that cannot be
given back, since a generator is closed elsewhere, is no error to be logged."""

context: "Final[Callable[[], Context]]" = _CURRENT.get
"""What is current; empty where nothing is."""


def parent() -> SpanContext | None:
    """The span that is current, of whichever library; None if none is."""
    current = _CURRENT.get()
    found = get_current_span(current).get_span_context() if current else None
    return found if found is not None and found.is_valid else None


def enter(span: "Span") -> "Token[Context]":
    """Make a span the current one."""
    return _CURRENT.set(set_span_in_context(span, _CURRENT.get()))


def leave(token: "Token[Context]") -> None:
    """Make current again what was before; nothing, if it was entered in another thread or task."""
    try:
        _CURRENT.reset(token)
    except ValueError:
        return
