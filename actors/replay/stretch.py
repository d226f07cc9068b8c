"""Since when it had been bad when a rule fired."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

_STEPS: Final = ((60, 1), (360, 5))
"""Up to so many minutes back, so many are looked at together."""
_COARSEST: Final = 30


def began(
    counts: "Callable[[int], tuple[int, int]]",
    minute: int,
    *,
    long_window: int,
    short_window: int,
    error_budget: "Fraction",
) -> int | None:
    """The first minute of the bad stretch that a firing rule looks at.

    Going back from `minute` through the long window, a stretch ends where no minute was bad for as long as
    the short window. A minute is bad that burns faster than the objective allows, so more than once its
    budget. Beyond the last hour stretches of 5 minutes are looked at, beyond six hours of 30.

    Args:
        counts: Good and total events of the last so many minutes, up to `minute`.
        minute: The newest closed minute.
        long_window: Minutes.
        short_window: Minutes.
        error_budget: Share of events that may be bad.

    Returns:
        None if no minute was bad.
    """
    found: int | None = None
    last_bad, before, length = 0, (0, 0), 0
    while length < long_window and length - last_bad <= short_window:
        length = min(length + _step(length), long_window)
        now = counts(length)
        good, total = now[0] - before[0], now[1] - before[1]
        if total - good > error_budget * total:
            found, last_bad = minute + 1 - length, length
        before = now
    return found


def _step(length: int) -> int:
    return next((step for upto, step in _STEPS if length < upto), _COARSEST)
