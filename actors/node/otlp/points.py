"""What a push says, in our terms."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from actors.node.otlp.buckets import Explicit, Exponential
from actors.recording.series import SeriesKey

Value: TypeAlias = int | Exponential | Explicit


class Measure(StrEnum):
    """What is counted; the value is the metric's name."""

    REQUESTS = "model_requests"
    ERRORS = "model_errors"
    CANCELLED = "model_cancelled"
    INVALID = "model_invalid"
    LATENCY = "model_latency_seconds"
    FIRST_ITEM = "model_time_to_first_item_seconds"
    WITHIN = "model_within_threshold"


@dataclass(frozen=True, slots=True)
class Sender:
    """The resource that a push comes from.

    Attributes:
        identity: Digest of all its attributes.
        service: Its `service.name`.
        instance: Its `service.instance.id`; "" if it has none.
    """

    identity: str
    service: str
    instance: str


@dataclass(frozen=True, slots=True)
class StreamKey:
    """One stream of points of one sender; two points of a stream may be compared.

    Attributes:
        scope: Name and version of the library that recorded.
        series: Whose predictions.
        measure: What is counted of them.
        form: The type of the value, and whether it is told as a delta: another one is another stream.
        threshold: Of `WITHIN`, seconds; None for all others.
    """

    scope: tuple[str, str]
    series: SeriesKey
    measure: Measure
    form: str
    threshold: float | None = None

    @property
    def is_delta(self) -> bool:
        """Whether points tell what was added, not the total."""
        return self.form.startswith("delta")


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a stream; times are in nanoseconds since 1970.

    Attributes:
        start: From when on it was counted; 0 where the sender does not say.
        time: Until when.
        value: How much.
    """

    stream: StreamKey
    start: int
    time: int
    value: Value


@dataclass(frozen=True, slots=True)
class Push:
    """The points of one sender."""

    sender: Sender
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One request.

    Attributes:
        pushes: By sender.
        refused: For each reason, how many points cannot be used.
    """

    pushes: tuple[Push, ...] = ()
    refused: Counter[str] = field(default_factory=Counter)
