"""The workbook's rules, and when they are true."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.slo.burn_rate import Rules, burn_rate, burn_rate_shown, is_true, rules_for
from actors.slo.error_budget import Events
from actors.slo.rule import BurnRateRule
from tests.slo.replay import objective

BUDGET = Fraction(1, 1000)
PROMISE = objective(min_coverage=Fraction(1, 2))
PAGE = BurnRateRule("page", 60, 5, Fraction(144, 10))
QUIET, NONE = Events(1000, 1000), Events(0, 0)

counts = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)).map(lambda pair: Events(pair[0], sum(pair)))


@pytest.mark.parametrize(
    ("days", "factors"),
    [
        pytest.param(30, ["14.4", "6", "3", "1"], id="30-days"),
        pytest.param(28, ["13.44", "5.6", "2.8", "14/15"], id="28-days"),
    ],
)
def test_factors_follow_from_the_spend_and_the_window(days: int, factors: list[str]) -> None:
    rules = rules_for(objective(days=days)).kept
    assert [rule.burn_rate for rule in rules] == [Fraction(factor) for factor in factors]


def test_rules_are_the_workbooks_two_pages_and_two_tickets() -> None:
    assert [(rule.severity, rule.long_window, rule.short_window) for rule in rules_for(objective()).kept] == [
        ("page", 60, 5),
        ("page", 360, 30),
        ("ticket", 1440, 120),
        ("ticket", 4320, 360),
    ]


@pytest.mark.parametrize(
    ("target", "left_out"),
    [
        pytest.param(0.999, 0, id="burns-up-to-1000"),
        pytest.param(0.94, 0, id="burns-up-to-16.7"),
        pytest.param(1 - 1 / 14.4, 1, id="burns-up-to-the-factor-exactly"),
        pytest.param(0.9, 1, id="burns-up-to-10"),
        pytest.param(0.5, 3, id="burns-up-to-2"),
    ],
)
def test_rule_that_a_total_outage_would_not_trip_is_left_out(target: float, left_out: int) -> None:
    rules = rules_for(objective(target))
    assert (len(rules.kept), len(rules.left_out)) == (4 - left_out, left_out)


def test_rule_that_is_left_out_is_named_with_the_reason() -> None:
    (reason,) = rules_for(objective(0.9)).left_out
    assert reason == "page 14.4 over 1h/5m can never fire: a total outage burns at 10"


def test_rule_that_looks_further_back_than_the_objective_is_left_out() -> None:
    rules = rules_for(objective(days=1))
    assert [rule.long_window for rule in rules.kept] == [60, 360, 1440]
    assert rules.left_out == (
        "ticket 0.03333 over 3d/6h looks further back than the objective's window of 24h",
    )


def test_rule_whose_window_holds_fewer_minutes_than_must_be_bad_is_left_out() -> None:
    """Of a quantile, minutes are the events; of anything else there may be enough in one minute."""
    by_minutes = replace(objective(), quantile=Fraction(99, 100), min_bad_events=61)
    rules = rules_for(by_minutes)
    assert [rule.long_window for rule in rules.kept] == [360, 1440, 4320]
    assert rules.left_out == (
        "page 14.4 over 1h/5m can never fire: 1h holds 60 minutes, and min_bad_events is 61",
    )
    assert len(rules_for(replace(by_minutes, quantile=None)).kept) == 4


def test_rules_of_its_own_replace_the_workbooks_and_the_fastest_is_first() -> None:
    slow, fast = BurnRateRule("ticket", 720, 60, Fraction(3)), BurnRateRule("page", 30, 2, Fraction(20))
    own = replace(objective(), own_rules=(slow, fast))
    assert rules_for(own) == Rules((fast, slow))


@pytest.mark.parametrize(
    ("long", "short", "expected"),
    [
        pytest.param(Events(9855, 10_000), Events(0, 10), True, id="both-above"),
        pytest.param(Events(9856, 10_000), Events(0, 10), False, id="long-equal"),
        pytest.param(Events(0, 10), Events(9856, 10_000), False, id="short-equal"),
        pytest.param(Events(0, 10), QUIET, False, id="fault-is-over"),
        pytest.param(QUIET, Events(0, 10), False, id="blip"),
        pytest.param(Events(0, 10), NONE, None, id="silence-after-the-fault"),
        pytest.param(QUIET, NONE, None, id="silence-after-calm"),
        pytest.param(NONE, NONE, None, id="no-events-at-all"),
    ],
)
def test_rule_wants_both_windows_above_its_factor(long: Events, short: Events, expected: bool | None) -> None:
    assert is_true(PAGE, long, short, PROMISE, measured=60) is expected


@pytest.mark.parametrize(
    ("bad", "measured", "expected"),
    [
        pytest.param(1000, 60, True, id="whole-window"),
        pytest.param(289, 30, True, id="half-of-it-is-enough"),
        pytest.param(289, 29, False, id="a-minute-less-counts-as-good"),
        pytest.param(1000, 1, True, id="outage-in-the-first-minute"),
        pytest.param(432, 1, False, id="less-than-an-outage-in-the-first-minute"),
        pytest.param(1000, 0, False, id="nothing-measured"),
    ],
)
def test_what_was_not_measured_counts_as_good_up_to_half_of_the_long_window(
    bad: int, measured: int, expected: bool
) -> None:
    long = Events(20_000 - bad, 20_000) if bad < 1000 and measured > 1 else Events(1000 - bad, 1000)
    assert is_true(PAGE, long, Events(0, 10), PROMISE, measured=measured) is expected


@pytest.mark.parametrize(("bad", "expected"), [(4, False), (5, True)])
def test_rule_wants_so_many_bad_events_in_its_long_window(bad: int, expected: bool) -> None:
    guarded = replace(PROMISE, min_bad_events=5)
    assert is_true(PAGE, Events(0, bad), Events(0, 1), guarded, measured=60) is expected


def test_silence_is_health_without_the_guard_of_coverage() -> None:
    assert is_true(PAGE, Events(0, 10), NONE, objective(), measured=60) is False


@given(long=counts, short=counts, factor=st.fractions(0, 100), budget=st.fractions(Fraction(1, 10**6), 1))
def test_comparison_of_whole_numbers_is_the_comparison_of_the_rates(
    long: Events, short: Events, factor: Fraction, budget: Fraction
) -> None:
    promise = replace(objective(), target=1 - budget)
    rates = [burn_rate(events, budget) for events in (long, short)]
    expected = all(rate is not None and rate > factor for rate in rates)
    assert (
        is_true(BurnRateRule("page", 60, 5, factor), long, short, promise, measured=0) is True
    ) is expected


@given(events=counts, times=st.integers(1, 10**6))
def test_more_of_the_same_traffic_changes_no_rule(events: Events, times: int) -> None:
    more = Events(events.good_events * times, events.total_events * times)
    assert is_true(PAGE, more, more, PROMISE, measured=60) is is_true(
        PAGE, events, events, PROMISE, measured=60
    )


@given(events=counts, budget=st.fractions(Fraction(1, 10**6), 1))
def test_rate_that_is_shown_is_the_float_next_to_the_exact_one(events: Events, budget: Fraction) -> None:
    exact = burn_rate(events, budget)
    assert burn_rate_shown(events, budget) == (None if exact is None else float(exact))
