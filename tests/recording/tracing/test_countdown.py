"""The gaps between sampled predictions sample each of them with the same probability."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.recording.tracing.countdown import gap


def sampled(rate: float, predictions: int, dice: Random) -> list[bool]:
    """Of so many predictions, which ones are sampled, as a countdown over them says."""
    left, taken = gap(rate, dice), []
    for _ in range(predictions):
        left -= 1
        taken.append(left < 0)
        if left < 0:
            left = gap(rate, dice)
    return taken


@given(rate=st.floats(0.001, 0.999), seed=st.integers(0, 2**32))
def test_share_of_the_sampled_is_the_rate(rate: float, seed: int) -> None:
    """Within six standard deviations of a binomial distribution: once in half a billion seeds it is not."""
    predictions = 20_000
    found = sum(sampled(rate, predictions, Random(seed)))
    assert abs(found - predictions * rate) <= 6 * math.sqrt(predictions * rate * (1 - rate)) + 1


@pytest.mark.parametrize("rate", [0.01, 0.3, 0.9])
def test_no_prediction_is_more_likely_than_another(rate: float) -> None:
    """Neither the first one, nor the one after a sampled one."""
    dice, runs = Random(1), 40_000
    for place in zip(*(sampled(rate, 3, dice) for _ in range(runs)), strict=True):
        assert sum(place) / runs == pytest.approx(rate, abs=6 * math.sqrt(rate * (1 - rate) / runs))


@pytest.mark.parametrize(
    ("rate", "drawn"),
    [
        pytest.param(0.0, math.inf, id="none"),
        pytest.param(1.0, 0.0, id="all"),
        pytest.param(-0.0, math.inf, id="zero"),
    ],
)
def test_none_and_all_are_exact(rate: float, drawn: float) -> None:
    assert {gap(rate, Random(seed)) for seed in range(100)} == {drawn}


@given(rate=st.floats(5e-324, 1.0, exclude_max=True), seed=st.integers())
def test_every_rate_draws_a_whole_number(rate: float, seed: int) -> None:
    drawn = gap(rate, Random(seed))
    assert drawn >= 0
    assert math.isinf(drawn) or drawn == math.floor(drawn)
