"""`slokeeper explain`, which asks a node."""

from typing import TYPE_CHECKING

import pytest

from tests.cli.calls import answer, call
from tests.cli.test_gate import SLOS

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

pytestmark = pytest.mark.realtime("a server of its own")


def why(name: str, version: str) -> dict[str, object]:
    group = {"version": version}
    return {"name": name, "group": group, "text": f"{name} {version} is well.", "of_a_later_version": 1}


@pytest.fixture
def node(httpserver: "HTTPServer") -> "HTTPServer":
    httpserver.expect_request("/api/v1/slos").respond_with_json({"slos": SLOS})
    for name, versions in {"fraud": "12", "checkout": "1", "quiet": "1"}.items():
        rows = [why(name, version) for version in versions]
        path = f"/api/v1/slos/{name}/explain"
        httpserver.expect_request(path, query_string={"version": "9"}).respond_with_json({"explanations": []})
        httpserver.expect_request(path, query_string="").respond_with_json({"explanations": rows})
    return httpserver


def test_every_group_of_every_objective_is_told(node: "HTTPServer") -> None:
    result = call("explain", "--url", node.url_for(""))
    assert result.stdout.split("\n\n") == [
        "fraud 1 is well.",
        "fraud 2 is well.",
        "checkout 1 is well.",
        "quiet 1 is well.\n",
    ]


def test_json_is_what_the_node_says_of_the_objective(node: "HTTPServer") -> None:
    result = call("explain", "--url", node.url_for(""), "--slo", "checkout", "--json")
    assert answer(result) == {"explanations": [why("checkout", "1")]}


def test_an_objective_that_is_not_there_is_refused_with_a_guess(node: "HTTPServer") -> None:
    result = call("explain", "--url", node.url_for(""), "--slo", "chekout")
    assert result.exit_code == 2
    assert "the node has judged no objective 'chekout'" in result.stderr
    assert "checkout" in result.stderr


def test_a_group_that_is_not_there_is_refused(node: "HTTPServer") -> None:
    result = call("explain", "--url", node.url_for(""), "--slo", "fraud", "--group", "version=9")
    assert (result.exit_code, result.stderr) == (2, "slokeeper: no group of fraud has version=9\n")
