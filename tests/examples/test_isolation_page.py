"""Every program of docs/isolation.md prints what the page says; run as files, since they start processes."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.examples.pages import ROOT, Program, programs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("program", [*programs("docs/isolation.md")], ids=lambda one: one.name)
def test_program_prints_what_the_page_says(program: Program, tmp_path: "Path") -> None:
    (tmp_path / "program.py").write_text(program.text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-W", "error", tmp_path / "program.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == program.prints
