"""How many predictions of each second are kept though they were not sampled."""

from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.clock import Seconds


class KeepLimit:
    """So many in each second of the clock, so that an outage does not flood whoever collects spans.

    Not locked: of threads that come at the same instant one more than allowed may pass.

    Args:
        per_second: The most, >= 0; 0 lets none pass.
    """

    __slots__ = ("_passed", "_per_second", "_second")

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._second, self._passed = -1, 0

    def passes(self, now: "Seconds") -> bool:
        """Whether one more may pass at `now`, seconds of a clock that never goes back."""
        second = floor(now)
        if second != self._second:
            self._second, self._passed = second, 0
        if self._passed >= self._per_second:
            return False
        self._passed += 1
        return True
