"""What is said of one objective after one minute."""

from fractions import Fraction

import pytest

from actors.slo.judge import Verdict
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
    assert [rule.is_true for rule in judgement.rules] == [False] * 4


def test_burn_rates_stand_under_the_names_of_their_windows() -> None:
    rates = judged({5: 15, HOUR: 3}).burn_rates
    assert rates == {"5m": 15.0, "30m": 0.0, "1h": 3.0, "2h": 0.0, "6h": 0.0, "24h": 0.0, "3d": 0.0}


def test_budget_left_is_exact() -> None:
    judgement = judged({MONTH: 1}, promise=objective(0.99), total=3000)
    assert judgement.budget_left == 1 - Fraction(1, 30)
