"""One promise, with its numbers made exact."""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.config.settings import ObjectiveSettings
    from supervisor.clock import Seconds

Sli: TypeAlias = Literal["availability", "latency"]

_LARGEST_DENOMINATOR: Final = 10**9
"""99.9 % may arrive as 0.9990000000000001: the nearest fraction with so small a denominator was meant."""
_MINUTES_A_DAY: Final = 1440


@dataclass(frozen=True, slots=True)
class Objective:
    """One promise about the predictions of some series.

    Attributes:
        name: As in the settings.
        sli: `availability` counts failed predictions as bad; `latency` judges those that succeeded, and
            counts as bad what took longer than `threshold`.
        target: Share of good events that is promised, above 0 and below 1.
        window_minutes: Length of the rolling window it is promised over, whole minutes, >= 1.
        threshold: For latency, seconds that a good prediction takes at most; None for availability.
        match: Labels that the series must have.
        group_by: Labels whose values are judged apart; nothing judges all series as one.
    """

    name: str
    sli: Sli
    target: Fraction
    window_minutes: int
    threshold: "Seconds | None" = None
    match: "Mapping[str, str]" = field(default_factory=dict)
    group_by: tuple[str, ...] = ()

    @property
    def error_budget(self) -> Fraction:
        """Share of events that may be bad."""
        return 1 - self.target

    @property
    def window(self) -> str:
        """The window as people write it, `"30d"`."""
        return window_name(self.window_minutes)


def objective_from(settings: "ObjectiveSettings") -> Objective:
    """The objective that settings describe; they were checked as they were loaded."""
    return Objective(
        name=settings.name,
        sli=settings.sli,
        target=exact(settings.objective),
        window_minutes=max(1, round(settings.window / 60)),
        threshold=settings.threshold if settings.sli == "latency" else None,
        match=settings.match,
        group_by=tuple(settings.group_by),
    )


def exact(ratio: float) -> Fraction:
    """The fraction that a decimal like 0.999 stands for, which no float can hold; nine decimals at most."""
    return Fraction(ratio).limit_denominator(_LARGEST_DENOMINATOR)


@cache
def window_name(minutes: int) -> str:
    """Minutes as people write them: `"5m"`, `"6h"`, `"3d"`."""
    if minutes % _MINUTES_A_DAY == 0:
        return f"{minutes // _MINUTES_A_DAY}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
