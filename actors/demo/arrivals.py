"""When requests come: irregularly, as they do."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from supervisor.clock import Seconds

CALM, RUSH = 0.6, 1.8
"""The rate between bursts and in them, as multiples of the mean; they come two to one, so the mean is 1."""

_PHASE_SECONDS: Final = (0.3, 1.2)


def arrivals(rng: Random, rate: float) -> Iterator["Seconds"]:
    """Times of arrival, seconds from the start, for ever: a Poisson process whose rate comes in bursts.

    Args:
        rng: Decides it all.
        rate: Mean arrivals a second, > 0.
    """
    now = 0.0
    while True:
        burst = RUSH if rng.random() < 1 / 3 else CALM
        until = now + rng.uniform(*_PHASE_SECONDS)
        # What is left of the gap at the end of a phase is drawn anew: a Poisson process has no memory.
        while (later := now + rng.expovariate(rate * burst)) < until:
            now = later
            yield now
        now = until
