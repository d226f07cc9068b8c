"""What a span tells of an exception."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

DEEPEST: Final = 50


def error_type(kind: type[BaseException]) -> str:
    """Its name as OpenTelemetry writes it: with the module, unless it is a builtin."""
    name = kind.__qualname__
    return name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"


def exception_attributes(error: BaseException, *, with_text: bool) -> dict[str, str]:
    """Attributes of the event `exception`.

    Nothing in there refers to the exception any more: its frames hold a prediction's input.

    Args:
        error: What was raised.
        with_text: Whether to tell what it says, which may be somebody's input too.

    Source:
        OpenTelemetry's "Semantic conventions for exceptions on spans". Differs: of the stack trace the
        innermost 50 frames, without lines of source.
    """
    kind = error_type(type(error))
    stack = "".join(list(_frames(error.__traceback__))[-DEEPEST:])
    attributes = {"exception.type": kind}
    if with_text:
        attributes["exception.message"] = str(error)
        kind = f"{kind}: {error}"
    return {**attributes, "exception.stacktrace": f"Traceback (most recent call last):\n{stack}{kind}"}


def _frames(trace: "TracebackType | None") -> "Iterator[str]":
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f'  File "{code.co_filename}", line {trace.tb_lineno}, in {code.co_qualname}\n'
        trace = trace.tb_next
