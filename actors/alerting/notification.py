"""What one receiver is to be told of one alert."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from supervisor.clock import Seconds

Status: TypeAlias = Literal["firing", "resolved"]


@dataclass(frozen=True, slots=True)
class Notification:
    """One message for one receiver; decided once, and sent as it was decided however often that takes.

    Attributes:
        id: The same for the same decision, also if that was made twice: see `notification_id`.
        receiver: Name of the receiver that is to have it.
        dedup_key: The alert's, the same whenever that fires or resolves, and on whatever node.
        status: What is told.
        labels: What identifies the alert.
        annotations: What is said about it.
        fired_at: When the alert began to fire, unix seconds.
        resolved_at: When it was over, unix seconds; None while it fires.
        decided_at: When it was decided that this is to be told, unix seconds.
    """

    id: str
    receiver: str
    dedup_key: str
    status: Status
    labels: "Mapping[str, str]"
    annotations: "Mapping[str, str]"
    fired_at: "Seconds"
    resolved_at: "Seconds | None"
    decided_at: "Seconds"


def notification_id(dedup_key: str, fired_at: "Seconds", status: Status, receiver: str) -> str:
    """An id that follows from the decision, so that one written twice is one.

    Args:
        dedup_key: The alert's.
        fired_at: When it began to fire, unix seconds: tells one firing of an alert from the next.
        status: What is told.
        receiver: Who is told.
    """
    facts = "\x00".join((dedup_key, repr(float(fired_at)), status, receiver))
    return hashlib.sha256(facts.encode()).hexdigest()[:32]
