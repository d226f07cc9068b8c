"""What `opentelemetry-instrument` starts of ours, and when it leaves us out."""

import sys
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from actors.config import ConfigError
from actors.embedded import process
from tests.real.processes import need

need("opentelemetry.instrumentation")

from actors.embedded import instrumentor  # noqa: E402  not where it is not installed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> "Iterator[list[str]]":
    """A line for each time that the monitor was asked for."""
    asked: list[str] = []
    monkeypatch.setattr(instrumentor, "process_monitor", lambda: asked.append("monitor"))
    monkeypatch.setenv(process.CONFIG, "worker.toml")
    yield asked
    instrumentor.SlokeeperInstrumentor._instance = None  # it is one for the process


def test_monitor_is_started_before_the_program(started: list[str]) -> None:
    instrumentor.SlokeeperInstrumentor().instrument(skip_dep_check=True)
    assert started == ["monitor"]


def test_nothing_is_started_where_no_file_is_named(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(process.CONFIG)
    instrumentor.SlokeeperInstrumentor().instrument(skip_dep_check=True)
    assert started == []


@pytest.mark.parametrize("helper", ["resource_tracker", "forkserver"])
def test_pythons_own_helpers_have_none(
    started: list[str], monkeypatch: pytest.MonkeyPatch, helper: str
) -> None:
    monkeypatch.setattr(
        sys, "orig_argv", ["python", "-c", f"from multiprocessing.{helper} import main; main(5)"]
    )
    instrumentor.SlokeeperInstrumentor().instrument(skip_dep_check=True)
    assert started == []


def test_monitor_that_does_not_start_is_logged_and_keeps_nothing_else_from_loading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise ConfigError(["worker.toml: cannot be read"])

    monkeypatch.setattr(instrumentor, "process_monitor", refuse)
    with capture_logs() as logged:
        instrumentor.SlokeeperInstrumentor().instrument(skip_dep_check=True)
    assert [(line["event"], line["why"]) for line in logged] == [
        ("monitor did not start", "worker.toml: cannot be read")
    ]
