"""`slokeeper check`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from actors.cli.checked import budget_of
from actors.cli.traffic import per_minute
from actors.config import ObjectiveSettings
from actors.recording import Counts, Levels, SeriesKey, Tables
from actors.slo import self_test
from actors.slo.evaluator import Evaluator
from actors.storage import Database
from tests.cli.calls import answer, call

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from click.testing import Result

    from actors.slo.objective import Objective

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
NOT_SET = {"HOOK": "", "KEY": ""}
BAD = '[node]\nlog = "a"\nlog_level = "b"\n'


def checked(
    folder: Path, text: str, *options: str, environ: "Mapping[str, str]" = ENVIRON, columns: int = 200
) -> "Result":
    (folder / "config.toml").write_text(f'[node]\ndata_dir = "{folder}"\n' * (text != BAD) + text)
    if "--self-test" not in options:
        options = (*options, "--no-self-test")
    return call("check", folder / "config.toml", *options, environ={**environ, "COLUMNS": str(columns)})


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


def test_what_each_rule_does_in_a_total_outage_is_a_row(tmp_path: Path) -> None:
    rows = [line.replace("│", " ").split() for line in checked(tmp_path, GOOD).stdout.splitlines()]
    assert ["fraud", "1h/5m", "page", "14.4", "2%", "1m", "10m"] in rows
    assert ["24h/2h", "ticket", "3", "10%", "5m", "2h5m"] in rows


def test_a_hundred_columns_fold_no_row(tmp_path: Path) -> None:
    lines = checked(tmp_path, GOOD, "--traffic", "3/h", columns=100).stdout.splitlines()
    (row,) = [
        line for line in lines if "fraud" in line and "1h/5m" in line and "page" in line and "2%" in line
    ]
    assert "10m" in row
    assert max(map(len, lines)) <= 100


def test_rules_that_the_traffic_could_never_trip_are_named(tmp_path: Path) -> None:
    said = "page 14.4 over 1h/5m can never trip: 1h holds 3 predictions, and min_bad_events is 5"
    assert f"fraud at 3/h: {said}" in checked(tmp_path, GOOD, "--traffic", "3/h").stdout
    assert "can never trip" not in checked(tmp_path, GOOD, "--traffic", "10/h").stdout


def test_a_rule_that_a_single_failure_trips_is_named(tmp_path: Path) -> None:
    text = GOOD.replace("objective = 0.999", "objective = 0.999\nmin_bad_events = 0")
    said = "is tripped by a single failure: 1 bad one of 10 predictions in 1h burns at 100"
    assert said in checked(tmp_path, text, "--traffic", "10/h").stdout


def test_a_program_gets_the_rules_in_seconds(tmp_path: Path) -> None:
    rules = answer(checked(tmp_path, GOOD, "--json", "--traffic", "3/h"))["rules"]
    assert isinstance(rules, list)
    assert rules[0] == {
        "slo": "fraud",
        "rule": "1h/5m",
        "severity": "page",
        "burn_rate": 14.4,
        "budget_spent": 0.02,
        "fires_after": 60,
        "resolves_after": 600,
        "predictions_per_hour": 3.0,
        "bad_events_needed": None,
        "remark": "page 14.4 over 1h/5m can never trip: 1h holds 3 predictions, and min_bad_events is 5",
    }


@pytest.mark.parametrize(
    ("text", "hint"),
    [("10", " (per what? write 10/h)"), ("10/y", ""), ("-3/h", ""), ("many", "")],
)
def test_traffic_that_is_none_is_refused(tmp_path: Path, text: str, hint: str) -> None:
    result = checked(tmp_path, GOOD, f"--traffic={text}")
    assert result.exit_code == 2
    must = "--traffic must be predictions in a time such as 10/h, 3/m or 200/s"
    assert result.stderr == f"slokeeper: {must}, got {text!r}{hint}\n"


@pytest.mark.parametrize(
    ("text", "rate"), [("1/s", 60), ("90/h", 1.5), ("30 / min", 30), ("1440/day", 1), ("0.5/m", 0.5)]
)
def test_traffic_is_read_as_predictions_a_minute(text: str, rate: float) -> None:
    assert per_minute(text) == rate


def test_traffic_that_a_node_has_counted_is_taken_from_its_database(tmp_path: Path) -> None:
    """Four hours of 30 predictions in two versions; the quieter one has three an hour."""
    tables = Tables([0.1])
    database = Database(tmp_path)
    database.open()
    levels = Levels(tables)
    for minute in range(29_453_760, 29_453_760 + 240):
        for version, requests in (("1", 27), ("2", 3)):
            key = SeriesKey("fraud", version, ())
            tables.add_counts(key, Counts(requests * (minute % 60 == 0)))
        tables.close_minutes(minute + 1)
        write = levels.write_of(minute)
        database.connection.execute("BEGIN")
        write(database.connection)
        database.connection.execute("COMMIT")
        levels.written(write)
    database.close()
    shown = checked(
        tmp_path, GOOD.replace("objective = 0.999", "objective = 0.999\nmin_bad_events = 19")
    ).stdout
    said = "page 6 over 6h/30m can never trip: 6h holds 12 predictions, and min_bad_events is 19"
    assert f"fraud at 2/h: {said}" in shown


OWN = """
[[slo]]
name = "own"
sli = "availability"
objective = 0.99

[[slo.rules]]
severity = "page"
long_window = "30m"
short_window = "2m"
burn_rate = 20
"""


class WithoutHold(Evaluator):
    """Resolves at once."""

    def __init__(self, objectives: "Sequence[Objective]", tables: Tables) -> None:
        super().__init__([replace(one, resolve_hold=0) for one in objectives], tables)


def test_shadows_that_do_as_the_formulas_say_are_not_worth_a_word(tmp_path: Path) -> None:
    result = checked(tmp_path, OWN, "--self-test")
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_shadow_that_does_something_else_is_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_test, "Evaluator", WithoutHold)
    said = (
        "slo.own: self-test failed, which is a fault of slokeeper and not of the file: page 20 over 30m/2m "
        "must fire after 7 min and resolve after 7 min, and its shadow did after 7 min and 2 min"
    )
    result = checked(tmp_path, OWN, "--self-test")
    assert (result.exit_code, result.stderr) == (1, f"slokeeper: {said}\n")
    result = checked(tmp_path, OWN, "--self-test", "--json")
    assert result.exit_code == 1
    told = answer(result)
    assert (told["ok"], told["problems"]) == (False, [said])


def test_a_database_that_cannot_be_read_is_no_problem_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "slokeeper.db").write_bytes(b"torn" * 1000)
    assert checked(tmp_path, GOOD).exit_code == 0


def test_secrets_that_are_not_there_are_only_warned_of_on_request(tmp_path: Path) -> None:
    assert checked(tmp_path, GOOD, environ=NOT_SET).exit_code == 2
    result = checked(tmp_path, GOOD, "--without-secrets", environ=NOT_SET)
    assert result.exit_code == 0
    missing = "receiver.team.webhook_url_env must name an environment variable, got 'HOOK', which is empty"
    assert f"secret that is not there: {missing}" in result.stdout


def test_without_secrets_all_else_is_still_wrong(tmp_path: Path) -> None:
    result = checked(tmp_path, GOOD.replace('"HOOK"', '"not a name"'), "--without-secrets", environ=NOT_SET)
    assert result.exit_code == 2
    assert "must be the name of an environment variable" in result.stderr


ACTIONS = """
[[action]]
name = "freeze"
on = "exhausted"
slos = ["fraud"]
webhook_url_env = "HOOK"

[[action]]
name = "roll-back"
on = "fast_burn"
min_burn = 50
python = "my_service.rollout:roll_back"
cool_down = "30m"
"""


def test_actions_are_rows_and_values(tmp_path: Path) -> None:
    shown = checked(tmp_path, GOOD + ACTIONS).stdout
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines()]
    assert ["freeze", "no budget is left", "fraud", "posts to $HOOK", "1h"] in rows
    fast = "a rule of severity page fires, above 50 x"
    assert ["roll-back", fast, "all", "calls my_service.rollout:roll_back", "30m"] in rows
    told = answer(checked(tmp_path, GOOD + ACTIONS, "--json"))
    assert told["actions"] == [
        {
            "name": "freeze",
            "on": "exhausted",
            "slos": ["fraud"],
            "min_burn": None,
            "python": None,
            "cool_down": 3600,
            "secrets": {"webhook_url": "$HOOK"},
        },
        {
            "name": "roll-back",
            "on": "fast_burn",
            "slos": [],
            "min_burn": 50,
            "python": "my_service.rollout:roll_back",
            "cool_down": 1800,
            "secrets": {},
        },
    ]
    assert "no actions" in checked(tmp_path, GOOD).stdout


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
