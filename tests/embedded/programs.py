"""Small programs, run as processes of their own."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def output_of(program: str, *arguments: object) -> str:
    """What a program prints; it must end well, and complain of nothing."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", dedent(program), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
