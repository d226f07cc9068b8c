"""What an alert says to people."""

from fractions import Fraction

import pytest

from actors.slo.wording import describe, seconds_in_words, summarize
from tests.slo.judgements import DAY, judged
from tests.slo.replay import objective

MONTH = 30 * DAY
GROUP = {"version": "2.1.0"}


def test_summary_says_what_burns_and_how_fast() -> None:
    judgement = judged({5: 20, 60: 15}, group=GROUP)
    assert summarize(judgement, "page") == "fraud (version 2.1.0) burns its error budget 15 times too fast"


def test_summary_takes_the_fastest_of_the_rules_that_are_true() -> None:
    judgement = judged({5: 20, 60: 15, 30: 7, 360: 7})
    assert summarize(judgement, "page").startswith("fraud burns its error budget 15 times")


def test_summary_of_the_other_severity_is_its_own() -> None:
    judgement = judged({5: 20, 60: 15})
    assert summarize(judgement, "ticket") == "fraud no longer burns its error budget too fast"


def test_summary_of_silence_does_not_say_that_all_is_well() -> None:
    judgement = judged({60: 500}, total=None, promise=objective(min_coverage=Fraction(1, 2)))
    assert summarize(judgement, "page") == (
        "fraud is unmeasured: no events to say that its error budget is safe again"
    )


def test_description_says_which_window_how_many_events_and_what_is_left() -> None:
    assert describe(judged({5: 20, 60: 15, MONTH: 1}, total=1000), "page") == (
        "In the last 1h 15 of 1,000 predictions failed, in the last 5m 20 of 1,000: "
        "15 and 20 times the rate that would spend the budget in 30d, where 14.4 is too much. "
        "Promised: 99.9 % succeed over 30d. 0% of the error budget is left."
    )


def test_description_of_a_slow_service_names_the_threshold() -> None:
    promise = objective(0.99, sli="latency", threshold=0.1)
    told = describe(judged({5: 200, 60: 150, MONTH: 25}, promise=promise), "page")
    assert "150 of 1,000 predictions took longer than 100 ms" in told
    assert told.endswith(
        "Promised: 99 % answer within 100 ms over 30d. The error budget is overspent by 150%."
    )


def test_description_without_events_says_so() -> None:
    assert describe(judged({}, total=None), "page").endswith("Nothing was measured.")


def test_every_rule_that_is_true_is_explained() -> None:
    told = describe(judged({5: 20, 60: 15, 30: 7, 360: 7}), "page")
    assert (told.count("In the last 1h"), told.count("In the last 6h")) == (1, 1)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.1, "100 ms"), (0.0005, "0.5 ms"), (1.0, "1 s"), (2.5, "2.5 s")]
)
def test_thresholds_are_told_in_the_unit_that_fits(seconds: float, words: str) -> None:
    assert seconds_in_words(seconds) == words
