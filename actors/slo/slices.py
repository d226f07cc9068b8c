"""Minutes as events: whether a minute's quantile kept within the threshold, from counts."""

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actors.slo.objective import Objective


def is_good(within: int, timed: int, quantile: Fraction) -> bool:
    """Whether the quantile of one minute lies within the threshold: exact, and no histogram is asked.

    Args:
        within: Predictions within the threshold.
        timed: All that were timed, >= 1.
        quantile: 0.99 for p99, above 0 and below 1.

    Source:
        Nearest rank: the p99 of n values is the one at place ceil(0.99 n), so it is within the threshold just
        if that many are.
    """
    return within >= ceil(quantile * timed)


def least_events(objective: "Objective") -> int:
    """How many predictions a minute must have to be judged: below 100 the p99 would be the slowest one."""
    if objective.min_slice_events is not None:
        return max(1, objective.min_slice_events)
    quantile = objective.quantile or Fraction(0)
    return ceil(1 / (1 - quantile))
