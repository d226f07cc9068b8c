"""The figures of the demo, and the one factor that shortens its time."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from supervisor.clock import Seconds

MODEL: Final = "digits"
TIME_FACTOR: Final = 1440.0
"""The only thing that is not as it would be in earnest: a day of windows passes in a minute of the demo."""

MINUTE: Final = 60.0
DAY: Final = 86_400.0
THRESHOLD: "Final[Seconds]" = 0.1
OBJECTIVE: Final = 0.99
SCRAPE_EVERY: "Final[Seconds]" = 0.1
DRAIN_EVERY: "Final[Seconds]" = 0.05

AVAILABILITY: Final = "digits-availability"
LATENCY: Final = "digits-latency"


def nominal_minutes(real_seconds: "Seconds") -> float:
    """How many minutes pass for the objectives in so many seconds of the demo."""
    return real_seconds * TIME_FACTOR / MINUTE
