"""What some traffic can do to a rule: never trip it, or trip it by a single failure."""

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from actors.slo.rule import window_name
from actors.slo.slices import least_events

if TYPE_CHECKING:
    from actors.slo.objective import Objective
    from actors.slo.rule import BurnRateRule


def bad_events_needed(rule: "BurnRateRule", objective: "Objective", per_minute: Fraction) -> int | None:
    """How many bad events in the long window trip a rule, at a steady traffic.

    Args:
        rule: Which.
        objective: Whose it is.
        per_minute: Predictions a minute, >= 0.

    Returns:
        None if the window does not hold so many.
    """
    total = events_in(rule.long_window, objective, per_minute)
    needed = max(objective.min_bad_events, floor(rule.burn_rate * objective.error_budget * total) + 1)
    return needed if needed <= floor(total) else None


def events_in(minutes: int, objective: "Objective", per_minute: Fraction) -> Fraction:
    """How many events some minutes hold: predictions, or the minutes themselves if enough are in each."""
    if objective.quantile is None:
        return minutes * per_minute
    return Fraction(minutes if per_minute >= least_events(objective) else 0)


def remark(rule: "BurnRateRule", objective: "Objective", per_minute: Fraction) -> str | None:
    """A sentence on a rule that this traffic could never trip, or that one failure alone would; else None."""
    needed = bad_events_needed(rule, objective, per_minute)
    total, window = events_in(rule.long_window, objective, per_minute), window_name(rule.long_window)
    event = "prediction" if objective.quantile is None else "minute"
    if needed is None:
        if objective.quantile is not None and not total:
            least = least_events(objective)
            return f"{rule} can never trip: a minute is judged by its quantile from {least} predictions on"
        held = f"{window} holds {_counted(floor(total), event)}"
        if objective.min_bad_events > 1:
            return f"{rule} can never trip: {held}, and min_bad_events is {objective.min_bad_events}"
        return f"{rule} can hardly ever trip: {held}"
    if needed == 1:
        burn = float(1 / (total * objective.error_budget))
        what = f"1 bad one of {_counted(floor(total), event)} in {window} burns at {burn:.4g}"
        return (
            f"{rule} is tripped by a single failure: {what}, and min_bad_events is {objective.min_bad_events}"
        )
    return None


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number or 'no'} {what}s"
