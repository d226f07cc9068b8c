"""Why an objective burns, in words."""

from fractions import Fraction
from typing import Any

import pytest

from actors.recording.counts import Counts
from actors.recording.series import SeriesKey
from actors.slo.explain import Explanation
from actors.slo.members import explained
from actors.slo.objective import Objective
from tests.slo.evaluated import Judged
from tests.slo.replay import objective

EU = SeriesKey("fraud", "2", (("region", "eu"),))
US = SeriesKey("fraud", "2", (("region", "us"),))
OLD = SeriesKey("fraud", "1", (("region", "eu"),))
BY_VERSION: dict[str, Any] = {
    "group_by": ("version",),
    "min_coverage": Fraction(1, 2),
    "min_bad_events": 5,
    "resolve_hold": 5,
}


def why(judged: Judged, **labels: str) -> Explanation:
    """Of the one group that has the labels."""
    ((_, found),) = explained(judged.evaluator, judged.tables, "fraud", labels)
    return found


def judged_after(promise: Objective, *minutes: dict[SeriesKey, tuple[int, int]], clean: int = 120) -> Judged:
    """Clean minutes of 100 predictions in each series, and then these."""
    judged = Judged(promise)
    for _ in range(clean):
        judged.minute({EU: (0, 100), US: (0, 100), OLD: (0, 100)})
    for minute in minutes:
        judged.minute(minute)
    return judged


def test_what_fires_is_told_with_since_when_and_how_many_events() -> None:
    judged = judged_after(objective(**BY_VERSION), *[{EU: (50, 100), US: (2, 100), OLD: (0, 100)}] * 4)
    text = why(judged, version="2").text
    assert text.startswith(
        "fraud (version 2) fires a page since 2025-02-19 23:24 UTC: in the last 1h 208 of 12,000 predictions"
        " failed, in the last 5m 208 of 1,000, which is 17.3 and 208 times what the budget allows, where 14.4"
        " is too much. Of 208 bad"
    )
    assert text.endswith("the budget of 30d would be overspent by 739%.")


def test_the_series_to_blame_are_ranked() -> None:
    judged = judged_after(objective(**BY_VERSION), *[{EU: (50, 100), US: (2, 100), OLD: (0, 100)}] * 4)
    found = why(judged, version="2")
    assert "Of 208 bad predictions in the last 1h came 200 from region=eu, 8 from region=us." in found.text
    assert [(one.labels["region"], one.bad_events, one.total_events) for one in found.members] == [
        ("eu", 200, 6000),
        ("us", 8, 6000),
    ]


def test_further_rules_that_fire_are_told_in_short() -> None:
    judged = judged_after(
        objective(**BY_VERSION), *[{EU: (50, 100), US: (2, 100), OLD: (0, 100)}] * 20, clean=720
    )
    text = why(judged, version="2").text
    assert "So does its ticket over 24h, since 2025-02-20 09:29 UTC, muted by the page." in text


def test_how_long_the_budget_lasts_is_told() -> None:
    judged = judged_after(objective(0.9, **BY_VERSION), *[{EU: (40, 100), US: (0, 100)}] * 60, clean=1440)
    assert " At the rate of the last hour it will be spent in " in why(judged, version="2").text


def test_a_group_without_bad_events_is_well() -> None:
    judged = judged_after(objective(**BY_VERSION), *[{EU: (50, 100)}] * 4)
    text = why(judged, version="1").text
    assert text.startswith(
        "fraud (version 1) is well: all 12,000 predictions of the last 3d kept the promise."
    )
    assert "Of" not in text.split(".")[1]


def test_what_fires_nothing_is_told_how_near_it_is() -> None:
    judged = judged_after(objective(0.95, **BY_VERSION), *[{EU: (10, 100), US: (0, 100)}] * 10)
    text = why(judged, version="2").text
    assert "fires nothing: nearest is its " in text
    assert "times what the budget allows; above " in text


def test_a_guard_that_holds_a_rule_back_is_named() -> None:
    judged = judged_after(objective(**BY_VERSION), {EU: (4, 10)}, clean=0)
    text = why(judged, version="2").text
    assert "The page over 1h is held back: 4 bad predictions are fewer than 5." in text


def test_low_coverage_that_holds_a_rule_back_is_named() -> None:
    judged = judged_after(objective(0.99, **BY_VERSION), *[{EU: (90, 100)}] * 2, clean=3)
    text = why(judged, version="2").text
    assert "is held back: 8% of the last 1h was measured, and what is missing counts as good." in text


def test_a_fault_that_is_over_tells_of_the_hold() -> None:
    judged = judged_after(objective(**BY_VERSION), *[{EU: (50, 100)}] * 4)
    for _ in range(5):
        judged.minute({EU: (0, 100), US: (0, 100)})
    assert "but burns no longer: it resolves once it has been calm for 5m." in why(judged, version="2").text


def test_silence_while_a_rule_fires_is_unmeasured() -> None:
    judged = judged_after(objective(**BY_VERSION), *[{EU: (50, 100)}] * 4)
    judged.run([(0, 0)] * 5)
    text = why(judged, version="2").text
    assert "and nothing was measured in the last 5m, so that it stays as it is." in text


def test_a_blind_group_says_since_when() -> None:
    judged = judged_after(objective(**BY_VERSION))
    judged.run([(0, 0)] * 60)
    text = why(judged, version="2").text
    assert text.startswith("fraud (version 2) cannot be judged since 2025-02-19 ")
    assert "of the last hour was measured." in text


def test_minutes_that_are_events_are_called_so() -> None:
    promise = objective(0.9, sli="latency", threshold=0.1, quantile=objective(0.95).target, name="fraud")
    judged = judged_after(promise, *[{EU: (50, 100)}] * 30, clean=30)
    assert "minutes had a p95 above 100 ms" in why(judged).text


@pytest.mark.parametrize("minutes", [0, 1])
def test_every_group_that_was_judged_is_explained(minutes: int) -> None:
    judged = Judged(objective(**BY_VERSION))
    judged.tables.add_counts(EU, Counts(0, 0, {}))
    judged.run([(0, 0)] * minutes)
    found = list(explained(judged.evaluator, judged.tables, "fraud", {}))
    assert len(found) == minutes
    assert all("is unmeasured" in one.text for _, one in found)
