"""What traces the predictions of a node, and where their spans go."""

from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actors.config import TracingSettings
    from actors.recording import Identity
    from actors.recording.tracing import Tracing


def tracing_of(settings: "TracingSettings | None", identity: "Identity") -> "Tracing | None":
    """The tracing of this process; None, and OpenTelemetry not imported, where it is off."""
    if settings is None:
        return None
    from actors.recording.tracing import Tracing, open_outlet  # noqa: PLC0415  heavy, and only for who traces

    return Tracing(settings, partial(open_outlet, settings, identity.attributes))


def spans_recorded(tracing: "Tracing | None") -> AbstractAsyncContextManager[None]:
    """A block in which predictions are traced, if that is on; the last spans are sent when it is left."""
    if tracing is None:
        return nullcontext()
    from actors.recording.tracing import recording_spans  # noqa: PLC0415

    return recording_spans(tracing)
