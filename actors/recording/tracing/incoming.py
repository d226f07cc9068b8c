"""The trace that a request from another service belongs to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import propagate
from opentelemetry.context import Context, attach, detach

from actors.recording.tracing import current


@contextmanager
def incoming(headers: Mapping[str, str]) -> Iterator[None]:
    """Predictions in this block belong to the trace of a request's headers, and are sampled as it is.

    Nothing, if something is current already (the application's own instrumentation knows better), or if
    the headers tell of none.

    Args:
        headers: By name in lower case, `traceparent` among them.

    Source:
        W3C "Trace Context"; read by whatever propagator the application has set for OpenTelemetry.
    """
    if current.parent() is not None:
        yield
        return
    token = attach(propagate.extract(headers, Context()))
    try:
        yield
    finally:
        detach(token)
