"""Judgements as JSON."""

import json

import pytest

from actors.recording import SeriesKey, Taken
from actors.recording.steps import at_once
from actors.slo.rows import row, rows_of
from tests.slo.evaluated import Judged
from tests.slo.judgements import DAY, judged
from tests.slo.replay import objective

MONTH = 30 * DAY


def test_row_holds_what_is_known_of_the_objective() -> None:
    told = row(judged({5: 15, 60: 15, MONTH: 2}, group={"version": "2.1.0"}))
    burn_rates = told.pop("burn_rates")
    rules = told.pop("rules")
    assert told == {
        "name": "fraud",
        "sli": "availability",
        "objective": 0.999,
        "window": "30d",
        "group": {"version": "2.1.0"},
        "good_events": 998,
        "total_events": 1000,
        "budget_left": -1.0,
        "budget_minutes_left": -43.2,
        "exhausted_in_seconds": None,
        "coverage": {"1h": 0.25},
        "blind_since": None,
        "p99_seconds": 0.148,
        "verdict": "violated",
    }
    assert burn_rates == {"5m": 15.0, "30m": 0.0, "1h": 15.0, "2h": 0.0, "6h": 0.0, "24h": 0.0, "3d": 0.0}
    assert isinstance(rules, list)
    assert rules[0] == {
        "severity": "page",
        "long": "1h",
        "short": "5m",
        "burn_rate": 14.4,
        "is_true": True,
        "fired_at": None,
        "is_muted": False,
    }


@pytest.mark.parametrize("total", [pytest.param(1000, id="measured"), pytest.param(None, id="unmeasured")])
def test_row_is_plain_json(total: int | None) -> None:
    told = row(judged({}, promise=objective(0.95), total=total))
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_row_without_events_says_null_and_not_zero() -> None:
    told = row(judged({}, total=None))
    assert (told["budget_left"], told["budget_minutes_left"], told["verdict"]) == (None, None, "unmeasured")


def many_groups() -> Judged:
    it = Judged(objective(group_by=("version",)))
    it.minute({SeriesKey("fraud", str(at)): (1, 10) for at in range(100)})
    return it


def test_rows_of_many_groups_are_made_in_steps() -> None:
    it = many_groups()
    steps = rows_of(it.evaluator, it.tables)
    assert sum(1 for _ in steps) >= 4
    rows = at_once(rows_of(it.evaluator, it.tables))
    assert sorted(str(one["group"]) for one in rows) == sorted(str({"version": str(at)}) for at in range(100))
    assert {one["total_events"] for one in rows} == {10}


def test_minute_that_is_judged_meanwhile_is_what_the_rest_is_of() -> None:
    it = many_groups()
    steps = it.evaluator.judged()
    next(steps)
    next(steps)
    it.minute({SeriesKey("fraud", str(at)): (0, 10) for at in range(100)})
    told = [one.total_events for one in at_once(steps)]
    assert told[0] == 10
    assert told[-1] == 20
    assert len(told) == 100


def test_p99_is_of_the_newest_minute_that_timed_any() -> None:
    it, told = Judged(objective()), []
    for took in (0.1, 0.4, None):
        if took is not None:
            it.tables.add_taken(SeriesKey("fraud", "1"), Taken([took]))
        it.skip(1)
        told += [one.p99_seconds for one in it.evaluator.judgements()]
    assert told == pytest.approx([0.1, 0.4, 0.4], rel=0.0055)
