"""The monitor of a process: one, whoever asks, as the named file says; and one in each of its children."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

import actors
from actors.config import ConfigError
from actors.embedded import process
from tests.examples.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.realtime("a thread of its own, with its own loop")
QUIET = '[node]\nname = "quiet"\nlisten = ""\ndata_dir = ""\n'


@pytest.fixture
def config(tmp_path: "Path", monkeypatch: pytest.MonkeyPatch) -> "Path":
    """The file that the environment names."""
    path = tmp_path / "worker.toml"
    path.write_text(QUIET)
    monkeypatch.setenv(process.CONFIG, str(path))
    return path


@pytest.fixture(autouse=True)
def _stopped(monkeypatch: pytest.MonkeyPatch) -> "Iterator[None]":
    monkeypatch.setattr(process._HELD, "monitor", None)
    yield
    if process._HELD.monitor is not None:
        process._HELD.monitor.stop()


@pytest.mark.usefixtures("config")
def test_all_threads_that_ask_at_once_get_one_that_runs() -> None:
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: actors.process_monitor(), range(32)))
    (monitor,) = found
    assert monitor.is_running
    assert monitor.application.settings.node.name == "quiet"


@pytest.mark.usefixtures("config")
def test_model_is_one_of_its_models() -> None:
    digits = actors.model("digits", version="1", tenant="a")
    assert digits is actors.process_monitor().model("digits", version="1", tenant="a")


def test_file_with_a_problem_is_refused_where_the_model_is(config: "Path") -> None:
    config.write_text("[node]\nlisten = 5\n")
    with pytest.raises(ConfigError, match=r"node\.listen"):
        actors.model("digits")


def test_file_that_was_mended_is_taken(config: "Path") -> None:
    config.write_text("[node]\nlisten = 5\n")
    with pytest.raises(ConfigError):
        actors.process_monitor()
    config.write_text(QUIET)
    assert actors.process_monitor().is_running


def test_without_a_file_predictions_are_counted_here_and_a_warning_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(process.CONFIG, raising=False)
    with capture_logs() as logged:
        digits = actors.model("digits")
        actors.model("digits")
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == [
        "predictions are told to nobody"
    ]
    with digits.span():
        pass


FORKS = """\
import os
import actors

digits = actors.model("digits")
parent = actors.process_monitor()
assert parent.is_running
if (child := os.fork()) == 0:
    same = actors.process_monitor()
    os._exit(0 if same is parent and same.is_running and actors.model("digits") is digits else 1)
_, status = os.waitpid(child, 0)
assert parent.is_running
print("child ended with", os.waitstatus_to_exitcode(status))
"""


def test_forked_child_has_it_too_with_the_same_handles(config: "Path") -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKS],
        env={**os.environ, "PYTHONPATH": str(ROOT), process.CONFIG: str(config)},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert ran.stdout == "child ended with 0\n", ran.stderr
