"""`slokeeper maintenance`, which plans on a running node."""

import pytest
from pytest_httpserver import HTTPServer

from tests.cli.calls import answer, call

pytestmark = pytest.mark.realtime("a server of its own")

PATH = "/api/v1/maintenance"
ROW = {
    "name": "upgrade",
    "source": "added",
    "treat": "good",
    "starts": "2026-12-01T02:00:00.000Z",
    "ends": "2026-12-01T04:00:00.000Z",
    "in_force": True,
    "slos": ["checkout"],
    "match": {"version": "2"},
}


def test_window_is_added(httpserver: HTTPServer) -> None:
    posted = {
        "name": "upgrade",
        "for": "2h",
        "slos": ["checkout"],
        "treat": "good",
        "match": {"version": "2"},
        "starts": "2026-12-01T02:00:00+00:00",
    }
    httpserver.expect_request(PATH, method="POST", json=posted).respond_with_json(ROW, status=201)
    options = ["--for", "2h", "--slo", "checkout", "--match", "version=2", "--treat", "good"]
    starts = ["--starts", "2026-12-01T02:00:00Z", "--url", httpserver.url_for("")]
    result = call("maintenance", "add", "upgrade", *options, *starts)
    assert result.exit_code == 0
    assert all(word in result.stdout for word in ("upgrade", "in force", "checkout version=2", "good"))


def test_windows_are_listed(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_json({"maintenance": [ROW]})
    result = call("maintenance", "list", "--json", "--url", httpserver.url_for(""))
    assert answer(result) == {"maintenance": [ROW]}


def test_window_is_ended(httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"{PATH}/a b", method="DELETE").respond_with_json({"maintenance": []})
    result = call("maintenance", "end", "a b", "--url", httpserver.url_for(""))
    assert (result.exit_code, result.stdout) == (0, "no maintenance is planned\n")


def test_window_that_is_not_there_is_not_ended(httpserver: HTTPServer) -> None:
    httpserver.expect_request(f"{PATH}/x", method="DELETE").respond_with_json({"error": "no"}, status=404)
    result = call("maintenance", "end", "x", "--url", httpserver.url_for(""))
    assert (result.exit_code, "no window 'x' was added" in result.stderr) == (1, True)


@pytest.mark.parametrize("option", [["--match", "version"], ["--starts", "tomorrow"]])
def test_bad_options_are_refused_before_anybody_is_asked(option: list[str]) -> None:
    result = call("maintenance", "add", "x", "--for", "2h", *option, "--url", "http://127.0.0.1:9")
    assert (result.exit_code, option[1] in result.stderr) == (2, True)
