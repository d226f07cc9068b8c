"""What an answer means for a notification: delivered, later, or never."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from actors.posting import Answer, NoAnswer, read_retry_after
from actors.receivers.outcome import Delivered, GivenUp, Outcome, RetryLater

if TYPE_CHECKING:
    from supervisor.clock import Seconds

RATE_LIMIT_PAUSE: "Seconds" = 1.0
"""Least pause after a 429 that names none."""

_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


def judge(reply: Answer | NoAnswer, now: "Seconds") -> Outcome:
    """What an answer means for the notification, by its status alone.

    2xx is delivered. 408, 425, 429, 5xx and no answer at all may pass. A redirect is not followed, since
    that would hand the body, keys and all, to somebody else; it and any other 4xx are given up.

    Args:
        reply: What came back.
        now: Wall time, unix seconds.
    """
    if isinstance(reply, NoAnswer):
        return RetryLater(None, reply.why) if reply.may_pass else GivenUp(reply.why)
    why = describe(reply)
    if 200 <= reply.status < 300:
        return Delivered()
    if reply.status in _PASSING or reply.status >= 500:
        return RetryLater(_pause(reply, now), why)
    if 300 <= reply.status < 400:
        return GivenUp(f"{why}; redirects are not followed")
    return GivenUp(why)


def describe(answer: Answer) -> str:
    """An answer in one line, `answered 429: 'rate_limited'`."""
    return f"answered {answer.status}: {answer.text!r}" if answer.text else f"answered {answer.status}"


def _pause(answer: Answer, now: "Seconds") -> "Seconds | None":
    asked = read_retry_after(answer.retry_after, now)
    if asked is None and answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RATE_LIMIT_PAUSE
    return asked
