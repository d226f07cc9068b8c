"""What an objective allows to go wrong, from whole events: nothing is rounded before a person reads it."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Events:
    """What happened in one window.

    Attributes:
        good_events: Events that kept the promise, 0 to `total_events`.
        total_events: All that count; 0 when nothing was measured.
    """

    good_events: int
    total_events: int

    @property
    def bad_events(self) -> int:
        """Events that broke the promise."""
        return self.total_events - self.good_events

    @property
    def ratio(self) -> Fraction | None:
        """Share of good events, the SLI; None where nothing was measured, which is neither good nor bad."""
        return Fraction(self.good_events, self.total_events) if self.total_events else None

    def __add__(self, other: "Events") -> "Events":
        """Both together: counts add up, ratios do not."""
        return Events(self.good_events + other.good_events, self.total_events + other.total_events)


def allowed_events(events: Events, error_budget: Fraction) -> Fraction:
    """How many of these events may be bad; the total of the window is not forecast."""
    return error_budget * events.total_events


def budget_left(events: Events, error_budget: Fraction) -> Fraction | None:
    """Share of the error budget that is left.

    Args:
        events: Of the objective's whole window.
        error_budget: Share of events that may be bad, above 0.

    Returns:
        1 when untouched, 0 when exactly spent, negative when overspent; None without events.
    """
    if not events.total_events:
        return None
    # One fraction, made at the end: there are objectives x groups of them a minute.
    allowed = error_budget.numerator * events.total_events
    return Fraction(allowed - error_budget.denominator * events.bad_events, allowed)


def budget_minutes(error_budget: Fraction, window_minutes: int) -> Fraction:
    """The budget as minutes of total outage under even traffic: 43.2 for 99.9 % of 30 days."""
    return error_budget * window_minutes
