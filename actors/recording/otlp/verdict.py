"""What an answer means for a push: taken, later, or never."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeAlias

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from actors.posting import Answer, NoAnswer, read_retry_after

if TYPE_CHECKING:
    from supervisor.clock import Seconds

EXCERPT_LENGTH: Final = 200

_PASSING = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


@dataclass(frozen=True, slots=True)
class Taken:
    """The other side has it.

    Attributes:
        rejected: How many of its points were thrown away there.
        why: What it said to that, or warned of; "" if nothing.
    """

    rejected: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """It may be taken later.

    Attributes:
        after: Seconds before which nothing may be sent, in 0..3600; None leaves it to the backoff.
        why: What happened, for people; free of keys.
    """

    after: "Seconds | None"
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Sending it again could not help.

    Attributes:
        why: What the other side said, for people; free of keys.
    """

    why: str


Verdict: TypeAlias = Taken | Later | Refused


def judge(reply: Answer | NoAnswer, now: "Seconds") -> Verdict:
    """What an answer to a push means.

    Args:
        reply: What came back.
        now: Wall time, unix seconds.

    Source:
        OTLP specification, "OTLP/HTTP Response": 429, 502, 503 and 504 may be retried, all other
        failures must not be.
    """
    if isinstance(reply, NoAnswer):
        return Later(None, reply.why) if reply.may_pass else Refused(reply.why)
    if 200 <= reply.status < 300:
        return _taken(reply)
    why = f"answered {reply.status}"
    if reply.status in _PASSING:
        return Later(read_retry_after(reply.retry_after, now), why)
    if 300 <= reply.status < 400:
        return Refused(f"{why}; redirects are not followed")
    return Refused(f"{why}: {reply.text!r}" if reply.text else why)


def _taken(answer: Answer) -> Taken:
    """A body that nobody can read is none: the status alone says that the push was taken."""
    if not answer.is_whole:
        return Taken()
    try:
        partial = ExportMetricsServiceResponse.FromString(answer.body).partial_success
    except DecodeError:
        return Taken()
    said = "".join(char if char.isprintable() else " " for char in partial.error_message)
    return Taken(partial.rejected_data_points, said[:EXCERPT_LENGTH])
