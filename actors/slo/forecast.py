"""When the error budget will be spent if all goes on as it does; what will expire is given back.

What is left of a budget is a level in whole numbers: it rises by what is allowed and falls by what is bad.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast events come now.

    Attributes:
        bad: Bad events in `minutes` minutes.
        total: All events in them.
        minutes: Above 0.
    """

    bad: int
    total: int
    minutes: int = HOUR


def exhausted_in(
    bad: "Sequence[int]", total: "Sequence[int]", rates: Rates, error_budget: Fraction, *, step: int = HOUR
) -> Fraction | None:
    """How long until the budget of a rolling window is spent, at the present rates.

    What is in the window leaves it in the order in which it came, evenly over each step. Once all of it has
    left, as much leaves as comes, and nothing changes any more.

    Args:
        bad: Bad events of each step of the window, oldest first.
        total: All events of each.
        rates: Of what will come.
        error_budget: Share of events that may be bad, above 0.
        step: Length of each, minutes.

    Returns:
        Minutes; 0 where it is spent already; None where it will never be.
    """
    left, comes = _level(sum(bad), sum(total), error_budget), _level(rates.bad, rates.total, error_budget)
    if left <= 0 and (any(total) or comes < 0):
        return Fraction(0)
    expires = (_level(*old, error_budget) for old in zip(bad, total, strict=True))
    changes = (comes * step - old * rates.minutes for old in expires)
    found = _first_zero(left * rates.minutes, changes, step)
    is_silent = not rates.total and found == step * max(
        (at + 1 for at, old in enumerate(total) if old), default=0
    )
    return None if is_silent else found  # with the last event the budget has gone, and so has what it is for


def exhausted_in_period(
    bad: int, total: int, rates: Rates, error_budget: Fraction, *, ends_in: int
) -> Fraction | None:
    """How long until the budget of a period of the calendar is spent: nothing expires before its end.

    Args:
        bad: Bad events of the period so far.
        total: All events of it so far.
        rates: Of what will come.
        error_budget: Share of events that may be bad, above 0.
        ends_in: Minutes until the period ends, >= 0.

    Returns:
        Minutes; 0 where it is spent already; None where the period ends before it is.
    """
    left, comes = _level(bad, total, error_budget), _level(rates.bad, rates.total, error_budget)
    if left <= 0 and (total or comes < 0):
        return Fraction(0)
    return _first_zero(left * rates.minutes, [comes * ends_in], ends_in)


def _level(bad: int, total: int, error_budget: Fraction) -> int:
    """How many more of these events might be bad, times the budget's denominator."""
    return error_budget.numerator * total - error_budget.denominator * bad


def _first_zero(level: int, changes: "Iterable[int]", step: int) -> Fraction | None:
    """When a level is used up that changes evenly in each step, by these amounts."""
    for number, change in enumerate(changes):
        if change < 0 and level + change <= 0:
            return step * (number + Fraction(level, -change))
        level += change
    return None
