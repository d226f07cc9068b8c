"""`slokeeper doctor`."""

import importlib.metadata
import socket
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from actors.cli.environment import check_clocks, check_packages, check_python, check_supervisord
from actors.cli.places import check_config, check_data_dir, check_listen
from tests.cli.calls import answer, call

realtime = pytest.mark.realtime("sockets of its own")


class Clock:
    """A wall clock and a monotonic one that move as they are told to."""

    def __init__(self, start: float, wall_speed: float) -> None:
        self.wall, self.steady, self._wall_speed = start, 100.0, wall_speed

    def wait(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds * self._wall_speed


@pytest.mark.parametrize(
    ("start", "wall_speed", "verdict"),
    [
        pytest.param(1.8e9, 1.0, "good", id="together"),
        pytest.param(1.8e9, 1.1, "good", id="slewed"),
        pytest.param(1.8e9, 2.0, "odd", id="jumps-ahead"),
        pytest.param(1.8e9, -5.0, "odd", id="goes-back"),
        pytest.param(0.0, 1.0, "bad", id="never-set"),
    ],
)
def test_clocks_are_held_against_each_other(start: float, wall_speed: float, verdict: str) -> None:
    clock = Clock(start, wall_speed)
    assert check_clocks(lambda: clock.wall, lambda: clock.steady, clock.wait).verdict == verdict


def test_this_python_and_its_packages_are_good() -> None:
    found = {finding.what: finding for finding in (check_python(), *check_packages())}
    assert {finding.verdict for finding in found.values()} == {"good"}
    assert {"python", "sqlite", "slokeeper", "numpy", "uvicorn"} <= set(found)
    assert not {"pytest", "scikit-learn"} & set(found)  # of the extras


def test_a_package_that_is_missing_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        importlib.metadata, "requires", lambda _: ["no-such-package>=1", 'other; extra == "x"']
    )
    told = [finding for finding in check_packages() if finding.verdict == "bad"]
    assert [finding.what for finding in told] == ["no-such-package"]


def test_supervisord_beside_us_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_supervisord().verdict == "good"
    monkeypatch.setattr(importlib.metadata, "version", lambda name: {"supervisor": "4.3.0"}[name])
    finding = check_supervisord()
    assert finding.verdict == "bad"
    assert "supervisor 4.3.0" in finding.found


def test_a_folder_that_can_be_made_is_good_and_not_made(tmp_path: Path) -> None:
    finding = check_data_dir(str(tmp_path / "a" / "b"))
    assert finding.verdict == "good"
    assert finding.found.endswith("can be made")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_bad(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    assert check_data_dir(str(tmp_path / "a")).verdict == "bad"
    assert check_data_dir(str(tmp_path / "a" / "b")).verdict == "bad"


def test_a_folder_that_cannot_be_written_is_bad() -> None:
    assert check_data_dir("/proc/slokeeper").verdict == "bad"


def test_memory_is_worth_a_word() -> None:
    assert check_data_dir("").verdict == "odd"


@realtime
def test_a_free_port_is_good() -> None:
    assert check_listen("127.0.0.1:0").verdict == "good"


@realtime
def test_a_port_that_somebody_holds_is_bad(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/health/live").respond_with_data("hello")
    finding = check_listen(f"127.0.0.1:{httpserver.port}")
    assert finding.verdict == "bad"
    assert "the port is in use" in finding.found


@realtime
def test_a_port_that_a_node_holds_is_worth_a_word(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/health/live").respond_with_json({"status": "ok"})
    finding = check_listen(f"127.0.0.1:{httpserver.port}")
    assert finding.verdict == "odd"
    assert "a node runs" in finding.found


def test_a_bad_configuration_is_told_and_its_node_looked_at(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('a = 1\n[node]\nlisten = ":7"\n')
    node, finding = check_config(tmp_path / "config.toml")
    assert node.listen == ":7"
    assert finding.verdict == "bad"
    assert "a is no key that is known here" in finding.found


def test_no_configuration_is_worth_a_word(tmp_path: Path) -> None:
    assert check_config(tmp_path / "config.toml")[1].verdict == "odd"


@realtime
@pytest.mark.parametrize(("text", "code"), [("", 0), ("a = 1", 1)], ids=["good", "bad"])
def test_the_exit_code_says_whether_something_is_bad(tmp_path: Path, text: str, code: int) -> None:
    listen = '[node]\nlisten = "127.0.0.1:0"\ndata_dir = ""\n'
    (tmp_path / "config.toml").write_text(f"{text}\n{listen}")
    table = call("doctor", "--config", tmp_path / "config.toml")
    told = answer(call("doctor", "--config", tmp_path / "config.toml", "--json"))
    assert table.exit_code == code
    assert "supervisord" in table.stdout
    assert "findings" in told


@realtime
def test_a_port_held_by_something_silent_is_bad() -> None:
    """It accepts and says nothing; the question is given up after a while."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert check_listen(f"127.0.0.1:{silent.getsockname()[1]}").verdict == "bad"
