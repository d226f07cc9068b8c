"""Events that were executed while a block ran."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from supervisor.clock import monotonic
from supervisor.telemetry import EVENTS, attach_many, detach

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.telemetry import EventName
    from supervisor.telemetry.bus import Measurements, Metadata

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class CapturedEvent:
    """One event.

    Attributes:
        name: Its full name.
        measurements: As they were when it was executed.
        metadata: As it was when it was executed.
        at: Monotonic time, seconds; under virtual time it is exact.
    """

    name: "EventName"
    measurements: "Measurements"
    metadata: "Metadata"
    at: "Seconds"


@contextmanager
def captured(*event_names: "EventName") -> Iterator[list[CapturedEvent]]:
    """Collect events in the order in which they came, also from other threads.

    Args:
        event_names: Exact names; none for all of `supervisor.telemetry.EVENTS`.
    """
    events: list[CapturedEvent] = []
    handler_id = f"captured-{next(_numbers)}"

    def note(name: "EventName", measurements: "Measurements", metadata: "Metadata", config: object) -> None:
        del config
        events.append(CapturedEvent(name, dict(measurements), dict(metadata), monotonic()))

    attach_many(handler_id, event_names or EVENTS, note)
    try:
        yield events
    finally:
        detach(handler_id)
