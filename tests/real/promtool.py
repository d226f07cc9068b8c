"""Prometheus' programs, as a test calls them."""

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = {"vmalert": "victoria-metrics"}


def installed(program: str) -> str:
    """Path of a program; skips where it is missing, but fails in CI."""
    path = shutil.which(program)
    if path is None:
        reason = (
            f"{program!r} is not on PATH; install Debian's package {PACKAGES.get(program, 'prometheus')!r}"
        )
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def succeeds(directory: "Path", program: str, *arguments: str) -> None:
    """The program has nothing to say against it."""
    done = subprocess.run(
        [installed(program), *arguments], cwd=directory, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
