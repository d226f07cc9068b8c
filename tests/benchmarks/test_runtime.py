"""The benchmark of the runtime runs, and its arithmetic is right; no test judges a figure."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import showing
from benchmarks.contenders import CONTENDERS, OURS, Contender, Outcome, run
from benchmarks.results import Results
from benchmarks.scenarios import CAST, FAN_IN, FAN_IN_SHARE, MEASURES, SCENARIOS, Measure
from benchmarks.showing import BEGIN, END, everybody, goals, section, write

ROOT = Path(__file__).parents[2]
HERE = [one for one in SCENARIOS if one.missing is None]
BY_NAME = {one.name: one for one in SCENARIOS}


@pytest.mark.realtime("starts processes")
def test_every_scenario_runs_and_gives_every_figure() -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.runtime",
        "--quick",
        "--json",
        "--repeat",
        "1",
        "--peers",
        "bare",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(line.keys() == {"name", "value", "unit", "peer", "ratio"} for line in lines)
    assert all(line["value"] > 0 for line in lines)
    wanted = {measure.name for one in HERE for measure in one.measures}
    assert {line["name"] for line in lines if line["peer"] is None} == wanted | {FAN_IN_SHARE.name}
    assert {line["name"] for line in lines if line["peer"] == "bare"} >= {"cast", "restart", "stop"}


@pytest.mark.realtime("starts processes")
@pytest.mark.parametrize(
    "peer", [one for one in CONTENDERS[1:] if one.missing is None], ids=lambda one: one.name
)
def test_a_peer_that_is_installed_does_all_that_it_can(peer: Contender) -> None:
    """A new version of a peer may not have what its script needs; then the tables would lose its row."""
    for scenario in HERE:
        assert run(peer, scenario, core=0, is_quick=True).problem is None


@pytest.mark.parametrize(
    ("measure", "ours", "theirs", "times"),
    [
        pytest.param(Measure("m", "m", "/s", "more"), 300.0, 100.0, 3.0, id="three-times-the-rate"),
        pytest.param(Measure("m", "m", "µs"), 10.0, 5.0, 0.5, id="twice-the-time"),
    ],
)
def test_lead_is_above_one_where_ours_is_better(
    measure: Measure, ours: float, theirs: float, times: float
) -> None:
    assert measure.lead(ours, theirs) == times


@pytest.mark.parametrize(
    ("better", "goal", "value", "holds"),
    [
        pytest.param("more", 10.0, 10.0, True, id="rate-at-the-goal"),
        pytest.param("more", 10.0, 9.9, False, id="rate-below"),
        pytest.param("less", 10.0, 10.0, True, id="time-at-the-goal"),
        pytest.param("less", 10.0, 10.1, False, id="time-above"),
        pytest.param("less", None, 10.1, None, id="nothing-promised"),
    ],
)
def test_goal_holds_up_to_and_with_its_own_value(
    better: str, goal: float | None, value: float, holds: bool | None
) -> None:
    assert Measure("m", "m", "", "more" if better == "more" else "less", goal).holds(value) is holds


def taken(figures: dict[str, list[float]]) -> Results:
    """Results in which each of these contenders has cast at these rates."""
    contenders = [Contender(name, "asyncio", is_yardstick=name == "bare") for name in figures]
    results = Results(contenders)
    for contender in contenders:
        for rate in figures[contender.name]:
            results.add(contender, BY_NAME["cast"], Outcome({"cast": rate}, "1.0"))
    return results


def test_figure_is_the_median_of_the_repetitions() -> None:
    results = taken({OURS: [1.0, 100.0, 3.0]})
    assert results.value(results.ours, CAST) == 3.0


def test_yardstick_is_never_the_best_peer() -> None:
    results = taken({OURS: [5.0], "bare": [9.0], "slow": [1.0], "quick": [2.0]})
    best = results.best_peer(CAST)
    assert best is not None
    assert (best[0].name, best[1]) == ("quick", 2.0)


def test_share_of_many_producers_is_taken_from_both_rates() -> None:
    results = taken({OURS: [200.0]})
    assert results.value(results.ours, FAN_IN_SHARE) is None
    results.add(results.ours, BY_NAME["fan_in"], Outcome({FAN_IN.name: 150.0}, "1.0"))
    assert results.value(results.ours, FAN_IN_SHARE) == 75.0


def test_contender_that_failed_or_cannot_is_not_asked_again() -> None:
    results = taken({OURS: [1.0]})
    results.add(results.ours, BY_NAME["call"], Outcome({}, problem="exit code 1"))
    results.add(results.ours, BY_NAME["task"], Outcome({}, "1.0"))
    wanted = {name for name, scenario in BY_NAME.items() if results.wants(results.ours, scenario)}
    assert wanted == BY_NAME.keys() - {"call", "task"}
    assert results.remarks == [f"{OURS} left out of call: exit code 1"]


def test_tables_show_goal_value_and_who_is_ahead() -> None:
    results = taken({OURS: [3_000_000.0], "peer": [1_000_000.0]})
    assert goals(results).rows == (
        (CAST.what, "2,500,000/s", "3,000,000/s", "yes", "peer, 1,000,000/s", "3.0 ×"),
    )
    assert everybody(results).rows == (("cast, /s", "3,000,000", "1,000,000"),)


def test_section_of_the_results_stands_between_its_marks() -> None:
    text = section(taken({OURS: [3_000_000.0]}), repeats=5)
    assert text.startswith(BEGIN)
    assert text.endswith(END)
    assert "| casts to a plain handler | 2,500,000/s | 3,000,000/s | yes |" in text


@pytest.mark.parametrize(
    ("page", "after"),
    [
        pytest.param("# Results\n\nOthers.\n", "\n", id="first-time"),
        pytest.param(f"# Results\n\nOthers.\n\n{BEGIN}\nold\n{END}\n\nMore.\n", "\n\nMore.\n", id="again"),
    ],
)
def test_section_takes_the_place_of_the_one_before(
    page: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "RESULTS", tmp_path / "RESULTS.md")
    showing.RESULTS.write_text(page, encoding="utf-8")
    results = taken({OURS: [3_000_000.0]})
    write(results, 5)
    written = showing.RESULTS.read_text(encoding="utf-8")
    assert written == f"# Results\n\nOthers.\n\n{section(results, 5)}{after}"


def test_every_scenario_is_described() -> None:
    """A name that nobody explains is a figure that nobody can read."""
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert [name for name in (*BY_NAME, FAN_IN_SHARE.name) if f"| `{name}` |" not in text] == []


def test_names_of_measures_are_unique() -> None:
    assert len({one.name for one in MEASURES}) == len(MEASURES)
