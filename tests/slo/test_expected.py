"""The formulas for a total outage, against vectors worked out by hand and against the minutes themselves."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.slo.burn_rate import rules_for
from actors.slo.expected import expected
from actors.slo.objective import Objective
from actors.slo.rule import BurnRateRule
from tests.slo.promises import unguarded
from tests.slo.replay import spans


def told(promise: Objective) -> list[tuple[str, int | None, int | None]]:
    return [(one.rule.name, one.fires, one.resolves) for one in expected(rules_for(promise).kept, promise)]


@pytest.mark.parametrize(
    ("target", "fires"),
    [
        pytest.param(0.999, [1, 3, 5, 5], id="J1"),
        pytest.param(0.99, [9, 22, 44, 44], id="J12"),
        pytest.param(0.95, [44, 109, 217, 217], id="J13"),
        pytest.param(0.9, [217, 433, 433], id="J14-without-the-first-page"),
    ],
)
def test_rules_fire_at_the_first_minute_above_the_factor(target: float, fires: list[int]) -> None:
    assert [minutes for _, minutes, _ in told(unguarded(target))] == fires


def test_rules_resolve_once_the_short_window_is_clean_enough() -> None:
    """J1: after 10 minutes of outage they clear at 15, 40, 130 and 370; a longer one changes nothing."""
    assert [resolves for *_, resolves in told(unguarded())] == [5, 30, 120, 360]


def test_the_hold_is_added_to_what_the_windows_need() -> None:
    assert [resolves for *_, resolves in told(unguarded(resolve_hold=5))] == [10, 35, 125, 365]


def test_budget_spent_is_that_of_the_workbook() -> None:
    rows = expected(rules_for(unguarded()).kept, unguarded())
    assert [one.spent for one in rows] == [Fraction(n, 100) for n in (2, 5, 10, 10)]


def test_minimum_of_bad_events_is_in_the_first_minute_of_enough_traffic() -> None:
    assert told(unguarded(min_bad_events=5000)) == told(unguarded())


def test_quantile_has_one_event_a_minute_so_the_minimum_takes_minutes() -> None:
    promise = unguarded(sli="latency", threshold=0.1, quantile=Fraction(99, 100), min_bad_events=7)
    assert [fires for _, fires, _ in told(promise)] == [7, 7, 7, 7]


def test_rule_whose_window_holds_too_few_minutes_never_fires() -> None:
    own = (BurnRateRule("page", 5, 1, Fraction(2)),)
    promise = unguarded(
        sli="latency", threshold=0.1, quantile=Fraction(99, 100), min_bad_events=6, own_rules=own
    )
    assert told(promise) == [("5m/1m", None, None)]


@st.composite
def rules(draw: st.DrawFn) -> BurnRateRule:
    long_window = draw(st.integers(2, 360))
    short_window = draw(st.integers(1, long_window - 1))
    return BurnRateRule(
        "page", long_window, short_window, draw(st.fractions(Fraction(1, 100), Fraction(199, 10)))
    )


@given(rule=rules(), hold=st.integers(0, 10))
def test_agrees_with_the_minutes_themselves(rule: BurnRateRule, hold: int) -> None:
    """T = 95 %: whatever the windows and the factor, for those that begin at any minute."""
    promise = unguarded(0.95, resolve_hold=hold, own_rules=(rule,))
    (one,) = expected((rule,), promise)
    assert one.fires is not None
    assert one.resolves is not None
    outage = one.fires + 60
    incident = [(1000, 1000)] * outage + [(0, 1000)] * 800
    ((fired, cleared),) = spans(replace(promise, resolve_hold=0), incident)[rule.name]
    assert (fired, cleared) == (one.fires, outage + one.resolves - hold)
