from itertools import pairwise, takewhile
from random import Random
from statistics import mean, pvariance

import pytest

from actors.demo.arrivals import arrivals


def times(seed: int, rate: float, seconds: float) -> list[float]:
    return list(takewhile(lambda at: at < seconds, arrivals(Random(seed), rate)))


@pytest.mark.parametrize("rate", [5.0, 80.0])
def test_the_mean_rate_is_the_one_asked_for(rate: float) -> None:
    assert len(times(1, rate, 2000.0)) / 2000.0 == pytest.approx(rate, rel=0.06)


def test_arrivals_come_in_order() -> None:
    assert all(earlier < later for earlier, later in pairwise(times(1, 80.0, 20.0)))


def test_arrivals_are_burstier_than_a_steady_rate() -> None:
    """Counts of a steady Poisson process have a variance like their mean; bursts make it larger."""
    seconds = [0] * 500
    for at in times(2, 80.0, 500.0):
        seconds[int(at)] += 1
    assert pvariance(seconds) > 2 * mean(seconds)


def test_the_same_seed_gives_the_same_arrivals() -> None:
    assert times(7, 80.0, 5.0) == times(7, 80.0, 5.0)
    assert times(7, 80.0, 5.0) != times(8, 80.0, 5.0)
