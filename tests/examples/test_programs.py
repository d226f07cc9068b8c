"""Every program on a page of docs/ prints what the page says that it prints, and every test there passes."""

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from supervisor import telemetry
from supervisor.testing import VirtualTimeLoop
from tests.examples.pages import ROOT, Program, programs

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

ELSEWHERE = {"isolation.md"}  # its programs start processes, so they are run as files
PAGES = sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md") if page.name not in ELSEWHERE)
ALL = [program for page in PAGES for program in programs(page)]
PROGRAMS = [one for one in ALL if not one.is_test]
TESTS = [one for one in ALL if one.is_test]


def on_virtual_time(main: "Coroutine[object, object, None]") -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.name)
def test_program_prints_what_the_page_says(
    program: Program, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "run", on_virtual_time)
    exec(compile(program.text, program.name, "exec"), {"__name__": "__main__"})  # noqa: S102  our own page
    assert program.prints is not None
    assert capsys.readouterr().out == program.prints
    assert not telemetry.list_handlers()


@pytest.mark.parametrize("program", TESTS, ids=lambda one: one.name)
def test_test_on_the_page_passes(program: Program, tmp_path: "Path") -> None:
    (tmp_path / "test_page.py").write_text(program.text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "asyncio_mode=auto",
        str(tmp_path),
    ]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=50)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{program.text.count('def test_')} passed" in ran.stdout


@pytest.mark.parametrize("page", ["actors", "runtime", "telemetry", "testing", "tutorial"])
def test_page_has_programs(page: str) -> None:
    assert any(program.name.startswith(f"docs/{page}.md") for program in ALL)
