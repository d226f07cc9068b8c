"""`slokeeper gate` and `slokeeper budget`, which ask a node for what is left."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.calls import answer, call

if TYPE_CHECKING:
    from click.testing import Result
    from pytest_httpserver import HTTPServer

pytestmark = pytest.mark.realtime("a server of its own")


def slo(
    name: str, version: str, left: float | None, *, good: int = 99_990, burn: float | None = 0.5
) -> dict[str, Any]:
    return {
        "name": name,
        "sli": "availability",
        "objective": 0.999,
        "window": "30d",
        "group": {"version": version},
        "good_events": good,
        "total_events": 100_000 if left is not None else 0,
        "burn_rates": {"5m": None, "1h": burn},
        "budget_left": left,
        "budget_minutes_left": None if left is None else left * 43.2,
        "coverage": {"1h": 0.75, "3d": 1.0},
        "verdict": "met",
        "of_a_later_version": 1,
    }


RUN = {
    "id": "r",
    "action": "freeze",
    "slo": "checkout",
    "group": {"version": "[v1]"},
    "at": "2026-11-24T12:00:00.000Z",
    "state": "failed",
    "attempts": 2,
    "ended_at": None,
    "answer": "answered 404",
    "budget_left": -0.5,
    "why": "spent",
    "of_a_later_version": 1,
}
SLOS = [
    slo("fraud", "1", 0.9),
    slo("fraud", "2", 0.1, burn=20.0),
    slo("checkout", "1", -0.5, good=99_850),
    slo("quiet", "1", None, good=0, burn=None),
]


@pytest.fixture
def node(httpserver: "HTTPServer") -> "HTTPServer":
    httpserver.expect_request("/api/v1/slos").respond_with_json({"slos": SLOS})
    httpserver.expect_request("/api/v1/actions").respond_with_json({"actions": [RUN]})
    return httpserver


def gate(node: "HTTPServer", *arguments: object) -> "Result":
    return call("gate", *arguments, "--url", node.url_for(""))


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param("--slo fraud --min-budget 0.1", 0, "passes  fraud version=2: 10%", id="exactly-enough"),
        pytest.param("--slo fraud --min-budget 10%", 0, "passes  fraud version=1: 90%", id="as-percent"),
        pytest.param(
            "--slo fraud --min-budget 0.2",
            1,
            "fails  fraud version=2: 10% of the budget is left, 20% is needed",
            id="one-group-short",
        ),
        pytest.param("--slo fraud --min-budget 0.2 --group version=1", 0, "version=1", id="of-one-group"),
        pytest.param("--slo checkout", 1, "fails  checkout version=1: -50% of the budget", id="overspent"),
        pytest.param("--slo fraud --slo checkout", 1, "fails  checkout", id="several"),
        pytest.param(
            "--slo fraud --max-burn 1",
            1,
            "fails  fraud version=2: burns 20 times too fast over 1h, at most 1 is allowed",
            id="burns",
        ),
        pytest.param("--slo fraud --max-burn 1 --window 5m", 3, "nothing was measured over 5m", id="silent"),
        pytest.param("--slo quiet", 3, "unknown  quiet version=1: nothing was measured", id="unmeasured"),
        pytest.param("--slo quiet --unmeasured pass", 0, "passes  quiet", id="unmeasured-passes"),
        pytest.param("--slo quiet --unmeasured fail", 1, "fails  quiet", id="unmeasured-fails"),
        pytest.param("--slo quiet --slo checkout", 1, "unknown  quiet", id="a-no-counts-more"),
    ],
)
def test_the_exit_code_is_the_answer(node: "HTTPServer", arguments: str, code: int, says: str) -> None:
    result = gate(node, *arguments.split())
    assert (result.exit_code, says in result.stdout) == (code, True), result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param("--slo fraudd", 3, "no objective 'fraudd' (did you mean 'fraud'?)", id="no-such-slo"),
        pytest.param(
            "--slo fraud --group version=3",
            3,
            "objective 'fraud' has no group version=3; there are: version=1; version=2",
            id="no-such-group",
        ),
        pytest.param(
            "--slo fraud --max-burn 1 --window 1hour",
            3,
            "objective 'fraud' has no burn rate over '1hour' (known: 5m, 1h)",
            id="no-such-window",
        ),
        pytest.param(
            "--slo fraud --min-budget 10",
            2,
            "--min-budget must lie from 0 to 1, got 10.0 (percent? write 0.1)",
            id="percent",
        ),
        pytest.param("--slo fraud --min-budget much", 2, "--min-budget must be a share", id="no-share"),
        pytest.param(
            "--slo fraud --group 2.1.0", 2, "--group must be NAME=VALUE such as version=2.1.0", id="no-label"
        ),
    ],
)
def test_a_question_without_an_answer_is_no_pass(
    node: "HTTPServer", arguments: str, code: int, says: str
) -> None:
    result = gate(node, *arguments.split())
    assert (result.exit_code, says in result.stderr) == (code, True), result.stderr


def test_a_node_that_does_not_answer_cannot_be_told_from_no_budget() -> None:
    """A release must not slip through because the node is down; the pipeline sees that it was that."""
    result = call("gate", "--slo", "fraud", "--url", "http://127.0.0.1:9", "--json")
    assert result.exit_code == 3
    assert "no node answers at 127.0.0.1:9" in result.stderr
    told = answer(result)
    assert told["passes"] is None
    assert str(told["why"]).startswith("no node answers")


def test_gate_as_json_has_every_group(node: "HTTPServer") -> None:
    told: Any = answer(gate(node, "--slo", "fraud", "--min-budget", "0.2", "--json"))
    assert told["passes"] is False
    assert [(one["group"], one["passes"], one["budget_left"]) for one in told["groups"]] == [
        ({"version": "1"}, True, 0.9),
        ({"version": "2"}, False, 0.1),
    ]


def test_budget_shows_events_time_and_what_is_overspent(node: "HTTPServer") -> None:
    result = call("budget", "--url", node.url_for(""))
    assert result.exit_code == 0
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.stdout.splitlines()]
    assert [row for row in rows if row and row[0] == "checkout"] == [
        [
            "checkout",
            "version=1",
            "availability 99.9% of 30d",
            "100",
            "150",
            "-50",
            "-50.0%",
            "-21m36s",
            "-",
            "0.50",
            "75% of 1h",
            "met",
        ]
    ]
    assert [row[3:8] for row in rows if row and row[0] == "quiet"] == [["-", "-", "-", "-", "-"]]


def test_budget_has_a_column_for_the_end_once_it_is_told(httpserver: "HTTPServer") -> None:
    told = SLOS[0] | {"exhausted_in_seconds": 7200.0}
    httpserver.expect_request("/api/v1/slos").respond_with_json({"slos": [told, SLOS[2]]})
    shown = call("budget", "--url", httpserver.url_for("")).stdout
    assert "2h" in shown


def test_budget_as_json_is_what_the_node_tells_of_the_objective(node: "HTTPServer") -> None:
    """Also what this version does not know."""
    told = answer(call("budget", "--slo", "fraud", "--url", node.url_for(""), "--json"))
    assert told == {"slos": SLOS[:2]}


def test_budget_of_an_unknown_objective_is_refused(node: "HTTPServer") -> None:
    result = call("budget", "--slo", "frud", "--url", node.url_for(""))
    assert result.exit_code == 2
    assert "no objective 'frud' (did you mean 'fraud'?)" in result.stderr


def test_budget_shows_what_was_done_about_it(node: "HTTPServer") -> None:
    shown = call("budget", "--actions", "--url", node.url_for("")).stdout
    row = next(line for line in shown.splitlines() if "freeze" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "2026-11-24T12:00:00.000Z",
        "freeze",
        "checkout",
        "version=[v1]",
        "failed",
        "2",
        "answered 404",
    ]


@pytest.mark.parametrize(("slo", "runs"), [("checkout", [RUN]), ("fraud", [])])
def test_runs_are_those_of_the_objective_that_is_asked_for(
    node: "HTTPServer", slo: str, runs: list[dict[str, Any]]
) -> None:
    told = answer(call("budget", "--slo", slo, "--actions", "--url", node.url_for(""), "--json"))
    assert told["actions"] == runs
