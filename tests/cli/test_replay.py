"""`slokeeper replay`."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from click.testing import CliRunner

from actors.cli import main
from actors.cli.refusals import BAD_USE
from tests.cli.calls import answer, call

if TYPE_CHECKING:
    from click.testing import Result

CONFIG = """
[[slo]]
name = "fraud"
sli = "availability"
match = { model = "fraud" }
objective = 0.999

[[receiver]]
name = "oncall"
type = "pagerduty"
routing_key_env = "NOT_SET_HERE"

[route]
receiver = "oncall"
"""
T = 1_700_000_040 // 3600 * 3600


def csv(*spans: tuple[int, int, int]) -> str:
    """So many minutes each, with so many good of so many."""
    rows, at = ["timestamp,good,total,model"], T
    for minutes, good, total in spans:
        for _ in range(minutes):
            rows.append(f"{at},{good},{total},fraud")
            at += 60
    return "\n".join(rows) + "\n"


OUTAGE = csv((600, 100, 100), (10, 0, 100), (90, 100, 100))


def replayed(folder: Path, text: str, *options: object) -> "Result":
    (folder / "config.toml").write_text(CONFIG)
    (folder / "trace.csv").write_text(text)
    return call("replay", folder / "trace.csv", "--config", folder / "config.toml", *options)


def test_json_tells_each_alert_and_each_objective(tmp_path: Path) -> None:
    """The configuration's secrets are not needed."""
    told = answer(replayed(tmp_path, OUTAGE, "--json"))
    alerts = cast("list[dict[str, object]]", told["alerts"])
    first = alerts[0]
    assert {name: first[name] for name in ("slo", "rule", "severity", "labels", "muted")} == {
        "slo": "fraud",
        "rule": "1h/5m",
        "severity": "page",
        "labels": {"model": "fraud"},
        "muted": False,
    }
    assert first["fired_at"] == "2023-11-15T08:01:00.000Z"
    assert first["resolved_at"] == "2023-11-15T08:20:00.000Z"
    assert first["budget_spent"] == pytest.approx(100 / 60_100 / 0.001)
    (slo,) = cast("list[dict[str, object]]", told["slos"])
    assert (slo["good_events"], slo["total_events"], slo["verdict"]) == (69_000, 70_000, "violated")
    assert (told["pages"], slo["pages"]) == (1, 1)


def test_shown_is_what_would_have_happened(tmp_path: Path) -> None:
    shown = replayed(tmp_path, OUTAGE).output
    assert "you would have been paged once" in shown
    assert "2023-11-14 to 2023-11-15, UTC" in shown
    assert "11-15 08:01" in shown
    assert "…" not in shown
    assert "budget left of fraud" in shown
    assert "▕" in shown
    assert "▕" not in replayed(tmp_path, OUTAGE, "--no-plot").output


def test_two_targets_stand_side_by_side(tmp_path: Path) -> None:
    shown = replayed(tmp_path, OUTAGE, "--objective", "90%").output
    assert "With 90% you would have been paged 0 times instead of 1." in shown
    told = answer(replayed(tmp_path, OUTAGE, "--objective", "90%", "--json"))
    against = cast("dict[str, object]", told["against"])
    assert (told["pages"], against["name"], against["pages"]) == (1, "90%", 0)


def test_two_files_stand_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "loose.toml").write_text(CONFIG.replace("0.999", "0.9"))
    shown = replayed(tmp_path, OUTAGE, "--against", tmp_path / "loose.toml").output
    assert "With loose.toml you would have been paged 0 times instead of 1." in shown


def test_fit_proposes_a_target(tmp_path: Path) -> None:
    told = answer(replayed(tmp_path, OUTAGE, "--fit", "100", "--json"))
    (fit,) = cast("list[dict[str, object]]", told["fit"])
    assert fit["objective"] == pytest.approx(1 - 1000 / 70_000, abs=1e-4)
    assert "would have held" in replayed(tmp_path, OUTAGE, "--fit", "100").output


def test_picture_is_written(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
    result = replayed(tmp_path, csv((60, 9, 10)), "--plot", tmp_path / "replay.png", "--json")
    assert result.exit_code == 0
    assert (tmp_path / "replay.png").read_bytes().startswith(b"\x89PNG")


def test_standard_input_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    arguments = ["replay", "-", "--config", str(tmp_path / "config.toml"), "--json"]
    result = CliRunner().invoke(main, arguments, input=csv((10, 9, 10)), catch_exceptions=False)
    assert result.exit_code == 0
    assert '"total_events":100' in result.stdout


def test_label_that_rows_lack_is_taken_for_granted_and_said(tmp_path: Path) -> None:
    text = OUTAGE.replace(",model", "").replace(",fraud", "")
    assert "all are taken to be of model=fraud" in replayed(tmp_path, text).output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--slo", "nope"], "must name an objective of", id="slo"),
        pytest.param(["--objective", "99.5"], "percent", id="percent"),
        pytest.param(["--objective", "high"], 'must be a share such as "99.5%"', id="no-share"),
        pytest.param(["--map", "timestamp"], "NAME=EXPRESSION", id="map"),
        pytest.param(["--from", "2030-01-01"], "no row between --from and --until", id="nothing-left"),
        pytest.param(["--until", "soon"], "--until must be ISO 8601", id="until"),
        pytest.param(["--prometheus", "http://127.0.0.1:9"], "needs --good and --total", id="queries"),
        pytest.param(["--objective", "99%", "--against", "x.toml"], "must not be given together", id="both"),
    ],
)
def test_bad_use_is_refused_with_what_would_be_right(tmp_path: Path, options: list[str], said: str) -> None:
    result = replayed(tmp_path, csv((2, 9, 10)), *options)
    assert result.exit_code == BAD_USE
    assert said in result.output


def test_bad_row_is_refused_with_its_place_and_may_be_skipped(tmp_path: Path) -> None:
    text = csv((2, 9, 10)) + f"{T + 600},11,10,fraud\n"
    refused = replayed(tmp_path, text)
    assert refused.exit_code == BAD_USE
    assert "trace.csv:4: column 'good' must not be above total: 11 of 10" in refused.output
    assert "1 rows skipped: good must not be above total" in replayed(tmp_path, text, "--skip-bad").output


def test_no_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    result = call("replay", "--config", tmp_path / "config.toml")
    assert (result.exit_code, "give a SOURCE" in result.output) == (BAD_USE, True)
