"""`slokeeper run` with what it cannot run with; the rest is in tests/real."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calls import call

realtime = pytest.mark.realtime("a process of its own")


def run(folder: Path, text: str) -> "subprocess.CompletedProcess[str]":
    (folder / "config.toml").write_text(text)
    command = [sys.executable, "-m", "actors.cli", "run", "--config", "config.toml"]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=50
    )


def test_a_configuration_that_cannot_be_used_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("a = 1\nb = 2\n")
    result = call("run", "--config", tmp_path / "config.toml")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 2


def test_no_configuration_ends_with_2(tmp_path: Path) -> None:
    result = call("run", "--config", tmp_path / "none.toml")
    assert result.exit_code == 2
    assert "none.toml: cannot be read: No such file or directory" in result.stderr


@realtime
def test_a_port_that_is_taken_is_told_without_a_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = run(tmp_path, f'[node]\nlisten = "127.0.0.1:{port}"\ndata_dir = ""\n')
    assert found.returncode == 2
    assert f"slokeeper: node.listen: cannot listen on '127.0.0.1:{port}': the port is in use" in found.stderr
    assert "Traceback" not in found.stderr


@realtime
def test_a_function_that_is_not_there_is_told_without_a_traceback(tmp_path: Path) -> None:
    """At the start, and not when a budget is spent."""
    action = '[[action]]\nname = "freeze"\non = "exhausted"\npython = "no_such:thing"\n'
    found = run(tmp_path, f'[node]\nlisten = "127.0.0.1:0"\ndata_dir = ""\n{action}')
    assert found.returncode == 2
    assert "slokeeper: action.freeze.python must lead to a function, got 'no_such:thing'" in found.stderr
    assert "Traceback" not in found.stderr


@realtime
def test_a_data_directory_that_is_none_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    found = run(tmp_path, '[node]\nlisten = "127.0.0.1:0"\ndata_dir = "taken"\n')
    assert found.returncode == 2
    assert "node.data_dir" in found.stderr
    assert "Traceback" not in found.stderr
