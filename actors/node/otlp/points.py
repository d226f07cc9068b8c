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
    """One stream among those of one series; two points of a stream may be compared.

    Attributes:
        measure: What is counted.
        form: The type of the value, and whether it is told as a delta: another one is another stream.
        threshold: Of `WITHIN`, seconds; None for all others.
    """

    measure: Measure
    form: str
    threshold: float | None = None

    @property
    def is_delta(self) -> bool:
        """Whether points tell what was added, not the total."""
        return self.form.startswith("delta")


@dataclass(frozen=True, slots=True)
class Family:
    """The streams that are counted together.

    Attributes:
        scope: Name and version of the library that recorded.
        series: Whose predictions.
    """

    scope: tuple[str, str]
    series: SeriesKey


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a stream; times are in nanoseconds since 1970.

    Attributes:
        stream: Which.
        start: From when on it was counted; 0 where the sender does not say.
        time: Until when.
        value: How much.
    """

    stream: StreamKey
    start: int
    time: int
    value: Value


Told: TypeAlias = tuple[Family, tuple[Point, ...]]


@dataclass(frozen=True, slots=True)
class Push:
    """What one sender tells, or a part of it that has all points of some families."""

    sender: Sender
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One request.

    Attributes:
        pushes: By sender, those of one sender in parts.
        refused: For each reason, how many points cannot be used.
    """

    pushes: tuple[Push, ...] = ()
    refused: Counter[str] = field(default_factory=Counter)
