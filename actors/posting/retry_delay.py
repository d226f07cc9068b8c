"""When to ask again: a delay with jitter, and what a `Retry-After` header asks for."""

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from supervisor.clock import Seconds

MAX_RETRY_AFTER: "Seconds" = 3600.0

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


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
