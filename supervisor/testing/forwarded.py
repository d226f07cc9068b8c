"""Events as messages, to whoever can take one."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from supervisor.telemetry import HandlerNotFoundError, attach_many, detach

if TYPE_CHECKING:
    from supervisor.telemetry import EventName
    from supervisor.telemetry.bus import Measurements, Metadata

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class ForwardedEvent:
    """One event.

    Attributes:
        ref: What `forwarded` gave: which of several it came through. It is the handler's id as well.
        name: Its full name.
        measurements: As they were when it was executed.
        metadata: As it was when it was executed.
    """

    ref: str
    name: "EventName"
    measurements: "Measurements"
    metadata: "Metadata"


@contextmanager
def forwarded(send: "Callable[[ForwardedEvent], object]", *event_names: "EventName") -> Iterator[str]:
    """Send each of these events on while the block runs.

    Args:
        send: Takes each event where it is executed, so it must not wait: `ref.send` of an actor, which gets
            it in `handle_info`, or `queue.put_nowait`.
        event_names: Exact names.

    Returns:
        What each `ForwardedEvent.ref` holds. To `telemetry.detach` it ends the forwarding early.

    Source:
        `telemetry_test`. Differs: it ends with a block, so that no test leaves a handler to the next.
    """
    ref = f"forwarded-{next(_numbers)}"

    def forward(
        name: "EventName", measurements: "Measurements", metadata: "Metadata", config: object
    ) -> None:
        del config
        send(ForwardedEvent(ref, name, dict(measurements), dict(metadata)))

    attach_many(ref, event_names, forward)
    try:
        yield ref
    finally:
        with suppress(HandlerNotFoundError):
            detach(ref)
