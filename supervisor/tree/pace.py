"""How many restarts a second a supervisor may make, however many of its children have ended."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.clock import Seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """A bucket of tokens, one for each restart, that fills at a steady rate.

    Attributes:
        per_second: Restarts that it allows in the long run, > 0.
        burst: Restarts that it allows at once after a quiet time, >= 1.

    Source:
        The generic cell rate algorithm of ATM networks (ITU-T I.371): one number is all that is kept.
    """

    per_second: float
    burst: int = 1

    def __post_init__(self) -> None:
        if not self.per_second > 0:
            raise ValueError(f"pace per_second must be > 0, got {self.per_second!r}")
        if self.burst < 1:
            raise ValueError(f"pace burst must be at least 1, got {self.burst!r}")

    def book(self, booked_until: "Seconds", now: "Seconds") -> "tuple[Seconds, Seconds]":
        """Book one restart.

        Args:
            booked_until: What the booking before returned; 0 for the first.
            now: Clock time, seconds.

        Returns:
            How long that restart has to wait, seconds, and what the next booking is to be given.
        """
        interval = 1 / self.per_second
        begin = max(booked_until, now)
        return max(0.0, begin - (self.burst - 1) * interval - now), begin + interval
