"""Objectives as rules: what stands in the files."""

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from actors.config.settings import DAY
from actors.export import as_file, export
from actors.export.burn import last
from actors.export.quoting import duration_name, quoted
from tests.export.objectives import KINDS, LATENCY, NO_GUARDS, promise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actors.config import ObjectiveSettings


def rules_of(objective: "ObjectiveSettings") -> "Iterator[dict[str, Any]]":
    """All rules of one objective, as Prometheus reads them."""
    text = as_file(export([objective], "fraud"), "fraud", "prometheus")
    for group in yaml.safe_load(text)["groups"]:
        yield from group["rules"]


def recorded(objective: "ObjectiveSettings") -> dict[str, Any]:
    """The first rule of each record."""
    found: dict[str, Any] = {}
    for rule in rules_of(objective):
        if "record" in rule:
            found.setdefault(rule["record"], rule)
    return found


def test_series_are_called_as_sloth_calls_them() -> None:
    ours = recorded(promise("availability"))
    for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"):
        assert ours[f"slo:sli_error:ratio_rate{window}"]["labels"] == {
            "sloth_id": "fraud-availability",
            "sloth_service": "fraud",
            "sloth_slo": "availability",
            "sloth_window": window,
        }
    assert set(ours) >= {
        "slo:objective:ratio",
        "slo:error_budget:ratio",
        "slo:time_period:days",
        "slo:current_burn_rate:ratio",
        "slo:period_burn_rate:ratio",
        "slo:period_error_budget_remaining:ratio",
        "sloth_slo_info",
    }


def test_facts_of_the_objective_are_recorded() -> None:
    ours = recorded(promise("availability", 0.995, window=28 * DAY))
    assert ours["slo:objective:ratio"]["expr"] == "vector(0.995)"
    assert ours["slo:error_budget:ratio"]["expr"] == "vector(0.005)"
    assert ours["slo:time_period:days"]["expr"] == "vector(28)"
    assert ours["sloth_slo_info"]["labels"]["sloth_objective"] == "99.5"
    assert "slo:sli_error:ratio_rate4w" in ours


def test_alerts_have_the_labels_of_sloth_and_those_of_a_node() -> None:
    """Routes that fit a node's own alerts fit these."""
    alerts = [
        rule for rule in rules_of(promise("fast", **LATENCY)) if rule.get("alert") == "ErrorBudgetBurns"
    ]
    assert [alert["labels"]["sloth_severity"] for alert in alerts] == ["page", "ticket"]
    for alert in alerts:
        ours = {name: alert["labels"][name] for name in ("slo", "sli", "severity")}
        assert ours == {"slo": "fast", "sli": "latency", "severity": alert["labels"]["sloth_severity"]}
        assert "for" not in alert


def test_a_threshold_is_the_bound_of_a_bucket() -> None:
    ours = recorded(promise("fast", match={"model": "fraud"}, **LATENCY))
    assert (
        'model_latency_seconds_bucket{model="fraud", le="0.1"}'
        in ours["slokeeper:bad_events:increase1m"]["expr"]
    )


def test_errors_that_never_were_are_none() -> None:
    """The counter of failures does not exist before the first."""
    assert recorded(promise("a"))["slokeeper:bad_events:increase1m"]["expr"].endswith("* 0")


def test_guards_that_are_off_are_not_in_the_rules() -> None:
    ours = recorded(promise("bare", **NO_GUARDS))
    assert not any("measured_minutes" in name for name in ours)
    truth = ours["slokeeper:burn_rule:truth"]["expr"]
    assert ">= bool" not in truth
    assert "slokeeper:burn_rule:truth" not in truth  # silence is an end
    assert not any(rule.get("alert") == "ObjectiveIsBlind" for rule in rules_of(promise("bare", **NO_GUARDS)))


def test_a_rule_that_can_never_fire_is_left_out_and_named() -> None:
    text = as_file(export([promise("loose", 0.9)], "fraud"), "fraud", "prometheus")
    assert "# left out: page 14.4 over 1h/5m can never fire: a total outage burns at 10" in text
    assert 'slokeeper_rule: "1h/5m"' not in text


def test_a_calendar_budget_is_left_out_with_a_warning() -> None:
    (one,) = export([promise("month", calendar="month")], "fraud")
    (warning,) = one.warnings
    assert warning.startswith("left out: the budget of the calendar's month, which no range of PromQL can be")
    ours = recorded(promise("month", calendar="month"))
    assert "slo:period_burn_rate:ratio" not in ours
    assert "slokeeper:burn_rule:active" in ours


def test_no_series_is_recorded_by_two_rules() -> None:
    """But one for the groups and one for all of them together, which have other labels."""
    for objective in KINDS:
        seen = [
            (rule["record"], tuple(rule["labels"].items()))
            for rule in rules_of(objective)
            if "record" in rule
        ]
        again = {record for record, labels in seen if seen.count((record, labels)) > 1}
        allowed = {"slokeeper:total_events:increase1m", "slokeeper:bad_events:increase1m"}
        slices = {"slokeeper:slice_predictions:increase1m", "slokeeper:slice_within:increase1m"}
        assert again <= (allowed | slices if objective.rollup else set())


def test_the_operator_gets_a_resource_with_the_same_groups() -> None:
    exported = list(export(KINDS, "My Service"))
    resource = yaml.safe_load(as_file(exported, "My Service", "prometheus-operator"))
    assert resource["kind"] == "PrometheusRule"
    assert resource["metadata"]["name"] == "slokeeper-my-service"
    assert resource["spec"] == yaml.safe_load(as_file(exported, "My Service", "prometheus"))


def test_what_is_written_is_the_same_each_time() -> None:
    assert as_file(export(KINDS, "a"), "a", "prometheus") == as_file(export(KINDS, "a"), "a", "prometheus")


def test_files_of_objectives_with_like_names_are_apart() -> None:
    files = [one.file for one in export([promise("a/b"), promise("a:b"), promise("A-b")], "fraud")]
    assert len({file.lower() for file in files}) == 3


@given(st.text())
def test_a_quoted_string_is_read_as_it_was(text: str) -> None:
    """Any label may stand in a match."""
    assert yaml.safe_load(quoted(text)) == text


@pytest.mark.parametrize(
    ("minutes", "written"),
    [
        (1, "1m"),
        (90, "1h30m"),
        (1440, "1d"),
        (2160, "1d12h"),
        (4320, "3d"),
        (7 * 1440, "1w"),
        (28 * 1440, "4w"),
        (30 * 1440, "30d"),
    ],
)
def test_windows_are_written_as_prometheus_writes_them(minutes: int, written: str) -> None:
    assert duration_name(minutes) == written


@pytest.mark.parametrize(
    ("minutes", "written"), [(1, "30s"), (2, "1m30s"), (60, "59m30s"), (1440, "23h59m30s")]
)
def test_a_range_holds_so_many_samples_whichever_end_counts(minutes: int, written: str) -> None:
    """Prometheus 2 counts a sample at its very beginning, and Prometheus 3 does not."""
    assert last(minutes) == written
