"""Objectives that are wrong, and the whole message that tells so: where, what is there, what would be right.

For a percent or a unit that was forgotten, the message says what was probably meant.
"""

# ruff: noqa: E501  one case a line

from pathlib import Path

import pytest

from tests.config.files import SLO, loaded, problems

LATENCY = SLO.replace("availability", "latency")
SLOW = LATENCY + 'threshold = "100ms"\n'
NINETY = SLO.replace("0.999", '"90%"')
RULE = '[[slo.rules]]\nseverity = "page"\nlong_window = "1h"\nshort_window = "5m"\n'
OWN = RULE + "burn_rate = 14.4\n"
A_DURATION = 'must be a duration such as "30s", "5m", "4h" or "100ms"'
A_SHARE = 'must be a share such as 0.999 or "99.9%"'
A_WINDOW = 'must be a duration such as "30d", or "week", "month", "quarter" or "year"'
A_ZONE = "must be an IANA time zone such as 'Europe/Berlin'"
A_QUANTILE = 'must be a share such as 0.99, "p99" or "99%"'
NO_BUDGET = "that leaves no error budget: the first failure would break it"


def with_objective(value: str) -> str:
    return SLO.replace("0.999", value)


def with_rule(key: str, value: str) -> str:
    return SLO + OWN.replace(
        next(line for line in OWN.splitlines() if line.startswith(key)), f"{key} = {value}"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        # --- the promise itself
        pytest.param(with_objective("99.9"), "objective must lie between 0 and 1, got 99.9 (percent? write 0.999)", id="percent"),
        pytest.param(with_objective('"99.9"'), f"objective {A_SHARE}, got '99.9' (percent? write \"99.9%\")", id="percent-in-quotes"),
        pytest.param(with_objective('"99,9%"'), f"objective {A_SHARE}, got '99,9%' (percent? write \"99.9%\")", id="comma"),
        pytest.param(with_objective('"99.9 percent"'), f"objective {A_SHARE}, got '99.9 percent' (percent? write \"99.9%\")", id="percent-in-words"),
        pytest.param(with_objective('"0.999"'), f"objective {A_SHARE}, got '0.999' (write 0.999, without quotes)", id="share-in-quotes"),
        pytest.param(with_objective('"three nines"'), f"objective {A_SHARE}, got 'three nines'", id="words"),
        pytest.param(with_objective('"100%"'), f"objective must lie between 0 and 1, got '100%' ({NO_BUDGET})", id="everything"),
        pytest.param(with_objective("100"), f"objective must lie between 0 and 1, got 100 ({NO_BUDGET})", id="everything-as-percent"),
        pytest.param(with_objective("1"), f"objective must lie between 0 and 1, got 1 ({NO_BUDGET})", id="one"),
        pytest.param(with_objective("0"), "objective must lie between 0 and 1, got 0 (then nothing would have to be good)", id="nothing"),
        pytest.param(with_objective("-1"), "objective must lie between 0 and 1, got -1", id="negative"),
        pytest.param(with_objective("nan"), f"objective {A_SHARE}, got nan", id="nan"),
        pytest.param(with_objective("true"), f"objective {A_SHARE}, got true", id="flag"),
        pytest.param(with_objective("0.9999999999"), "objective must have at most 9 decimals, got 0.9999999999", id="ten-nines"),
        pytest.param(SLO.replace("objective", "target"), 'objective must be set, such as objective = 0.999 or "99.9%"\nslo.checkout.target is no key that is known here (did you mean \'objective\'?)', id="other-word"),
        # --- what is good
        pytest.param(SLO.replace("availability", "errors"), "sli must be one of 'availability', 'latency', got 'errors' (did you mean 'availability'?)", id="sli"),
        pytest.param(SLOW.replace("latency", "latencey"), "sli must be one of 'availability', 'latency', got 'latencey' (did you mean 'latency'?)", id="sli-misspelt"),
        pytest.param(LATENCY, "threshold must be set for sli 'latency', such as threshold = \"100ms\"", id="no-threshold"),
        pytest.param(SLO + 'threshold = "1s"', "threshold must not be set for sli 'availability', got 1s (sli = \"latency\"?)", id="threshold-of-availability"),
        pytest.param(LATENCY + "threshold = 100", f'threshold {A_DURATION}, got 100 (write "100ms")', id="bare-milliseconds"),
        pytest.param(LATENCY + 'threshold = "100"', f"threshold {A_DURATION}, got '100' (write \"100ms\")", id="bare-milliseconds-in-quotes"),
        pytest.param(LATENCY + 'threshold = "0.1"', f"threshold {A_DURATION}, got '0.1' (write \"100ms\")", id="seconds-of-a-library"),
        pytest.param(LATENCY + 'threshold = "100 msec"', f"threshold {A_DURATION}, got '100 msec' (write \"100ms\")", id="msec"),
        pytest.param(LATENCY + 'threshold = "-5ms"', f"threshold {A_DURATION}, got '-5ms'", id="negative-threshold"),
        pytest.param(LATENCY + 'threshold = "2h"', "threshold must lie between 1ms and 1h, got '2h'", id="hours-of-latency"),
        pytest.param(SLO + 'quantile = "p99"', "quantile must not be set for sli 'availability', got p99 (sli = \"latency\"?)", id="quantile-of-availability"),
        pytest.param(SLOW + "quantile = 99", "quantile must lie between 0 and 1, got 99 (percent? write 0.99)", id="quantile-in-percent"),
        pytest.param(SLOW + 'quantile = "p999"', "quantile must lie between 0 and 1, got 'p999' (did you mean \"p99.9\"?)", id="p999"),
        pytest.param(SLOW + 'quantile = "p100"', "quantile must lie between 0 and 1, got 'p100' (one slow prediction would make its minute bad: write objective without quantile)", id="p100"),
        pytest.param(SLOW + 'quantile = "99th"', f"quantile {A_QUANTILE}, got '99th'", id="99th"),
        # --- over which window
        pytest.param(SLO + "window = 30", f'window {A_DURATION}, got 30 (write "30d")', id="bare-days"),
        pytest.param(SLO + 'window = "30 days"', f"window {A_DURATION}, got '30 days' (write \"30d\")", id="days"),
        pytest.param(SLO + 'window = "1hour"', f"window {A_DURATION}, got '1hour' (write \"1h\")", id="hour"),
        pytest.param(SLO + 'window = "1month"', f"window {A_WINDOW}, got '1month' (write \"month\")", id="1month"),
        pytest.param(SLO + 'window = "Quarterly"', f"window {A_WINDOW}, got 'Quarterly' (write \"quarter\")", id="quarterly"),
        pytest.param(SLO + 'window = "90d"', "window must lie between 1m and 30d, got '90d' (longer ones are calendar's: \"month\", \"quarter\" or \"year\")", id="longer-than-kept"),
        pytest.param(SLO + 'window = "90s"', "window must be whole minutes, got 1m30s", id="half-a-minute"),
        pytest.param(SLO + 'time_zone = "Europe/Berlin"', "time_zone must not be set for a rolling window, which begins at no midnight, got 'Europe/Berlin' (window = \"month\"?)", id="zone-of-a-rolling-window"),
        pytest.param(SLO + 'window = "month"\ntime_zone = "Berlin"', f"time_zone {A_ZONE}, got 'Berlin' (did you mean 'Europe/Berlin'?)", id="city"),
        pytest.param(SLO + 'window = "month"\ntime_zone = "CET+1"', f"time_zone {A_ZONE}, got 'CET+1' (an offset knows no summer time: name a place)", id="offset"),
        pytest.param(SLO + 'window = "month"\ntime_zone = "Eurpoe/Berlin"', f"time_zone {A_ZONE}, got 'Eurpoe/Berlin' (did you mean 'Europe/Berlin'?)", id="zone-misspelt"),
        pytest.param(SLO + 'window = "month"\ntime_zone = "PST"', f"time_zone {A_ZONE}, got 'PST'", id="short-zone-is-not-guessed"),
        # --- whose
        pytest.param(SLO + SLO, "must have a name of its own, and there are 2 of that name", id="one-name-twice"),
        pytest.param(SLO + 'match = "model=fraud"', 'match must be a table of labels such as { model = "fraud" }, got \'model=fraud\' (write { model = "fraud" })', id="match-as-text"),
        pytest.param(SLO + "match = { version = 2 }", "match must hold strings only, and at version it does not, got 2", id="match-number"),
        pytest.param(SLO + 'match = { severity = "page" }', "match must not name a label that alerts have of their own, got 'severity'", id="reserved"),
        pytest.param(SLO + 'group_by = "version"', 'group_by must be an array of labels such as ["version"], got \'version\' (write ["version"])', id="group-as-text"),
        pytest.param(SLO + 'group_by = ["a", "a"]', "group_by must name each label once, and names 'a' twice, got an array", id="label-twice"),
        pytest.param(SLO + "rollup = true", "rollup must not be true without group_by: without groups there is nothing to roll up", id="nothing-to-roll-up"),
        pytest.param(SLO + 'group_by = ["a"]\nrollup = "yes"', "rollup must be true or false, got 'yes'", id="rollup"),
        # --- guards
        pytest.param(SLO + "min_coverage = 50", "min_coverage must lie from 0 to 1, got 50 (percent? write 0.5)", id="coverage-in-percent"),
        pytest.param(SLO + "resolve_hold = 5", f'resolve_hold {A_DURATION}, got 5 (write "5m")', id="bare-minutes"),
        pytest.param(SLO + 'resolve_hold = "5min"', f"resolve_hold {A_DURATION}, got '5min' (write \"5m\")", id="min"),
        pytest.param(SLO + 'resolve_hold = "30s"', "resolve_hold must be whole minutes, got 30s", id="part-of-a-minute"),
        pytest.param(SLO + "min_bad_events = 2.5", "min_bad_events must be a whole number from 0 to 1000000, got 2.5", id="half-an-event"),
        pytest.param(SLO + 'min_bad_events = "5"', "min_bad_events must be a whole number from 0 to 1000000, got '5' (write 5, without quotes)", id="events-in-quotes"),
        pytest.param(SLO + "min_bad_events = -1", "min_bad_events must be a whole number from 0 to 1000000, got -1", id="fewer-than-none"),
        pytest.param(SLOW + "min_slice_events = 20", "min_slice_events must not be set without quantile: only then minutes are judged", id="slices-without-quantile"),
        # --- rules of its own
        pytest.param(with_rule("severity", '"critical"'), "rules#1.severity must be one of 'page', 'ticket', got 'critical' (did you mean 'page'?)", id="severity"),
        pytest.param(SLO + RULE, 'rules#1.burn_rate must be set, such as burn_rate = 14.4, or spend, such as spend = "2%"', id="no-factor"),
        pytest.param(SLO + OWN + 'spend = "2%"', "rules#1.burn_rate and spend must not both be set: one says the other", id="two-factors"),
        pytest.param(SLO + RULE + "burnrate = 14.4", 'rules#1.burn_rate must be set, such as burn_rate = 14.4, or spend, such as spend = "2%"\nslo.checkout.rules#1.burnrate is no key that is known here (did you mean \'burn_rate\'?)', id="unknown-key"),
        pytest.param(with_rule("burn_rate", '"14.4x"'), "rules#1.burn_rate must be a number such as 14.4, got '14.4x' (write 14.4, without quotes)", id="factor-as-text"),
        pytest.param(with_rule("burn_rate", "0"), "rules#1.burn_rate must be above 0, got 0", id="no-burn"),
        pytest.param(NINETY + OWN, "rules#1.burn_rate must be below 10, got 14.4 (a total outage of an objective of 90% burns at 10, so the rule could never fire)", id="never-fires"),
        pytest.param(NINETY + RULE + "burn_rate = 10", "rules#1.burn_rate must be below 10, got 10 (a total outage of an objective of 90% burns at 10, so the rule could never fire)", id="never-fires-by-a-hair"),
        pytest.param(NINETY + RULE + 'spend = "2%"', "rules#1.spend must be below 1.38889%, got 2% (a total outage of an objective of 90% spends 1.38889% in 1h, so the rule could never fire)", id="spends-too-slowly"),
        pytest.param(SLO + RULE + "spend = 2", 'rules#1.spend must be a share of the error budget, above 0 and up to 1, got 2 (percent? write "2%")', id="spend-in-percent"),
        pytest.param(SLO + RULE + 'spend = "120%"', "rules#1.spend must be a share of the error budget, above 0 and up to 1, got '120%'", id="more-than-all"),
        pytest.param(with_rule("short_window", '"1h"'), "rules#1.short_window must be shorter than long_window, 1h, got 1h", id="windows-alike"),
        pytest.param(with_rule("short_window", '"2h"'), "rules#1.short_window must be shorter than long_window, 1h, got 2h (the other way round?)", id="windows-swapped"),
        pytest.param(with_rule("short_window", "5"), f'rules#1.short_window {A_DURATION}, got 5 (write "5m")', id="bare-short-window"),
        pytest.param(with_rule("short_window", '"90s"'), "rules#1.short_window must be whole minutes, got 1m30s", id="part-of-a-minute-in-a-rule"),
        pytest.param(SLO + 'window = "6h"\n' + OWN.replace("1h", "1d"), "rules#1.long_window must not be longer than the objective's window, 6h, got 1d", id="further-back-than-the-budget"),
        pytest.param(SLOW + 'quantile = "p99"\nmin_bad_events = 61\n' + OWN, "rules#1.long_window must not be shorter than min_bad_events, 61, got 1h (minutes are the events of a quantile, so it could never fire)", id="fewer-minutes-than-must-be-bad"),
        pytest.param(SLO + OWN + OWN, "rules must have windows of their own, and both #1 and #2 look at 1h/5m", id="pair-twice"),
        pytest.param(SLO + OWN.replace("[[slo.rules]]", "[slo.rules]"), "rules must be an array of tables, [[slo.rules]], got a table (two brackets)", id="one-bracket"),
    ],
)  # fmt: skip
def test_it_is_told_whole_and_nothing_else_is(tmp_path: Path, text: str, says: str) -> None:
    separator = " " if says.startswith("must have a name") else "."
    expected = f"slo.checkout{separator}{says}".splitlines()
    assert problems(tmp_path, text) == tuple(f"config.toml: {line}" for line in expected)


@pytest.mark.parametrize(
    ("written", "window", "calendar"),
    [
        pytest.param("2w", 14, None, id="rolling"),
        pytest.param("week", 7, "week", id="week"),
        pytest.param("month", 30, "month", id="month"),
        pytest.param("quarter", 90, "quarter", id="quarter"),
        pytest.param("year", 365, "year", id="year"),
    ],
)
def test_window_is_a_length_or_a_period_of_nominal_length(
    tmp_path: Path, written: str, window: int, calendar: str | None
) -> None:
    (slo,) = loaded(tmp_path, SLO + f'window = "{written}"').slos
    assert (slo.window, slo.calendar) == (window * 86_400.0, calendar)


@pytest.mark.parametrize("written", ["0.99", '"p99"', '"99%"'])
def test_quantile_may_be_written_in_three_ways(tmp_path: Path, written: str) -> None:
    (slo,) = loaded(tmp_path, SLOW + f"quantile = {written}").slos
    assert slo.quantile == 0.99


def test_rule_that_fires_by_a_hair_is_taken(tmp_path: Path) -> None:
    (slo,) = loaded(tmp_path, NINETY + RULE + "burn_rate = 9.99").slos
    assert [rule.burn_rate for rule in slo.rules] == [9.99]


def test_rules_are_not_measured_by_an_objective_that_is_wrong(tmp_path: Path) -> None:
    """Else one mistake would be told twice."""
    assert len(problems(tmp_path, SLO.replace("0.999", "99.9") + RULE + "burn_rate = 1200")) == 1
    assert len(problems(tmp_path, NINETY + 'window = "6 hours"\n' + RULE + 'spend = "2%"')) == 1
