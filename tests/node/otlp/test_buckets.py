"""Pushed histograms: every scale, and what they rose by."""

from collections import Counter
from dataclasses import replace
from math import ceil, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.node.otlp.buckets import HIGHEST, LOWEST, SCALES, Explicit, Exponential
from actors.recording.histogram import PER_OCTAVE, SCALE, Histogram

seconds = st.floats(1e-8, 1e6)


def at_scale(values: list[float], scale: int) -> Exponential:
    """As OpenTelemetry defines it: bucket i is (base**i, base**(i+1)]. Each value is put there by itself."""
    held = Counter(Exponential.of(scale, ceil(log2(value) * 2.0**scale) - 1, [1]).first for value in values)
    first = min(held, default=0)
    counts = tuple(held[index] for index in range(first, max(held, default=-1) + 1))
    return Exponential(min(scale, SCALE), first, counts)


def filled(histogram: Histogram) -> dict[int, int]:
    first, counts = histogram.filled()
    return {index: count for index, count in enumerate(counts.tolist(), start=first) if count}


def bounds(index: int) -> tuple[float, float]:
    return 2.0 ** (index / PER_OCTAVE), 2.0 ** ((index + 1) / PER_OCTAVE)


@given(values=st.lists(seconds, min_size=1, max_size=30), scale=st.integers(6, 20))
def test_finer_histogram_is_ours_exactly(values: list[float], scale: int) -> None:
    expected = filled(Histogram.of(np.array(values)))
    # A value within a rounding of a bound may lie on either side of it, in theirs as in ours.
    rounded = [value for value in values if abs(log2(value) * 64 % 1 - 0.5) > 0.49]
    if not rounded:
        assert filled(at_scale(values, scale).histogram()) == expected


@pytest.mark.parametrize(
    ("said", "shortest", "longest"),
    [
        pytest.param((0.501, 3.99), 0.501, 3.99, id="within-the-buckets"),
        pytest.param((None, None), 0.5, 4.0, id="not-said"),
        pytest.param((1e-3, 60.0), 1e-3, 60.0, id="of-an-earlier-part-of-its-life"),
        pytest.param((3.0, 1.0), 0.5, 4.0, id="impossible"),
    ],
)
def test_extremes_are_believed_where_the_buckets_do_not_contradict_them(
    said: tuple[float | None, float | None], shortest: float, longest: float
) -> None:
    """Buckets (0.5, 0.5 * 2**(1/64)] and (4 * 2**(-1/64), 4]."""
    counted = Exponential.of(6, -64, [1, *[0] * 190, 1])
    histogram = replace(counted, shortest=said[0], longest=said[1]).histogram()
    assert (histogram.count, histogram.shortest, histogram.longest) == (2, shortest, longest)


@given(values=st.lists(seconds, min_size=1, max_size=30), scale=st.integers(-10, 5))
def test_coarser_histogram_never_makes_a_value_shorter(values: list[float], scale: int) -> None:
    """Each lies at the upper end of its bucket, so what is within a threshold there surely was."""
    histogram = at_scale(values, scale).histogram()
    spread = sorted(index for index, count in filled(histogram).items() for _ in range(count))
    assert len(spread) == len(values)
    for index, value in zip(spread, sorted(values), strict=True):
        assert bounds(index)[1] >= value * (1 - 1e-12) or index == HIGHEST


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("index", [-(2**31), -1, 0, 2**31 - 1])
def test_every_bucket_that_can_be_sent_has_a_place(scale: int, index: int) -> None:
    """A hostile offset must not make a histogram of millions of buckets."""
    (at,) = filled(Exponential.of(scale, index, [1]).histogram())
    assert LOWEST <= at <= HIGHEST


def test_zeros_and_negative_times_are_the_shortest() -> None:
    assert filled(Exponential.of(6, 0, [2], below=3).histogram()) == {LOWEST: 3, 0: 2}


@given(
    before=st.lists(seconds, max_size=20),
    later=st.lists(seconds, max_size=20),
    scales=st.tuples(st.integers(-10, 20), st.integers(-10, 20)),
)
def test_rise_between_two_scales_is_what_was_added(
    before: list[float], later: list[float], scales: tuple[int, int]
) -> None:
    added = at_scale(before + later, scales[1]).since(at_scale(before, scales[0]))
    assert added is not None
    assert added.count == len(later)
    if later:
        assert filled(added.histogram()) == filled(at_scale(later, added.scale).histogram())


@given(
    before=st.lists(seconds, min_size=1, max_size=20),
    scales=st.tuples(st.integers(-10, 20), st.integers(-10, 20)),
)
def test_one_value_less_is_seen_at_any_two_scales(before: list[float], scales: tuple[int, int]) -> None:
    assert at_scale(before[1:], scales[1]).since(at_scale(before, scales[0])) is None


def test_buckets_that_fell_into_the_zeros_have_not_fallen() -> None:
    """An SDK may raise the threshold below which everything is zero, and has fewer buckets then."""
    before = Exponential.of(6, -640, [3, *[0] * 649, 4], below=1)
    now = replace(Exponential.of(6, 10, [5], below=4), zero_threshold=2.0**-9)
    added = now.since(before)
    assert added is not None
    assert filled(added.histogram()) == {10: 1}


def test_explicit_rise_is_bucket_by_bucket() -> None:
    before, now = Explicit((0.1, 1.0), (1, 2, 3)), Explicit((0.1, 1.0), (1, 5, 4))
    assert now.since(before) == Explicit((0.1, 1.0), (0, 3, 1))
