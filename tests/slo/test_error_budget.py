"""What an objective allows to go wrong."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.config.quantities import exact
from actors.slo.burn_rate import burn_rate
from actors.slo.error_budget import Events, allowed_events, budget_left, budget_minutes

DAY = 1440

counts = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)).map(lambda pair: Events(pair[0], sum(pair)))
budgets = st.fractions(Fraction(1, 10**6), Fraction(1, 2), max_denominator=10**9)


@pytest.mark.parametrize(
    ("target", "days", "minutes"),
    [
        pytest.param(0.95, 30, Fraction(2160), id="95-percent-of-30-days"),
        pytest.param(0.99, 30, Fraction(432), id="99-percent-of-30-days"),
        pytest.param(0.995, 30, Fraction(216), id="99.5-percent-of-30-days"),
        pytest.param(0.999, 30, Fraction(432, 10), id="99.9-percent-of-30-days"),
        pytest.param(0.9995, 30, Fraction(216, 10), id="99.95-percent-of-30-days"),
        pytest.param(0.9999, 30, Fraction(432, 100), id="99.99-percent-of-30-days"),
        pytest.param(0.99999, 30, Fraction(2592, 6000), id="99.999-percent-of-30-days-is-25.92-s"),
        pytest.param(0.999, 7, Fraction(1008, 100), id="99.9-percent-of-7-days"),
        pytest.param(0.999, 28, Fraction(4032, 100), id="99.9-percent-of-28-days"),
        pytest.param(0.999, 90, Fraction(1296, 10), id="99.9-percent-of-90-days"),
        pytest.param(0.999, 365, Fraction(5256, 10), id="99.9-percent-of-a-year"),
    ],
)
def test_budget_in_minutes_of_outage_is_exact(target: float, days: int, minutes: Fraction) -> None:
    assert budget_minutes(1 - exact(target), days * DAY) == minutes


@pytest.mark.parametrize("written", [99.9 / 100, 0.999, 1 - 0.001])
def test_percentage_that_no_float_can_hold_is_the_decimal_that_was_meant(written: float) -> None:
    assert exact(written) == Fraction(999, 1000)


@pytest.mark.parametrize(
    ("good", "total", "left"),
    [
        pytest.param(1000, 1000, Fraction(1), id="untouched"),
        pytest.param(9995, 10_000, Fraction(1, 2), id="half-of-it"),
        pytest.param(999, 1000, Fraction(0), id="exactly-spent"),
        pytest.param(997, 1000, Fraction(-2), id="three-times-as-much"),
        pytest.param(0, 10, Fraction(-999), id="nothing-good"),
        pytest.param(0, 0, None, id="nothing-measured"),
    ],
)
def test_budget_left_is_a_share_that_may_be_negative(good: int, total: int, left: Fraction | None) -> None:
    assert budget_left(Events(good, total), Fraction(1, 1000)) == left


def test_without_events_there_is_no_ratio() -> None:
    assert Events(0, 0).ratio is None


@pytest.mark.parametrize(
    ("parts", "ratio"),
    [
        pytest.param([Events(990, 1000), Events(10, 10)], Fraction(1000, 1010), id="peers-of-unequal-size"),
        pytest.param([Events(0, 1), Events(99, 99)], Fraction(99, 100), id="minutes-of-unequal-size"),
    ],
)
def test_counts_are_added_and_ratios_are_never_averaged(parts: list[Events], ratio: Fraction) -> None:
    assert sum(parts, Events(0, 0)).ratio == ratio


def test_failure_in_a_quiet_hour_burns_a_hundred_times_too_fast() -> None:
    """Ten requests an hour: 10 % over 0.1 % is 100, not the 1,000 that the workbook prints."""
    assert burn_rate(Events(9, 10), Fraction(1, 1000)) == 100


def test_quiet_service_may_fail_seven_times_in_thirty_days() -> None:
    """And one failure spends 13.9 % of its budget."""
    month = Events(7199, 7200)
    assert int(allowed_events(month, Fraction(1, 1000))) == 7
    assert budget_left(month, Fraction(1, 1000)) == 1 - Fraction(1000, 7200)


@given(events=counts, budget=budgets)
def test_budget_left_and_burn_rate_of_the_same_window_make_one(events: Events, budget: Fraction) -> None:
    left, rate = budget_left(events, budget), burn_rate(events, budget)
    assert (left is None) is (rate is None) is (events.total_events == 0)
    if left is not None and rate is not None:
        assert left + rate == 1


@given(one=counts, other=counts, budget=budgets)
def test_budget_of_both_lies_between_each_ones(one: Events, other: Events, budget: Fraction) -> None:
    known = [left for part in (one, other) if (left := budget_left(part, budget)) is not None]
    both = budget_left(one + other, budget)
    assert both is None if not known else both is not None and min(known) <= both <= max(known)


@given(events=counts, budget=budgets)
def test_one_more_failure_never_leaves_more_budget(events: Events, budget: Fraction) -> None:
    before, after = budget_left(events, budget), budget_left(events + Events(0, 1), budget)
    assert after is not None
    assert before is None or after <= before
