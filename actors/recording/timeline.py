"""The nominal time that minutes are counted in."""

from math import floor
from typing import TYPE_CHECKING, Final

from supervisor.clock import Timeline, monotonic

if TYPE_CHECKING:
    from supervisor.clock import Seconds

MINUTE: Final = 60.0
"""Length of a minute in nominal seconds."""


class ScaledTimeline:
    """Wall time that never steps, and may be made to run faster than the world does.

    Args:
        factor: Nominal seconds that go by in one real second, > 0; 1.0 is the wall clock.

    Raises:
        ValueError: The factor is not above 0.
    """

    __slots__ = ("_started_at", "_started_monotonic", "factor")

    def __init__(self, factor: float = 1.0) -> None:
        if not factor > 0:
            raise ValueError(f"factor must be > 0, got {factor!r}")
        self.factor = factor
        self._started_monotonic = monotonic()
        self._started_at = Timeline().now()

    def now(self) -> "Seconds":
        """Nominal seconds since 1970-01-01 UTC."""
        return self._started_at + (monotonic() - self._started_monotonic) * self.factor

    def minute(self) -> int:
        """The minute that runs now, in whole minutes since 1970-01-01 UTC."""
        return floor(self.now() / MINUTE)

    def monotonic_at(self, nominal_seconds: "Seconds") -> "Seconds":
        """The monotonic time of a nominal instant, for timers."""
        return self._started_monotonic + (nominal_seconds - self._started_at) / self.factor
