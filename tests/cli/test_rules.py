"""`slokeeper rules`."""

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cli.calls import call

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[node]
name = "fraud-1"

[[slo]]
name = "availability"
sli = "availability"
objective = "99.9%"

[[slo]]
name = "latency"
sli = "latency"
threshold = "100ms"
objective = "99%"
"""


@pytest.fixture
def config(tmp_path: "Path") -> "Path":
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


def test_rules_of_all_objectives_are_one_file_on_the_terminal(config: "Path") -> None:
    groups = yaml.safe_load(call("rules", "-c", config).stdout)["groups"]
    assert [group["name"] for group in groups] == [
        "slokeeper-fraud-1-availability",
        "slokeeper-fraud-1-availability-period",
        "slokeeper-fraud-1-latency",
        "slokeeper-fraud-1-latency-period",
    ]


def test_files_and_their_tests_are_written_beside_each_other(config: "Path", tmp_path: "Path") -> None:
    out = tmp_path / "made" / "rules"
    result = call("rules", "-c", config, "--out", out, "--tests", "--slo", "latency", "--service", "fraud")
    assert result.stdout.split() == [str(out / "latency.yml"), str(out / "latency_test.yml")]
    assert yaml.safe_load((out / "latency_test.yml").read_text())["rule_files"] == ["latency.yml"]
    assert 'sloth_service: "fraud"' in (out / "latency.yml").read_text()


def test_tests_need_a_folder(config: "Path") -> None:
    result = call("rules", "-c", config, "--tests")
    assert result.exit_code == 2
    assert "--tests needs --out" in result.stderr


def test_an_objective_that_is_not_there_is_refused_with_those_that_are(config: "Path") -> None:
    result = call("rules", "-c", config, "--slo", "latancy")
    assert result.exit_code == 2
    assert "--slo 'latancy': there is no such objective; there are availability, latency" in result.stderr


def test_what_cannot_be_written_is_said(config: "Path") -> None:
    result = call("rules", "-c", config, "--out", config / "below")
    assert result.exit_code == 2
    assert f"--out {config / 'below'}: Not a directory" in result.stderr


def test_what_is_left_out_is_told_beside_the_rules(config: "Path") -> None:
    config.write_text(
        CONFIG
        + '[[maintenance]]\nname = "weekly"\nstarts = 2026-11-01T02:00:00Z\nends = 2026-11-01T04:00:00Z\n'
    )
    result = call("rules", "-c", config, "--slo", "latency")
    assert "slokeeper: latency: left out: the maintenance 'weekly'" in result.stderr
    assert "# left out: the maintenance 'weekly'" in result.stdout
