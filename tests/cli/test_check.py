"""`slokeeper check`."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actors.cli.checked import budget_of
from actors.config import ObjectiveSettings
from tests.cli.calls import answer, call

if TYPE_CHECKING:
    from click.testing import Result

GOOD = """
[[slo]]
name = "fraud"
sli = "availability"
match = { model = "fraud" }
group_by = ["version"]
objective = 0.999

[[slo]]
name = "slow"
sli = "latency"
threshold = "100ms"
objective = "93%"

[[receiver]]
name = "team"
type = "slack"
webhook_url_env = "HOOK"

[[receiver]]
name = "oncall"
type = "pagerduty"
routing_key_env = "KEY"

[route]
receiver = "team"

[[route.routes]]
matchers = ['severity="page"', 'slo!="[slow]"']
receiver = "oncall"
continue = true

[[peer]]
url = "http://10.0.0.7:8000/hunter4/metrics"
"""
ENVIRON = {"HOOK": "https://hooks.example.com/hunter4", "KEY": "hunter4"}
BAD = '[node]\nlog = "a"\nlog_level = "b"\n'


def checked(folder: Path, text: str, *options: str) -> "Result":
    (folder / "config.toml").write_text(text)
    return call("check", folder / "config.toml", *options, environ=ENVIRON)


def test_a_good_file_is_shown_whole(tmp_path: Path) -> None:
    result = checked(tmp_path, GOOD)
    assert result.exit_code == 0
    for said in (
        *("99.9% of 30d", "budget 43.2 min", "model=fraud", "each version"),
        *("page 14.4 over 1h/5m", "page 6 over 6h/30m", "ticket 3 over 24h/2h", "ticket 1 over 3d/6h"),
        *(
            "within 100ms",
            "every alert -> team",
            'severity="page" and slo!="[slow]" -> oncall, and on to the next',
        ),
        *("$HOOK", "$KEY", "10.0.0.7:8000"),
    ):
        assert said in result.stdout


def test_a_rule_that_can_never_fire_is_named(tmp_path: Path) -> None:
    """93 % can burn no faster than 14.29, which is below the 14.4 of the first rule."""
    assert "left out: page 14.4 over 1h/5m can never fire" in checked(tmp_path, GOOD).stdout


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["table", "json"])
def test_no_secret_is_shown(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert "hunter4" not in checked(tmp_path, GOOD, *options).output


def test_a_program_gets_the_same_in_one_line(tmp_path: Path) -> None:
    told = answer(checked(tmp_path, GOOD, "--json"))
    assert told["ok"] is True
    assert told["problems"] == []
    assert told["receivers"] == [
        {"name": "team", "type": "slack", "secrets": {"url": "$HOOK"}},
        {"name": "oncall", "type": "pagerduty", "secrets": {"routing_key": "$KEY"}},
    ]


def test_every_problem_of_a_bad_file_is_told_on_standard_error(tmp_path: Path) -> None:
    result = checked(tmp_path, BAD)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "slokeeper: config.toml: node.log must be one of 'console', 'json', got 'a'",
        "slokeeper: config.toml: node.log_level must be one of 'debug', 'info', 'warning', 'error', got 'b'",
    ]


def test_a_program_gets_the_problems_too(tmp_path: Path) -> None:
    result = checked(tmp_path, BAD, "--json")
    assert result.exit_code == 2
    told = answer(result)
    assert told["ok"] is False
    assert told["problems"] == [
        "config.toml: node.log must be one of 'console', 'json', got 'a'",
        "config.toml: node.log_level must be one of 'debug', 'info', 'warning', 'error', got 'b'",
    ]


def test_an_empty_file_is_told_to_watch_nothing(tmp_path: Path) -> None:
    shown = checked(tmp_path, "").stdout
    assert "no objectives" in shown
    assert "no route: nobody is told" in shown


@pytest.mark.parametrize(
    ("objective", "days", "text"),
    [
        pytest.param(0.999, 30, "43.2 min", id="three-nines"),
        pytest.param(0.99, 30, "7.2 h", id="two-nines"),
        pytest.param(0.9999, 30, "4.32 min", id="four-nines"),
        pytest.param(0.99999, 1, "0.864 s", id="five-nines-of-a-day"),
    ],
)
def test_the_budget_is_told_as_time(objective: float, days: int, text: str) -> None:
    slo = ObjectiveSettings(
        name="a", sli="availability", match={}, objective=objective, window=days * 86_400.0
    )
    assert budget_of(slo) == text
