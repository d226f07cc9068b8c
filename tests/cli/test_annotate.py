"""`slokeeper annotate`, which tells a node what happened."""

import pytest
from pytest_httpserver import HTTPServer

from tests.cli.calls import answer, call

pytestmark = pytest.mark.realtime("a server of its own")

PATH = "/api/v1/annotations"
ROW = {
    "at": "2026-12-01T02:00:00.000Z",
    "kind": "deploy",
    "text": "deploy 2.1.0",
    "labels": {"model": "fraud"},
}


def test_it_tells_the_node(httpserver: HTTPServer) -> None:
    posted = {"text": "deploy 2.1.0", "kind": "deploy", "labels": {"model": "fraud", "note": "a=b"}}
    httpserver.expect_request(PATH, method="POST", json=posted).respond_with_json(ROW, status=201)
    arguments = ["--kind", "deploy", "--label", "model=fraud", "--label", "note=a=b"]
    result = call("annotate", "deploy 2.1.0", *arguments, "--url", httpserver.url_for(""))
    assert (result.exit_code, result.stdout) == (
        0,
        "2026-12-01T02:00:00.000Z  deploy    deploy 2.1.0  (model=fraud)\n",
    )


def test_time_is_passed_on_with_its_offset(httpserver: HTTPServer) -> None:
    posted = {"text": "outage", "kind": "note", "labels": {}, "at": "2026-12-01T02:00:00+01:00"}
    httpserver.expect_request(PATH, method="POST", json=posted).respond_with_json(ROW, status=201)
    url = httpserver.url_for("")
    assert call("annotate", "outage", "--at", "2026-12-01T02:00:00+01:00", "--url", url).exit_code == 0


def test_without_a_text_it_shows_what_was_noted(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH, method="GET").respond_with_json({"annotations": [ROW]})
    assert answer(call("annotate", "--json", "--url", httpserver.url_for(""))) == {"annotations": [ROW]}


def test_refusal_of_the_node_is_shown(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_json({"error": "kind must be a word"}, status=400)
    result = call("annotate", "x", "--kind", "A b", "--url", httpserver.url_for(""))
    assert (result.exit_code, "kind must be a word" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--label", "fraud"], "--label must be like model=fraud, got 'fraud'", id="label"),
        pytest.param(["--at", "2 o'clock"], "--at must be a time with an offset", id="time"),
        pytest.param(["--at", "2026-12-01T02:00:00"], "--at must be a time with an offset", id="no-offset"),
    ],
)
def test_bad_options_are_refused_before_anybody_is_asked(arguments: list[str], says: str) -> None:
    result = call("annotate", "x", *arguments, "--url", "http://127.0.0.1:9")
    assert (result.exit_code, says in result.stderr) == (2, True)
