"""`slokeeper status` and `slokeeper tree`, which ask a node."""

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from actors.cli.options import url_of_listen
from actors.cli.refusals import BadUseError
from tests.cli.calls import answer, call

pytestmark = pytest.mark.realtime("a server of its own")

SLO = {
    "name": "fraud",
    "sli": "availability",
    "objective": 0.999,
    "window": "30d",
    "group": {"version": "[v1]"},
    "good_events": 99_990,
    "total_events": 100_000,
    "burn_rates": {"5m": None, "1h": 0.1},
    "budget_left": 0.9,
    "budget_minutes_left": 38.9,
    "p99_seconds": 0.042,
    "rules": [],
    "verdict": "met",
    "of_a_later_version": 1,
}
ALERT = {
    "labels": {"slo": "fraud"},
    "annotations": {},
    "state": "firing",
    "fired_at": "2026-11-24T12:00:00Z",
    "resolved_at": None,
    "dedup_key": "k",
}


def actor(
    name: str, state: str, restarts: int, mailbox: int, *children: dict[str, object]
) -> dict[str, object]:
    kind, pid = "supervisor" if children else "worker", 1 if state == "running" else None
    told = {"id": name, "path": name, "kind": kind, "state": state, "pid": pid}
    return {**told, "restarts": restarts, "mailbox": mailbox, "children": list(children)}


ROOT = actor("root", "running", 0, 0, actor("recorder", "restarting", 2, 7))


@pytest.fixture
def node(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/health/ready").respond_with_json({"status": "ready"})
    httpserver.expect_request("/api/v1/slos").respond_with_json({"slos": [SLO]})
    httpserver.expect_request("/api/v1/alerts").respond_with_json({"alerts": [ALERT]})
    httpserver.expect_request("/api/v1/tree").respond_with_json({"tree": ROOT})
    return httpserver


def test_status_shows_objectives_and_alerts(node: HTTPServer) -> None:
    result = call("status", "--url", node.url_for("/"))
    assert result.exit_code == 0
    for said in (
        "ready",
        "fraud",
        "version=[v1]",
        "99.9% of 30d",
        "99,990 / 100,000",
        "0.10",
        "90.0%",
        "42 ms",
        "met",
        "firing",
    ):
        assert said in result.stdout


def test_status_as_json_is_all_that_the_node_tells(node: HTTPServer) -> None:
    """Also what this version does not know."""
    told = answer(call("status", "--url", node.url_for(""), "--json"))
    assert told == {"ready": True, "slos": [SLO], "alerts": [ALERT]}


def test_status_of_a_node_that_is_not_ready_is_shown_and_ends_with_1(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/health/ready").respond_with_json({"status": "not_ready"}, status=503)
    httpserver.expect_request("/api/v1/slos").respond_with_json({"slos": []})
    httpserver.expect_request("/api/v1/alerts").respond_with_json({"alerts": []})
    result = call("status", "--url", httpserver.url_for(""))
    assert result.exit_code == 1
    assert "not ready" in result.stdout


def test_tree_shows_each_actor_with_what_is_remarkable(node: HTTPServer) -> None:
    result = call("tree", "--url", node.url_for(""))
    assert result.exit_code == 0
    assert result.stdout == "root  running\n└── recorder  restarting  2 restarts  7 waiting\n"


def test_tree_as_json_is_the_tree(node: HTTPServer) -> None:
    assert answer(call("tree", "--url", node.url_for(""), "--json")) == ROOT


def test_the_address_is_that_of_the_configuration(node: HTTPServer, tmp_path: Path) -> None:
    """Whoever asks needs no secret of the node's receivers."""
    receiver = '[[receiver]]\nname = "a"\ntype = "slack"\nwebhook_url_env = "UNSET"'
    (tmp_path / "config.toml").write_text(f'[node]\nlisten = "127.0.0.1:{node.port}"\n{receiver}')
    assert call("tree", "--config", tmp_path / "config.toml").exit_code == 0


@pytest.mark.parametrize("command", ["status", "tree"])
def test_nobody_there_is_said_and_ends_with_1(command: str) -> None:
    result = call(command, "--url", "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert result.stderr == (
        "slokeeper: no node answers at 127.0.0.1:9 (Connection refused); "
        "is it running? slokeeper run starts one\n"
    )


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        pytest.param("<html>", 200, "is no node of ours", id="no-json"),
        pytest.param(json.dumps({"tree": {"id": 1}}), 200, "is no node of ours", id="other-json"),
        pytest.param("{}", 404, "answers 404 to /api/v1/tree", id="not-found"),
        pytest.param("{}", 500, "answers 500 to /api/v1/tree; its log may say why", id="error"),
    ],
)
def test_what_is_no_node_is_said_and_ends_with_1(
    httpserver: HTTPServer, body: str, status: int, says: str
) -> None:
    httpserver.expect_request("/api/v1/tree").respond_with_data(body, status)
    result = call("tree", "--url", httpserver.url_for(""))
    assert result.exit_code == 1
    assert says in result.stderr


@pytest.mark.parametrize("url", ["", "127.0.0.1:8080", "ftp://a", "http://", "http://[", "http://a:99999"])
def test_an_address_that_is_none_ends_with_2_unrepeated(url: str) -> None:
    result = call("status", "--url", url)
    assert result.exit_code == 2
    assert result.stderr == "slokeeper: --url must be an address such as http://127.0.0.1:8080\n"


def test_a_password_in_the_address_is_not_repeated() -> None:
    assert "hunter4" not in call("tree", "--url", "http://me:hunter4@127.0.0.1:9").output


def test_without_a_configuration_the_way_out_is_told(tmp_path: Path) -> None:
    result = call("status", "--config", tmp_path / "none.toml")
    assert result.exit_code == 2
    assert "give --url, or --config" in result.stderr


@pytest.mark.parametrize("listen", ["", "127.0.0.1:0"])
def test_a_node_whose_address_nobody_knows_is_refused(listen: str) -> None:
    with pytest.raises(BadUseError, match="tells no address to ask"):
        url_of_listen(listen)
