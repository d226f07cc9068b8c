"""Promises, from settings and in words."""

from fractions import Fraction

import pytest

from actors.config.settings import ObjectiveSettings, RuleSettings
from actors.slo.objective import Objective, objective_from
from actors.slo.rule import BurnRateRule, window_name


def test_objective_is_what_the_settings_say_with_exact_numbers() -> None:
    settings = ObjectiveSettings(
        name="fraud-latency",
        sli="latency",
        match={"model": "fraud"},
        group_by=("version",),
        objective=0.99,
        window=28 * 86_400.0,
        threshold=0.1,
    )
    promise = objective_from(settings)
    assert promise == Objective(
        name="fraud-latency",
        sli="latency",
        target=Fraction(99, 100),
        window_minutes=28 * 1440,
        threshold=0.1,
        match={"model": "fraud"},
        group_by=("version",),
    )
    assert promise.error_budget == Fraction(1, 100)


def test_availability_has_no_threshold() -> None:
    """One that stands there by mistake must not turn failures into slowness."""
    settings = ObjectiveSettings(name="a", sli="availability", match={}, threshold=0.1)
    assert objective_from(settings).threshold is None


def test_objective_takes_its_guards_and_its_rules_with_exact_numbers() -> None:
    """2 % of the budget of 28 days in an hour are a factor of 13.44, and 99.9 % no float can hold."""
    settings = ObjectiveSettings(
        name="a",
        sli="latency",
        match={},
        window=28 * 86_400.0,
        threshold=0.1,
        quantile=0.999,
        resolve_hold=600.0,
        min_coverage=0.7,
        rules=(
            RuleSettings(severity="page", long_window=3600.0, short_window=300.0, spend=0.02),
            RuleSettings(severity="ticket", long_window=86_400.0, short_window=7200.0, burn_rate=0.1),
        ),
    )
    promise = objective_from(settings)
    assert (promise.quantile, promise.min_coverage) == (Fraction(999, 1000), Fraction(7, 10))
    assert promise.resolve_hold == 10
    assert promise.own_rules == (
        BurnRateRule("page", 60, 5, Fraction(1344, 100)),
        BurnRateRule("ticket", 1440, 120, Fraction(1, 10)),
    )


@pytest.mark.parametrize(
    ("minutes", "name"),
    [
        (1, "1m"),
        (5, "5m"),
        (60, "1h"),
        (90, "90m"),
        (360, "6h"),
        (1440, "24h"),
        (36 * 60, "36h"),
        (43_200, "30d"),
    ],
)
def test_windows_are_named_as_people_write_them(minutes: int, name: str) -> None:
    assert window_name(minutes) == name
