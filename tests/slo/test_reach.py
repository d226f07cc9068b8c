"""What little traffic does to rules."""

from dataclasses import replace
from fractions import Fraction

import pytest

from actors.slo.objective import Objective
from actors.slo.reach import bad_events_needed, remark
from actors.slo.rule import BurnRateRule
from tests.slo.promises import unguarded

PAGE = BurnRateRule("page", 60, 5, Fraction(144, 10))
GUARDED = unguarded(min_bad_events=5)
SLICES = unguarded(sli="latency", threshold=0.1, quantile=Fraction(99, 100), min_bad_events=5)


@pytest.mark.parametrize(
    ("promise", "an_hour", "needed"),
    [
        pytest.param(GUARDED, 10, 5, id="guard"),
        pytest.param(GUARDED, 5, 5, id="just-enough"),
        pytest.param(GUARDED, 4, None, id="one-too-few"),
        pytest.param(GUARDED, 6000, 87, id="more-than-14.4-in-1000"),
        pytest.param(unguarded(), 10, 1, id="no-guard"),
        pytest.param(unguarded(), Fraction(1, 2), None, id="window-without-events"),
        pytest.param(SLICES, 6000, 5, id="minutes"),
        pytest.param(SLICES, 5999, None, id="minutes-with-too-few-predictions"),
        pytest.param(replace(SLICES, min_slice_events=20), 1200, 5, id="minutes-that-may-have-few"),
    ],
)
def test_bad_events_that_trip_it(promise: Objective, an_hour: int, needed: int | None) -> None:
    assert bad_events_needed(PAGE, promise, Fraction(an_hour) / 60) == needed


@pytest.mark.parametrize(
    ("promise", "an_hour", "says"),
    [
        pytest.param(GUARDED, 10, None, id="fine"),
        pytest.param(
            GUARDED,
            3,
            "page 14.4 over 1h/5m can never trip: 1h holds 3 predictions, and min_bad_events is 5",
            id="too-little",
        ),
        pytest.param(
            unguarded(),
            10,
            "page 14.4 over 1h/5m is tripped by a single failure: 1 bad one of 10 predictions in 1h burns at "
            "100, and min_bad_events is 0",
            id="workbook-burns-at-100",
        ),
        pytest.param(
            unguarded(), 0, "page 14.4 over 1h/5m can hardly ever trip: 1h holds no predictions", id="nothing"
        ),
        pytest.param(
            SLICES,
            60,
            "page 14.4 over 1h/5m can never trip: a minute is judged by its quantile from 100 predictions on",
            id="no-minute-is-judged",
        ),
    ],
)
def test_what_is_odd_is_said_with_its_numbers(promise: Objective, an_hour: int, says: str | None) -> None:
    assert remark(PAGE, promise, Fraction(an_hour, 60)) == says
