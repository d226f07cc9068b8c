"""`opentelemetry-instrument python examples/instrumented.py`: one line at the model, counted by a node."""

import shutil
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.processes import ROOT, need, node, program, worker_config

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = [
    pytest.mark.real,
    pytest.mark.realtime("other programs, their sockets and signals"),
    pytest.mark.timeout(180),
]
# The program's own exporters would look for a collector of their own.
QUIET = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}


def command(*arguments: str) -> tuple[str, ...]:
    need("opentelemetry.instrumentation.auto_instrumentation")
    program = shutil.which("opentelemetry-instrument", path=sysconfig.get_path("scripts"))
    assert program is not None
    return (program, sys.executable, "examples/instrumented.py", *arguments)


def with_entry_point(folder: Path) -> "Mapping[str, str]":
    """An environment in which the package is installed as `pyproject.toml` says today."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    written = folder / "site" / "slokeeper-0.dist-info"
    written.mkdir(parents=True)
    (written / "METADATA").write_text("Metadata-Version: 2.1\nName: slokeeper\nVersion: 0\n")
    lines = [
        f"{name} = {place}" for name, place in project["entry-points"]["opentelemetry_instrumentor"].items()
    ]
    (written / "entry_points.txt").write_text("\n".join(["[opentelemetry_instrumentor]", *lines, ""]))
    return {**QUIET, "PYTHONPATH": f"{written.parent}:{ROOT}"}


async def test_predictions_of_an_instrumented_program_reach_the_node(tmp_path: Path) -> None:
    async with node(tmp_path) as counting:
        environ = {
            **with_entry_point(tmp_path),
            "SLOKEEPER_CONFIG": worker_config(tmp_path, counting, push_every="60s"),
        }
        async with program(tmp_path / "said.log", *command("1", "4", "9", "-1"), environ=environ) as running:
            assert await running.process.wait() == 0, running.said.read_text()
        said = running.said.read_text()
        assert "9: 3.0\n-1: math domain error\n" in said
        await counting.until_requests("roots", 4)
        assert (await counting.counts("roots"))["model_errors_total"] == 1
