"""Zeros that take no memory until they are written to."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from actors.recording.mapped import mapped_zeros


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def test_they_are_zeros_of_the_shape_and_type_asked_for() -> None:
    zeros = mapped_zeros(3, 5, np.uint32)
    assert zeros.dtype == np.uint32
    assert zeros.tolist() == [[0] * 5] * 3


def test_what_is_written_stays() -> None:
    zeros = mapped_zeros(3, 5, np.int64)
    zeros[1, 2:4] = 2**40
    assert zeros.sum(axis=0).tolist() == [0, 0, 2**40, 2**40, 0]


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process from /proc")
def test_only_what_is_written_takes_memory() -> None:
    before = resident_bytes()
    zeros = mapped_zeros(1000, 8192, np.int64)
    zeros[500] = 1
    assert resident_bytes() - before < zeros.nbytes / 10


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_what_a_forked_process_writes_is_its_own() -> None:
    zeros = mapped_zeros(1, 1, np.int64)
    child = os.fork()
    if child == 0:
        zeros[0] = 7
        os._exit(0)
    os.waitpid(child, 0)
    assert zeros[0, 0] == 0
