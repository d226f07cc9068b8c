"""Baselines as bytes."""

from math import inf

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.node.baselines import BaselineFormatError, decode_baselines, encode_baselines
from actors.node.counters import Cumulative
from actors.recording.series import SeriesKey

COUNTS = st.integers(0, 2**60)
LABELS = st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=3).map(tuple)
KEYS = st.builds(SeriesKey, st.text(max_size=5), st.text(max_size=5), LABELS)
WITHIN = st.dictionaries(st.one_of(st.floats(0, 10), st.just(inf)), COUNTS, max_size=4).map(
    lambda within: tuple(sorted(within.items()))
)
TOTALS = st.builds(Cumulative, COUNTS, COUNTS, WITHIN, st.none() | st.floats(0, 2e9), COUNTS, COUNTS)
BASELINES = st.dictionaries(KEYS, TOTALS, max_size=5)


@given(baselines=BASELINES)
def test_baselines_come_back_as_they_were(baselines: dict[SeriesKey, Cumulative]) -> None:
    assert decode_baselines(encode_baselines(baselines)) == baselines


def test_baselines_of_before_there_were_cancelled_ones_are_read() -> None:
    stored = msgspec.msgpack.encode({"format": 1, "rows": [["a", "1", [], 7, 2, [[0.1, 5]], 1000.0]]})
    assert decode_baselines(stored) == {SeriesKey("a", "1"): Cumulative(7, 2, ((0.1, 5),), 1000.0)}


def test_same_baselines_give_the_same_bytes_in_any_order() -> None:
    one, two = (SeriesKey("a", "1"), Cumulative(1)), (SeriesKey("b", "1"), Cumulative(2))
    assert encode_baselines(dict([one, two])) == encode_baselines(dict([two, one]))


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xc1\xff", id="not-packed"),
        pytest.param(encode_baselines({SeriesKey("a", "1"): Cumulative(1)})[:-3], id="cut-off"),
        pytest.param(encode_baselines({}).replace(b"\xa6format\x01", b"\xa6format\x02"), id="later-format"),
    ],
)
def test_bytes_that_are_no_baselines_are_refused(stored: bytes) -> None:
    with pytest.raises(BaselineFormatError, match="must be of format 1"):
        decode_baselines(stored)
