"""How long to wait before the next restart."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from supervisor.clock import Seconds


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays that double, with jitter, so that a crash loop does not starve everything else.

    Attributes:
        initial: Delay before the first restart of a row, seconds, >= 0; 0 restarts at once every time.
        factor: What each further delay is multiplied with, >= 1.
        maximum: No delay is longer, jitter included, seconds.
        jitter: Share of the delay, in 0..1, that is drawn at random on top.
        reset_after: Seconds, >= 0, a child must have run for its next crash to count as the first again;
            None waits for it to say so itself, by `Actor.report_healthy`, which counts in any case.

    Source:
        Section 2 of the OTP notes: OTP restarts at once, and burns its restart limit within microseconds.
    """

    initial: "Seconds" = 0.01
    factor: float = 2.0
    maximum: "Seconds" = 30.0
    jitter: float = 0.5
    reset_after: "Seconds | None" = 60.0

    def __post_init__(self) -> None:
        if self.initial < 0 or self.maximum < self.initial:
            raise ValueError(
                f"backoff needs 0 <= initial <= maximum, got {self.initial!r} and {self.maximum!r}"
            )
        if self.factor < 1:
            raise ValueError(f"backoff factor must be at least 1, got {self.factor!r}")
        if not 0 <= self.jitter <= 1:
            raise ValueError(f"backoff jitter must lie between 0 and 1, got {self.jitter!r}")
        if self.reset_after is not None and self.reset_after < 0:
            raise ValueError(f"backoff reset_after must be seconds >= 0 or None, got {self.reset_after!r}")

    def delay(self, attempt: int, rng: "random.Random") -> "Seconds":
        """The delay before restart number `attempt` of a row, seconds.

        Args:
            attempt: 1 for the first restart after a healthy time.
            rng: Where the jitter comes from.
        """
        # What is drawn on top must fit below the maximum, or all who have reached it would come back at once.
        bare = min(self.initial * self._growth(attempt - 1), self.maximum / (1 + self.jitter))
        return min(bare * (1 + self.jitter * rng.random()), self.maximum)

    def begins_anew(self, ran: "Seconds", *, is_healthy: bool) -> bool:
        """Whether a child that has ended had proven its health, so that its row of restarts is over.

        Args:
            ran: Seconds since its start.
            is_healthy: Whether it had said so itself.
        """
        return is_healthy or (self.reset_after is not None and ran >= self.reset_after)

    def _growth(self, steps: int) -> float:
        try:
            return self.factor**steps
        except OverflowError:
            return sys.float_info.max


NO_BACKOFF = Backoff(initial=0.0, maximum=0.0)
