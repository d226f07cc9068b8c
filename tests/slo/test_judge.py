"""What is said of one objective after one minute."""

from collections import Counter
from fractions import Fraction

import pytest

from actors.slo.burn_rate import rules_for
from actors.slo.error_budget import Events
from actors.slo.judge import Verdict, judge, severity_states
from tests.slo.judgements import DAY, HOUR, judged
from tests.slo.replay import objective

MONTH = 30 * DAY


@pytest.mark.parametrize(
    ("bad", "verdict", "left"),
    [
        pytest.param(0, "met", 1, id="untouched"),
        pytest.param(1, "met", 0, id="spent-exactly"),
        pytest.param(2, "violated", -1, id="overspent"),
    ],
)
def test_verdict_follows_from_the_whole_window(bad: int, verdict: Verdict, left: int) -> None:
    judgement = judged({MONTH: bad})
    assert judgement.verdict == verdict
    assert judgement.budget_left == left
    assert (judgement.good_events, judgement.total_events) == (1000 - bad, 1000)


def test_objective_without_events_is_unmeasured_and_no_rule_is_true() -> None:
    judgement = judged({}, total=None)
    assert (judgement.verdict, judgement.budget_left, judgement.p99_seconds) == ("unmeasured", None, 0.148)
    assert set(judgement.burn_rates.values()) == {None}
    assert severity_states(judgement) == {"page": False, "ticket": False}


def test_burn_rates_stand_under_the_names_of_their_windows() -> None:
    rates = judged({5: 15, HOUR: 3}).burn_rates
    assert rates == {"5m": 15.0, "30m": 0.0, "1h": 3.0, "2h": 0.0, "6h": 0.0, "24h": 0.0, "3d": 0.0}


def test_each_window_is_counted_once() -> None:
    """Six hours are the long window of one rule and the short one of another."""
    asked: Counter[int] = Counter()

    def events(minutes: int) -> Events:
        asked[minutes] += 1
        return Events(1, 1)

    promise = objective()
    judge(promise, rules_for(promise).kept, events, group={}, minute=1)
    assert asked == dict.fromkeys((5, 30, 60, 120, 360, 1440, 4320, MONTH), 1)


@pytest.mark.parametrize(
    ("bad", "states"),
    [
        pytest.param({}, {"page": False, "ticket": False}, id="calm"),
        pytest.param({5: 15, 60: 15}, {"page": True, "ticket": False}, id="fast"),
        pytest.param({30: 7, 360: 7}, {"page": True, "ticket": False}, id="slower-still-pages"),
        pytest.param({120: 4, 1440: 4}, {"page": False, "ticket": True}, id="slow"),
        pytest.param({360: 2, 4320: 2}, {"page": False, "ticket": True}, id="slowest"),
        pytest.param({60: 15, 360: 7}, {"page": False, "ticket": False}, id="over"),
    ],
)
def test_severity_is_true_if_any_of_its_rules_is(bad: dict[int, int], states: dict[str, bool]) -> None:
    assert severity_states(judged(bad)) == states


def test_true_rule_outweighs_an_unmeasured_one() -> None:
    """The last five minutes are silent; the last thirty are bad enough for the other page."""
    judgement = judged({30: 500, 60: 500, 120: 0, 360: 500, 1440: 0, 4320: 0, MONTH: 0}, total=None)
    assert [rule.is_true for rule in judgement.rules] == [None, True, False, False]
    assert severity_states(judgement) == {"page": True, "ticket": False}


def test_unmeasured_rule_keeps_its_severity_from_being_false() -> None:
    judgement = judged({60: 500, 120: 0, 360: 500, 1440: 0, 4320: 0, MONTH: 0}, total=None)
    assert severity_states(judgement) == {"page": None, "ticket": False}


def test_severity_without_rules_is_false() -> None:
    """An alert that was open under earlier settings can then resolve."""
    judgement = judged({MONTH: 1000}, promise=objective(0.5))
    assert {rule.severity for rule in judgement.rules} == {"ticket"}
    assert severity_states(judgement)["page"] is False


def test_budget_left_is_exact() -> None:
    judgement = judged({MONTH: 1}, promise=objective(0.99), total=3000)
    assert judgement.budget_left == 1 - Fraction(1, 30)
