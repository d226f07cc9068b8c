"""When budgets will be spent, from tables that were filled."""

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from actors.recording import Tables
from actors.recording.counts import Counts
from actors.recording.series import SeriesKey
from actors.slo import outlook
from actors.slo.outlook import outlooks
from tests.slo.judgements import judged
from tests.slo.replay import objective

if TYPE_CHECKING:
    from actors.slo.objective import Objective

HOUR, DAY = 60, 1440
MIDNIGHT = 20_454 * DAY  # 2026-01-01


def filled(days: int, *, burn: int, key: SeriesKey | None = None) -> Tables:
    """Clean days with 1,000,000 requests an hour, then an hour that burns a budget of 0.1 %."""
    tables = Tables([])
    tables.close_minutes(MIDNIGHT)
    for hour in range(days * 24 + 1):
        errors = burn * 1000 if hour == days * 24 else 0
        tables.add_counts(key or SeriesKey("fraud", "1"), Counts(1_000_000, errors))
        tables.close_minutes(MIDNIGHT + (hour + 1) * HOUR)
    return tables


def days_left(promise: "Objective", tables: Tables, **group: str) -> float | None:
    """What is told of one group."""
    judgement = replace(judged({}, promise=promise, group=group), good_events=0, total_events=0)
    left = outlooks([judgement], tables)[promise.name, tuple(group.items())]
    return None if left is None else float(left / DAY)


@pytest.mark.parametrize(
    ("burn", "days"),
    [
        pytest.param(0, None, id="nothing-bad-in-the-last-hour"),
        pytest.param(1, 29.96, id="burn-1"),
        pytest.param(2, 14.96, id="burn-2"),
        pytest.param(10, 2.96, id="burn-10"),
    ],
)
def test_burning_since_an_hour_after_thirty_clean_days(burn: int, days: float | None) -> None:
    """An hour of it is spent already."""
    found = days_left(objective(), filled(30, burn=burn))
    assert found == (None if days is None else pytest.approx(days, abs=0.005))


def test_shorter_window_looks_back_no_further() -> None:
    assert days_left(objective(days=7), filled(30, burn=2)) == pytest.approx(7 / 2 - 1 / 24, abs=0.005)


@pytest.mark.parametrize("group", [{}, {"version": "1"}])
def test_group_and_the_roll_up_of_all(group: dict[str, str]) -> None:
    promise = objective(group_by=("version",), rollup=True)
    tables = filled(30, burn=2)
    tables.add_counts(SeriesKey("fraud", "2"), Counts(1_000_000, 0))
    tables.close_minutes(MIDNIGHT + 30 * DAY + 2 * HOUR - 1)
    found = days_left(promise, tables, **group)
    # The other version's million in the last hour halves the rate of all.
    assert found == pytest.approx(14.9 if group else 29.9, abs=0.2)


def test_period_of_the_calendar_that_ends_first() -> None:
    """On the third of a month a burn of 2 has two days' budget to use up; on the last it has one left."""
    promise = objective(calendar="month")
    tables = filled(2, burn=2)
    judgement = judged({}, promise=promise)
    spent = replace(judgement, good_events=49_000_000 - 2000, total_events=49_000_000)
    assert outlooks([spent], tables)["fraud", ()] == Fraction(49_000_000 - 2_000_000, 1_000_000) * HOUR
    tables = filled(30, burn=2)
    assert outlooks([spent], tables)["fraud", ()] is None


def test_what_is_spent_is_spent_now_whatever_the_rates() -> None:
    spent = replace(judged({}, promise=objective()), budget_left=Fraction(0))
    assert outlooks([spent], filled(1, burn=0)) == {("fraud", ()): 0}


def test_those_with_least_left_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "MOST", 1)
    promise = objective(group_by=("version",))
    both = [
        replace(judged({}, promise=promise, group={"version": version}), budget_left=Fraction(left))
        for version, left in (("1", 1), ("2", -1))
    ]
    tables = filled(1, burn=5, key=SeriesKey("fraud", "2"))
    assert list(outlooks(both, tables)) == [("fraud", (("version", "2"),))]
