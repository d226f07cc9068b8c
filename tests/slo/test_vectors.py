"""Figures of the field, restated: factors, reports, slices, guards and sums (vectors B, C, D, H and I).

Budgets in time, A, are in `test_error_budget.py`; maintenance, E, in `test_maintenance.py`; groups, F, and
the minutes of J in `test_evaluator.py`, `test_exact_minutes.py` and `tests/replay/test_vectors.py`. What
slokeeper does not have is listed in `docs/semantics.md`.
"""

from fractions import Fraction

import pytest

from actors.config.settings import ObjectiveSettings, RuleSettings
from actors.recording.series import SeriesKey
from actors.slo import BurnRateRule, objective_from
from actors.slo.burn_rate import burn_rate, is_true, rules_for
from actors.slo.error_budget import Events, allowed_events, budget_left, budget_minutes
from tests.slo.evaluated import Judged
from tests.slo.replay import DAY, objective

HOUR = 3600.0


@pytest.mark.parametrize(
    ("days", "rules"),
    [
        pytest.param(30, "1h 2 14.4, 6h 5 6, 1d 10 3, 3d 10 1", id="sloth-30-days"),
        pytest.param(7, "1h 8 13.44, 6h 12.5 3.5, 1d 20 1.4, 3d 42 0.98", id="sloth-7-days"),
        pytest.param(30, "30m 1 14.4, 3h 2 4.8, 12h 5 3, 36h 5 1", id="sloth-own"),
        pytest.param(7, "1h 10 16.8, 6h 20 5.6, 1d 40 2.8", id="datadog-7-days"),
        pytest.param(90, "1h 1 21.6, 6h 3 10.8, 1d 5 4.5", id="datadog-90-days"),
    ],
)
def test_factor_follows_from_the_share_that_is_spent(days: int, rules: str) -> None:
    """B: window, per cent of the budget, factor."""
    told = [rule.split() for rule in rules.split(", ")]
    units = {"m": 60.0, "h": HOUR, "d": 24 * HOUR}
    settings = ObjectiveSettings(
        name="fraud",
        sli="availability",
        match={},
        window=days * 24 * HOUR,
        rules=tuple(
            RuleSettings(
                severity="page",
                long_window=float(window[:-1]) * units[window[-1]],
                short_window=60.0,
                spend=float(spend) / 100,
            )
            for window, spend, _ in told
        ),
    )
    found = [rule.burn_rate for rule in objective_from(settings).own_rules]
    assert found == [Fraction(factor) for _, _, factor in told]


def test_factors_are_scaled_to_the_period_and_not_copied() -> None:
    """B: 14.4 in an hour of a week would spend 8.57 %, not 2 %."""
    assert Fraction("14.4") * 60 / (7 * DAY) == Fraction(6, 70)
    assert [rule.burn_rate for rule in rules_for(objective(days=7)).kept] == [
        Fraction(one) for one in ("3.36", "1.4", "0.7", "7/30")
    ]


@pytest.mark.parametrize(
    ("good", "total", "sli"),
    [
        (5, 10, Fraction(1, 2)),
        (0, 15, Fraction(0)),
        (15, 15, Fraction(1)),
        (99, 100, Fraction(99, 100)),
        (0, 0, None),
    ],
)
def test_sli_is_a_share_of_events_or_nothing(good: int, total: int, sli: Fraction | None) -> None:
    """C and D."""
    assert Events(good, total).ratio == sli


def test_report_of_a_budget_that_is_overspent() -> None:
    """C: 90 % of twelve hours, and half of it bad."""
    events, budget = Events(5, 10), Fraction(1, 10)
    left = budget_left(events, budget)
    assert burn_rate(events, budget) == 5
    assert budget_minutes(budget, 720) == 72
    assert left == -4
    assert left * budget_minutes(budget, 720) == -288


def test_so_many_bad_minutes_exhaust_two_weeks() -> None:
    """D: 95 % of the minutes of two weeks; 99.95 % of a week are 302.4 seconds."""
    assert budget_minutes(Fraction("0.0005"), 7 * DAY) * 60 == Fraction("302.4")
    minutes, budget = 14 * DAY, Fraction(5, 100)
    assert allowed_events(Events(0, minutes), budget) == 1008
    assert budget_left(Events(minutes - 1008, minutes), budget) == 0


@pytest.mark.parametrize(("budget", "burn"), [("0.001", Fraction(1000, 60)), ("0.01", Fraction(100, 60))])
def test_one_bad_minute_of_an_hour_is_a_sixtieth_of_a_bad_hour(budget: str, burn: Fraction) -> None:
    """H: by events alone it burns at 1,000, or 100; what was not measured counts as good."""
    promise = objective(1 - float(budget), min_coverage=Fraction(1))
    one = Events(0, 1)
    assert burn_rate(one, promise.error_budget) == 60 * burn
    for factor, expected in ((burn, False), (burn - Fraction(1, 100), True)):
        rule = BurnRateRule("page", 60, 5, factor)
        assert is_true(rule, one, one, promise, measured=1) is expected


def test_peers_and_minutes_weigh_by_their_events() -> None:
    """I: ratios are never averaged."""
    judged = Judged(objective())
    judged.minute({SeriesKey("fraud", "1"): (10, 1000), SeriesKey("fraud", "2"): (0, 10)})
    (of_peers,) = judged.evaluator.judgements()
    again = Judged(objective(0.9))
    again.run([(1, 1), (0, 99)])
    (of_minutes,) = again.evaluator.judgements()
    assert Fraction(of_peers.good_events, of_peers.total_events) == Fraction(1000, 1010)
    assert of_minutes.burn_rates["6h"] == pytest.approx(0.1)
