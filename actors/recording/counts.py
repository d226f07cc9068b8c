"""Counts of predictions, as they are added to the tables."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Counts:
    """So many predictions of one series.

    Attributes:
        requests: Predictions, failed ones included, >= 0.
        errors: Failed ones, >= 0.
        within: For each bound in seconds, how many succeeded within it; `inf` counts all that were timed.
            Empty where nobody knows how long they took.
    """

    requests: int
    errors: int = 0
    within: "Mapping[float, int]" = field(default_factory=dict)
