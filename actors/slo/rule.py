"""One burn-rate rule: what is too fast, over which windows."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final, Literal, TypeAlias

Severity: TypeAlias = Literal["page", "ticket"]

SEVERITIES: Final[tuple[Severity, ...]] = ("page", "ticket")
_MINUTES_A_DAY: Final = 1440


@dataclass(frozen=True, slots=True)
class BurnRateRule:
    """Burning too fast over a long window, and still burning over a short one.

    The long window keeps a blip from waking anybody; the short one ends the alert soon after the fault.

    Attributes:
        severity: What it calls for.
        long_window: Minutes.
        short_window: Minutes; a twelfth of the long one.
        burn_rate: Both windows must burn faster than this; 1 spends the budget exactly at the window's end.
    """

    severity: Severity
    long_window: int
    short_window: int
    burn_rate: Fraction

    @property
    def name(self) -> str:
        """Its windows, `"1h/5m"`."""
        return f"{window_name(self.long_window)}/{window_name(self.short_window)}"

    def __str__(self) -> str:
        return f"{self.severity} {float(self.burn_rate):.4g} over {self.name}"


@cache
def window_name(minutes: int) -> str:
    """Minutes as the workbook writes them: `"5m"`, `"6h"`, `"24h"`, `"3d"`."""
    if minutes % _MINUTES_A_DAY == 0 and minutes > _MINUTES_A_DAY:
        return f"{minutes // _MINUTES_A_DAY}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
