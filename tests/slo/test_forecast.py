"""When the budget will be spent, with what expires given back."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.slo.forecast import Rates, exhausted_in, exhausted_in_period

DAY = 1440
HOURS = 720
PER_HOUR = 1_000_000
BUDGET = Fraction(1, 1000)


def burning(burn: Fraction | float) -> Rates:
    return Rates(int(burn * BUDGET * PER_HOUR), PER_HOUR)


def window(*burns: float) -> list[int]:
    """Bad events of each hour, the oldest first; those before were clean."""
    bad = [int(burn * BUDGET * PER_HOUR) for burn in burns]
    return [0] * (HOURS - len(bad)) + bad


ALL = [PER_HOUR] * HOURS


@pytest.mark.parametrize(
    ("burn", "minutes"),
    [
        pytest.param(1, Fraction(30 * DAY), id="burn-1-in-30-days"),
        pytest.param(2, Fraction(15 * DAY), id="burn-2-in-15-days"),
        pytest.param(10, Fraction(3 * DAY), id="burn-10-in-3-days"),
        pytest.param(1000, Fraction("43.2"), id="total-outage-in-43.2-minutes"),
        pytest.param(0.5, None, id="burn-below-1-never"),
        pytest.param(0, None, id="clean-never"),
    ],
)
def test_clean_window_is_spent_after_its_length_over_the_burn_rate(
    burn: float, minutes: Fraction | None
) -> None:
    assert exhausted_in(window(), ALL, burning(burn), BUDGET) == minutes


@pytest.mark.parametrize(
    ("bad", "burn", "minutes"),
    [
        pytest.param(window(*[0.9] * HOURS), 0.9, None, id="steady-burn-below-1-leaves-as-fast-as-it-comes"),
        pytest.param(window(*[1] * HOURS), 1, 0, id="exactly-spent-is-spent"),
        pytest.param(window(*[2] * HOURS), 0, 0, id="overspent-though-it-heals"),
        pytest.param(window(*[0.5] * HOURS), 2, 10 * DAY, id="half-spent-and-it-comes-back-at-half-the-rate"),
    ],
)
def test_full_windows(bad: list[int], burn: float, minutes: int | None) -> None:
    assert exhausted_in(bad, ALL, burning(burn), BUDGET) == minutes


def test_incident_that_expires_in_time_is_given_back() -> None:
    """80 % were spent 28 days ago: at a burn of 2 the rest lasts 3 days, but in 2 all of it is back."""
    bad = [0] * 48 + [int(0.8 * BUDGET * PER_HOUR * HOURS)] + [0] * (HOURS - 49)
    spent_without_expiry = Fraction(1, 5) * 30 * DAY / 2
    assert spent_without_expiry == 3 * DAY
    assert exhausted_in(bad, ALL, burning(2), BUDGET) == 15 * DAY
    assert exhausted_in(bad, ALL, burning(4), BUDGET) == Fraction(3, 2) * DAY  # too fast to see it expire


def test_traffic_that_leaves_takes_its_budget_along() -> None:
    """Ten times the traffic until yesterday, and a bad day: what is within the budget now will not be."""
    total = [10 * PER_HOUR] * (HOURS - 24) + [PER_HOUR] * 24
    bad = [0] * (HOURS - 24) + [30 * PER_HOUR // 1000] * 24
    assert sum(bad) < BUDGET * sum(total)
    minutes = exhausted_in(bad, total, burning(0), BUDGET)
    assert minutes is not None
    assert 0 < minutes < 30 * DAY


@pytest.mark.parametrize(
    ("rates", "minutes"),
    [
        pytest.param(Rates(0, 0), None, id="nothing-comes"),
        pytest.param(burning(0.5), None, id="first-events-within-the-budget"),
        pytest.param(burning(2), 0, id="first-events-spend-it-at-once"),
    ],
)
def test_window_without_events(rates: Rates, minutes: int | None) -> None:
    """A budget is a share of what was counted: there is none to be spent before anything was."""
    assert exhausted_in([0] * HOURS, [0] * HOURS, rates, BUDGET) == minutes
    assert exhausted_in_period(0, 0, rates, BUDGET, ends_in=100) == minutes


@pytest.mark.parametrize(
    ("ends_in", "minutes"),
    [
        pytest.param(10 * DAY, 10 * DAY, id="as-the-period-ends"),
        pytest.param(10 * DAY - 1, None, id="the-period-ends-first"),
        pytest.param(0, None, id="it-ends-now"),
    ],
)
def test_period_of_the_calendar_begins_anew(ends_in: int, minutes: int | None) -> None:
    """Ten clean days, and a burn of 2 since: nothing expires, and each event brings its own budget."""
    assert exhausted_in_period(0, PER_HOUR * 240, burning(2), BUDGET, ends_in=ends_in) == minutes


def test_silence_spends_nothing() -> None:
    """As the last events leave, the budget goes to nothing, and is not spent."""
    assert exhausted_in(window(), ALL, Rates(0, 0), BUDGET) is None
    late = window(*[3] * 10)
    assert exhausted_in(late, ALL, Rates(0, 0), BUDGET) == 690 * 60


steps = st.lists(
    st.integers(0, 40).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    min_size=1,
    max_size=8,
)


@given(
    events=steps,
    now=st.integers(0, 40).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    budget=st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=50),
    step=st.integers(1, 7),
    minutes=st.integers(1, 5),
)
def test_agrees_with_going_through_it_minute_by_minute(
    events: list[tuple[int, int]], now: tuple[int, int], budget: Fraction, step: int, minutes: int
) -> None:
    bad, total = [one for one, _ in events], [one for _, one in events]
    found = exhausted_in(bad, total, Rates(*now, minutes), budget, step=step)
    expected = by_the_minute(spread(bad, step), spread(total, step), budget, now, minutes)
    assert (None if found is None else ceil(found)) == expected


def spread(counts: Sequence[int], step: int) -> list[Fraction]:
    return [Fraction(count, step) for count in counts for _ in range(step)]


def by_the_minute(
    bad: list[Fraction], total: list[Fraction], budget: Fraction, now: tuple[int, int], minutes: int
) -> int | None:
    """The first minute at whose end the window has as many bad events as it may, or more."""
    coming_bad, coming_total = (Fraction(one, minutes) for one in now)
    window_bad, window_total, length = list(bad), list(total), len(bad)
    for minute in range(length + 1):
        spent, events = sum(window_bad[-length:]), sum(window_total[-length:])
        if spent >= budget * events and (events or coming_bad > budget * coming_total):
            return minute
        window_bad.append(coming_bad)
        window_total.append(coming_total)
    return None
