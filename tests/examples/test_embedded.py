"""The example of an embedded monitor does what it says."""

import subprocess
import sys

import pytest

from examples.embedded import watch
from tests.examples.pages import ROOT

pytestmark = pytest.mark.realtime("the monitor has a thread of its own")


def test_every_prediction_is_in_the_budget() -> None:
    row = watch([4.0] * 199 + [-1.0])
    assert (row["good_events"], row["total_events"]) == (199, 200)
    assert row["budget_left"] == pytest.approx(0.5)
    assert row["verdict"] == "met"


def test_program_prints_the_budget() -> None:
    program = ROOT / "examples" / "embedded.py"
    ran = subprocess.run(
        [sys.executable, "-W", "error", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("the caller sees it too") == 4
    assert ran.stdout.endswith("996 of 1000 predictions were good\nerror budget left: 60%; met\n")
    assert not ran.stderr
