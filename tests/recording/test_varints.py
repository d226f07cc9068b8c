"""Numbers of seven bits a byte."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.recording.varints import pack, unpack

MOST = 2**63 - 1


@given(st.lists(st.one_of(st.integers(0, 300), st.integers(0, MOST))))
def test_numbers_come_back_as_they_were(numbers: list[int]) -> None:
    assert unpack(pack(np.array(numbers, np.int64))).tolist() == numbers


@pytest.mark.parametrize(
    ("number", "packed"),
    [
        pytest.param(0, b"\x00", id="zero"),
        pytest.param(127, b"\x7f", id="most-of-one-byte"),
        pytest.param(128, b"\x80\x01", id="two"),
        pytest.param(300, b"\xac\x02", id="as-in-the-manual-of-protobuf"),
        pytest.param(MOST, b"\xff" * 8 + b"\x7f", id="most-of-all"),
    ],
)
def test_numbers_are_written_as_leb128(number: int, packed: bytes) -> None:
    assert pack(np.array([number])).tobytes() == packed


@pytest.mark.parametrize(
    ("packed", "problem"),
    [
        pytest.param(b"\x01\x80", "2 bytes of numbers end within one", id="cut-off"),
        pytest.param(b"\x80", "1 bytes of numbers end within one", id="only-a-beginning"),
        pytest.param(b"\xff" * 9 + b"\x01", "a number of 10 bytes is beyond 63 bits", id="too-large"),
    ],
)
def test_bytes_that_are_no_numbers_are_refused(packed: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        unpack(np.frombuffer(packed, np.uint8))
