"""How long to wait before the next restart."""

import random

import pytest

from supervisor import Backoff


@pytest.mark.parametrize(
    ("attempt", "delay"),
    [(1, 1.0), (2, 2.0), (3, 4.0), (5, 16.0), (6, 30.0), (1000, 30.0)],
)
def test_delays_double_up_to_the_maximum(attempt: int, delay: float) -> None:
    backoff = Backoff(initial=1.0, factor=2.0, maximum=30.0, jitter=0.0)
    assert backoff.delay(attempt, random.Random(1)) == delay


def test_slow_growth_reaches_the_maximum_as_well() -> None:
    assert Backoff(initial=0.01, factor=1.05, maximum=30.0, jitter=0.0).delay(1000, random.Random(1)) == 30.0


@pytest.mark.parametrize("factor", [1e10, 1e300])
def test_factor_beyond_what_a_float_holds_is_the_maximum(factor: float) -> None:
    assert Backoff(initial=1.0, factor=factor, maximum=30.0, jitter=0.0).delay(60, random.Random(1)) == 30.0


def test_initial_delay_of_zero_never_waits() -> None:
    assert Backoff(initial=0.0, maximum=0.0).delay(1000, random.Random(1)) == 0.0


def test_jitter_spreads_the_delays_over_its_whole_share() -> None:
    rng, backoff = random.Random(1), Backoff(initial=1.0, jitter=0.5)
    drawn = [backoff.delay(1, rng) for _ in range(1000)]
    assert 1.0 <= min(drawn) < 1.01
    assert 1.49 < max(drawn) < 1.5


def test_jitter_spreads_the_delays_of_those_who_have_reached_the_maximum_too() -> None:
    """Or a herd that backs off together comes back together, for ever."""
    rng, backoff = random.Random(1), Backoff(initial=1.0, maximum=30.0, jitter=0.5)
    drawn = [backoff.delay(1000, rng) for _ in range(1000)]
    assert 20.0 <= min(drawn) < 20.1
    assert 29.9 < max(drawn) <= 30.0


@pytest.mark.parametrize(
    ("reset_after", "ran", "is_healthy", "begins"),
    [
        pytest.param(60.0, 59.9, False, False, id="too-short"),
        pytest.param(60.0, 60.0, False, True, id="long-enough"),
        pytest.param(60.0, 0.0, True, True, id="has-said-so"),
        pytest.param(None, 1e9, False, False, id="time-alone-proves-nothing"),
        pytest.param(None, 0.0, True, True, id="but-its-word-does"),
    ],
)
def test_row_of_restarts_is_over_when_health_is_proven(
    reset_after: float | None, ran: float, *, is_healthy: bool, begins: bool
) -> None:
    assert Backoff(reset_after=reset_after).begins_anew(ran, is_healthy=is_healthy) is begins


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"initial": -1.0}, "0 <= initial <= maximum, got -1.0 and 30.0"),
        ({"initial": 31.0}, "0 <= initial <= maximum, got 31.0 and 30.0"),
        ({"factor": 0.5}, "factor must be at least 1, got 0.5"),
        ({"jitter": 1.5}, "jitter must lie between 0 and 1, got 1.5"),
        ({"reset_after": -1.0}, "reset_after must be seconds >= 0 or None, got -1.0"),
    ],
)
def test_backoff_that_cannot_work_is_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Backoff(**options)
