"""How the prediction behind one request ended, from what was seen of its response."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.recording.outcome import Outcome

_CANCELLED: Final = (asyncio.CancelledError, GeneratorExit)


@dataclass(slots=True)
class Seen:
    """What has been seen of one response so far.

    Attributes:
        status: As last given to `start_response`; None before.
        has_answered_error: Whether the application gave `start_response` an error to explain its answer.
        raised: What left the application before the response was whole; None if nothing did.
        is_whole: Whether the server has asked for a part after the last one.
        is_client_gone: Whether the server failed to send.
    """

    status: int | None = None
    has_answered_error: bool = False
    raised: BaseException | None = None
    is_whole: bool = False
    is_client_gone: bool = False


def outcome_of(seen: Seen, outcomes: "Mapping[int, Outcome]") -> "Outcome":
    """The outcome of a request that is over.

    A client that went away says nothing about the model, even if the application stumbles over it. What the
    application raised is a failure whatever status had been sent. An error that it answered itself is judged
    by its status, and is at least a failure: nobody gives a reason for a success.

    Args:
        seen: Of its response.
        outcomes: What each status means; one that is missing is an error.
    """
    if seen.is_client_gone or isinstance(seen.raised, _CANCELLED):
        return "cancelled"
    if seen.raised is not None:
        return "error"
    if not seen.is_whole:
        return "cancelled"
    if seen.status is None:
        return "error"
    outcome = outcomes.get(seen.status, "error")
    return "error" if outcome == "ok" and seen.has_answered_error else outcome


def status_number(status: str) -> int:
    """The number in a status line such as "200 OK"; 0, which means nothing, if there is none."""
    number = status[:3]
    return int(number) if number.isascii() and number.isdigit() else 0
