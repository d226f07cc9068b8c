"""What all errors have in common, and the one of the clock."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.clock import Seconds


class SupervisorError(Exception):
    """Root of all errors of this package."""


class ClockWentBackwardsError(SupervisorError, ValueError):
    """A time lies before one that was recorded already."""

    def __init__(self, now: "Seconds", newest: "Seconds") -> None:
        self.now, self.newest = now, newest
        super().__init__(f"time must not decrease, got {now!r} after {newest!r}")
