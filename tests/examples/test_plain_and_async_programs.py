"""A program of threads and one with a loop of its own: each counts all that it predicts."""

import subprocess
import sys

import pytest

from tests.examples.pages import ROOT

pytestmark = pytest.mark.realtime("programs of their own")


def printed_by(name: str) -> list[str]:
    """The lines that an example prints; it must end well, and complain of nothing."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", f"examples/{name}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not ran.stderr
    return ran.stdout.splitlines()


def test_every_prediction_of_eight_threads_is_counted() -> None:
    lines = printed_by("plain_program.py")
    assert 'model_requests_total{model="halves",version="1.0"} 8000.0' in lines
    assert 'model_errors_total{model="halves",version="1.0"} 4000.0' in lines


def test_every_prediction_of_two_hundred_tasks_is_counted_and_the_cancelled_one_is_not() -> None:
    lines = printed_by("async_program.py")
    assert "20 failed, 1 cancelled" in lines
    assert 'model_requests_total{model="echo",version="1.0"} 199.0' in lines
    assert 'model_errors_total{model="echo",version="1.0"} 20.0' in lines
