"""Pushed histograms: every scale, and what they rose by."""

from math import ceil, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.node.otlp.buckets import HIGHEST, LOWEST, SCALES, Explicit, Exponential
from actors.recording.histogram import PER_OCTAVE, Histogram

seconds = st.floats(1e-8, 1e6)


def at_scale(values: list[float], scale: int) -> list[tuple[int, int]]:
    """Buckets as OpenTelemetry defines them, one by one: (base**i, base**(i+1)] holds what is in bucket i."""
    return [(ceil(log2(value) * 2.0**scale) - 1, 1) for value in values]


def bounds(index: int) -> tuple[float, float]:
    return 2.0 ** (index / PER_OCTAVE), 2.0 ** ((index + 1) / PER_OCTAVE)


@given(values=st.lists(seconds, min_size=1, max_size=30), scale=st.integers(6, 20))
def test_finer_histogram_is_ours_exactly(values: list[float], scale: int) -> None:
    ours = Histogram()
    ours.add(np.array(values))
    first, counts = ours.buckets()
    expected = {first + at: int(count) for at, count in enumerate(counts) if count}
    # A value within a rounding of a bound may lie on either side of it, in theirs as in ours.
    rounded = [value for value in values if abs(log2(value) * 64 % 1 - 0.5) > 0.49]
    if not rounded:
        assert Exponential.of(scale, at_scale(values, scale)).at_our_scale() == expected


@given(values=st.lists(seconds, min_size=1, max_size=30), scale=st.integers(-10, 5))
def test_coarser_histogram_never_makes_a_value_shorter(values: list[float], scale: int) -> None:
    """Each lies at the upper end of its bucket, so what is within a threshold there surely was."""
    histogram = Exponential.of(scale, at_scale(values, scale))
    spread = sorted(index for index, count in histogram.at_our_scale().items() for _ in range(count))
    assert len(spread) == len(values)
    for index, value in zip(spread, sorted(values), strict=True):
        assert bounds(index)[1] >= value * (1 - 1e-12) or index == HIGHEST


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("index", [-(2**31), -1, 0, 2**31 - 1])
def test_every_bucket_that_can_be_sent_has_a_place(scale: int, index: int) -> None:
    """A hostile offset must not make a histogram of millions of buckets."""
    (at,) = Exponential.of(scale, [(index, 1)]).at_our_scale()
    assert LOWEST <= at <= HIGHEST


def test_zeros_and_negative_times_are_the_shortest() -> None:
    assert Exponential.of(6, [(0, 2)], below=3).at_our_scale() == {LOWEST: 3, 0: 2}


@given(
    before=st.lists(seconds, max_size=20),
    later=st.lists(seconds, max_size=20),
    scales=st.tuples(st.integers(-10, 20), st.integers(-10, 20)),
)
def test_rise_between_two_scales_is_what_was_added(
    before: list[float], later: list[float], scales: tuple[int, int]
) -> None:
    first = Exponential.of(scales[0], at_scale(before, scales[0]))
    second = Exponential.of(scales[1], at_scale(before + later, scales[1]))
    added = second.since(first)
    assert added is not None
    assert added.count == len(later)
    assert dict(added.counts) == dict(Exponential.of(added.scale, at_scale(later, added.scale)).counts)


def test_explicit_rise_is_bucket_by_bucket() -> None:
    before, now = Explicit((0.1, 1.0), (1, 2, 3)), Explicit((0.1, 1.0), (1, 5, 4))
    assert now.since(before) == Explicit((0.1, 1.0), (0, 3, 1))
