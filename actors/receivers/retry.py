"""When to send again: what an answer means, and how long to wait."""

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from actors.receivers.answer import Answer, NoAnswer
from actors.receivers.outcome import Delivered, GivenUp, Outcome, RetryLater

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from supervisor.clock import Seconds

MAX_RETRY_AFTER: "Seconds" = 3600.0
RATE_LIMIT_PAUSE: "Seconds" = 1.0
"""Least pause after a 429 that names none."""

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class RetryDelay:
    """Full jitter: a delay drawn evenly between nothing and a ceiling that doubles with every attempt.

    Attributes:
        base: Ceiling after the first failed attempt, seconds, > 0.
        factor: What each further ceiling is multiplied with, >= 1.
        maximum: No ceiling is higher, seconds, >= base.

    Source:
        Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    base: "Seconds" = 1.0
    factor: float = 2.0
    maximum: "Seconds" = 300.0

    def __post_init__(self) -> None:
        if not 0 < self.base <= self.maximum:
            raise ValueError(f"retry delay needs 0 < base <= maximum, got {self.base!r} and {self.maximum!r}")
        if self.factor < 1:
            raise ValueError(f"retry delay factor must be at least 1, got {self.factor!r}")

    def ceiling(self, attempts: int) -> "Seconds":
        """The longest delay after so many failed attempts (>= 1) in a row."""
        exponent = min(max(attempts - 1, 0), 64)  # the maximum is long reached, and floats overflow
        return min(self.base * self.factor**exponent, self.maximum)

    def draw(self, attempts: int, after: "Seconds | None", rng: "random.Random") -> "Seconds":
        """How long to wait now, seconds.

        Args:
            attempts: Failed attempts in a row, >= 1.
            after: What the other side asked for. The wait is never shorter, and grows beyond it where
                asking again goes on failing.
            rng: Where the jitter comes from.
        """
        return max(after or 0.0, rng.uniform(0.0, self.ceiling(attempts)))


def read_retry_after(value: str | None, now: "Seconds") -> "Seconds | None":
    """Seconds to wait by a `Retry-After` header.

    Args:
        value: The header: seconds, or an HTTP date.
        now: Wall time, unix seconds; what a date is counted from.

    Returns:
        Seconds in 0..3600, a date in the past being 0; None for a header that is absent or makes no sense.

    Source:
        RFC 9110, section 10.2.3. Differs: fractions of a second are understood; the upper limit is ours.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), MAX_RETRY_AFTER)
    try:
        instant = _unix(parsedate_to_datetime(text))
    except (ValueError, OverflowError):
        return None
    return min(max(instant - now, 0.0), MAX_RETRY_AFTER)


def _unix(date: "datetime") -> "Seconds":
    from_utc = date if date.tzinfo else date.replace(tzinfo=UTC)
    return from_utc.timestamp()


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
