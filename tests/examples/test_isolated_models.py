"""The example of models in processes does what it says."""

import subprocess
import sys

import pytest

from tests.examples.pages import ROOT

SAYS = """\
predictions: [1.5, 2.5]
a segmentation fault: ProcessSignalledError: process of 'left' was ended by SIGSEGV
predictions: [1.5, 2.5]
a hang: ProcessHungError: process of 'left' gave no sign of life for 2.0 s and was killed
predictions: [1.5, 2.5]
kill -9 from outside: ProcessSignalledError: process of 'left' was ended by SIGKILL
predictions: [1.5, 2.5]
restarts: {'left': 3, 'right': 0, 'front': 0}
the right one never noticed: True
"""


@pytest.mark.realtime("a program with processes of its own")
@pytest.mark.conformance("F16")
def test_model_that_crashes_its_interpreter_is_restarted_while_the_rest_serves_on() -> None:
    program = ROOT / "examples" / "isolated_models.py"
    ran = subprocess.run(
        [sys.executable, program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=50
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout == SAYS
    assert "Fatal Python error: Segmentation fault" in ran.stderr
    assert "in handle_call" in ran.stderr
