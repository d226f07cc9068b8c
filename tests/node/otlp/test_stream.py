"""The rule for one stream, over its whole table and against every order of pushes."""

from dataclasses import dataclass
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.node.otlp.buckets import Explicit, Exponential
from actors.node.otlp.points import Measure, Point, StreamKey, Value
from actors.node.otlp.stream import SECOND, Step, Stream, Verdict, step

CUMULATIVE = StreamKey(Measure.REQUESTS, "sum")
DELTA = StreamKey(Measure.REQUESTS, "delta sum")
NODE_BEGAN = 1_000


def judged(state: Stream | None, stream: StreamKey, start: float, time: float, value: Value) -> Step:
    """One step, 1,000 s after the node began; times in seconds."""
    point = Point(stream, round(start * SECOND), round(time * SECOND), value)
    return step(state, point, since=NODE_BEGAN * SECOND, now=2 * NODE_BEGAN * SECOND)


def known(start: float, time: float, total: Value | None) -> Stream:
    return Stream(round(start * SECOND), round(time * SECOND), total)


@pytest.mark.parametrize(
    ("before", "point", "verdict", "added"),
    [
        # nothing is known of the stream
        pytest.param(None, (1_500, 1_510, 7), "COUNTED", 7, id="began-after-the-node"),
        pytest.param(None, (1_000, 1_510, 7), "COUNTED", 7, id="began-with-the-node"),
        pytest.param(None, (900, 1_510, 7), "BASELINE", None, id="began-before-the-node"),
        pytest.param(None, (0, 1_510, 7), "BASELINE", None, id="does-not-say-when-it-began"),
        pytest.param(None, (1_510, 1_510, 7), "BASELINE", None, id="start-equals-time-says-unknown"),
        # the same start
        pytest.param((900, 1_500, 7), (900, 1_510, 9), "COUNTED", 2, id="rose"),
        pytest.param((900, 1_500, 7), (900, 1_510, 7), "COUNTED", 0, id="stood-still"),
        pytest.param((900, 1_500, 7), (900, 1_500, 7), "DUPLICATE", None, id="again"),
        pytest.param((900, 1_500, 7), (900, 1_490, 5), "OUT_OF_ORDER", None, id="late"),
        pytest.param((900, 1_500, 7), (900, 1_510, 6), "CONFLICT", None, id="fell-without-a-new-start"),
        # a later start
        pytest.param((900, 1_500, 7), (1_502, 1_510, 3), "COUNTED", 3, id="restarted"),
        pytest.param((900, 1_500, 7), (1_502, 1_510, 9), "COUNTED", 9, id="restarted-and-passed-itself"),
        pytest.param((900, 1_500, 7), (1_500, 1_510, 3), "COUNTED", 3, id="restarted-at-once"),
        pytest.param((900, 1_500, 7), (1_510, 1_510, 3), "BASELINE", None, id="restarted-at-an-unknown-time"),
        pytest.param((900, 1_500, 7), (1_490, 1_510, 3), "CONFLICT", None, id="began-in-the-others-life"),
        pytest.param((900, 1_500, 7), (1_490, 1_499, 3), "OUT_OF_ORDER", None, id="late-with-another-start"),
        # an earlier start
        pytest.param((1_502, 1_510, 3), (900, 1_520, 9), "CONFLICT", None, id="the-older-one-lives"),
        pytest.param((1_502, 1_510, 3), (900, 1_505, 9), "OUT_OF_ORDER", None, id="late-of-the-older-one"),
        # no start on one side or both
        pytest.param((0, 1_500, 7), (0, 1_510, 9), "COUNTED", 2, id="rose-without-start"),
        pytest.param((0, 1_500, 7), (0, 1_510, 3), "COUNTED", 3, id="fell-without-start"),
        pytest.param((0, 1_500, 7), (900, 1_510, 9), "COUNTED", 2, id="now-tells-its-start"),
        pytest.param((900, 1_500, 7), (0, 1_510, 9), "COUNTED", 2, id="no-longer-tells-its-start"),
        # clocks
        pytest.param((900, 5_000, 7), (900, 1_510, 9), "COUNTED", 2, id="its-clock-was-put-right"),
        pytest.param((900, 5_000, 7), (900, 1_510, 6), "OUT_OF_ORDER", None, id="ahead-and-late"),
        pytest.param((900, 5_000, 7), (1_505, 1_510, 3), "COUNTED", 3, id="restarted-and-put-right"),
        pytest.param((900, 5_000, 7), (900, 4_000, 9), "OUT_OF_ORDER", None, id="its-clock-still-runs-ahead"),
    ],
)  # fmt: skip
def test_cumulative_point(
    before: tuple[float, float, int] | None, point: tuple[float, float, int], verdict: str, added: int | None
) -> None:
    state = None if before is None else known(*before)
    result = judged(state, CUMULATIVE, *point)
    assert (result.verdict, result.added) == (Verdict[verdict], added)
    if result.verdict in {Verdict.DUPLICATE, Verdict.OUT_OF_ORDER}:
        assert result.state == state
    else:
        assert result.state == known(*point)


@pytest.mark.parametrize(
    ("before", "start", "time", "verdict", "gaps"),
    [
        pytest.param(None, 1_500, 1_510, Verdict.COUNTED, [(1_000, 1_500)], id="first"),
        pytest.param(None, 990, 1_010, Verdict.COUNTED, [], id="first-over-the-start-of-the-node"),
        pytest.param((1_500, 1_510), 1_510, 1_520, Verdict.COUNTED, [], id="next"),
        pytest.param((1_500, 1_510), 1_515, 1_520, Verdict.COUNTED, [(1_510, 1_515)], id="after-a-gap"),
        pytest.param((1_500, 1_510), 1_500, 1_510, Verdict.DUPLICATE, [], id="again"),
        pytest.param((1_500, 1_510), 1_500, 1_520, Verdict.OVERLAP, [], id="longer-with-the-same-start"),
        pytest.param((1_500, 1_510), 1_505, 1_515, Verdict.OVERLAP, [], id="overlaps"),
        pytest.param((1_500, 1_510), 1_480, 1_490, Verdict.OVERLAP, [], id="older-with-no-gap-for-it"),
    ],
)  # fmt: skip
def test_delta_point(
    before: tuple[float, float] | None,
    start: float,
    time: float,
    verdict: Verdict,
    gaps: list[tuple[float, float]],
) -> None:
    result = judged(None if before is None else known(*before, None), DELTA, start, time, 5)
    assert (result.verdict, result.added) == (verdict, 5 if verdict is Verdict.COUNTED else None)
    assert result.state is not None
    assert [(begin / SECOND, end / SECOND) for begin, end in result.state.gaps] == gaps


def test_delta_that_was_late_fills_the_gap_it_left_once() -> None:
    state = judged(None, DELTA, 1_000, 1_010, 1).state
    state = judged(state, DELTA, 1_020, 1_030, 4).state
    late = judged(state, DELTA, 1_010, 1_020, 2)
    assert late.added == 2
    assert judged(late.state, DELTA, 1_010, 1_020, 2).verdict is Verdict.OVERLAP


# --- any order, any repetition ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Life:
    """One life of a process: how much it counted in each of its intervals."""

    added: tuple[int, ...]


lives = st.lists(
    st.lists(st.integers(0, 9), min_size=1, max_size=5).map(lambda added: Life(tuple(added))), max_size=4
)


def pushes_of(some: list[Life], *, is_delta: bool) -> list[Point]:
    """All that a process pushes that is started again and again; each life is 100 s, each interval 10 s."""
    points = []
    for life_number, life in enumerate(some):
        began, total = NODE_BEGAN + 100 * life_number, 0
        for at, added in enumerate(life.added):
            total += added
            start = began + 10 * at if is_delta else began
            time, value = began + 10 * at + 10, added if is_delta else total
            points.append(Point(DELTA if is_delta else CUMULATIVE, start * SECOND, time * SECOND, value))
    return points


def counted(points: list[Point]) -> int:
    state, total = None, 0
    for point in points:
        result = step(state, point, since=NODE_BEGAN * SECOND, now=2_000 * SECOND)
        state = result.state
        assert result.verdict is not Verdict.CONFLICT
        total += result.added if isinstance(result.added, int) else 0
    return total


@given(some=lives, data=st.data())
def test_deltas_in_any_order_and_however_often_add_up_to_what_was_sent(
    some: list[Life], data: st.DataObject
) -> None:
    points = pushes_of(some, is_delta=True)
    again = data.draw(st.lists(st.sampled_from(points), max_size=6)) if points else []
    order = data.draw(st.permutations(points + again))
    assert counted(order) == sum(sum(life.added) for life in some)


@given(some=lives, data=st.data())
def test_totals_with_losses_and_repetitions_add_up_to_what_was_last_sent_of_each_life(
    some: list[Life], data: st.DataObject
) -> None:
    """A push may be lost, come again, or be overtaken; only the last one of each life comes in its turn."""
    arrived: list[Point] = []
    for number, _ in enumerate(some):
        points = pushes_of(some[: number + 1], is_delta=False)
        own = points[-len(some[number].added) :]
        arrived += data.draw(st.lists(st.sampled_from(points[:-1]), max_size=6)) if len(points) > 1 else []
        arrived.append(own[-1])
    repeated = arrived + (data.draw(st.lists(st.sampled_from(arrived), max_size=4)) if arrived else [])
    assert counted(repeated) == sum(sum(life.added) for life in some)


# --- values -----------------------------------------------------------------------------------------------


def test_histogram_with_one_bucket_that_fell_has_fallen() -> None:
    """Its count rose all the same."""
    before = known(900, 1_500, Explicit((0.1, 1.0), (5, 5, 0)))
    result = judged(before, CUMULATIVE, 900, 1_510, Explicit((0.1, 1.0), (4, 9, 0)))
    assert result.verdict is Verdict.CONFLICT


def test_histogram_that_became_coarser_has_not_fallen() -> None:
    """An SDK merges neighbours when the values spread; the buckets that vanish are in the wider ones."""
    before = known(900, 1_500, Exponential.of(6, 10, [3, 4]))
    result = judged(before, CUMULATIVE, 900, 1_510, Exponential.of(5, 5, [7, 0, 0, 2]))
    assert isinstance(result.added, Exponential)
    assert (result.added.scale, result.added.first, result.added.counts) == (5, 5, (0, 0, 0, 2))


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(7, id="a-number"),
        pytest.param(Explicit((0.1, inf), (0, 0, 0)), id="other-bounds"),
    ],
)
def test_what_cannot_be_compared_has_fallen(now: Value) -> None:
    result = judged(known(900, 1_500, Explicit((0.1,), (0, 0))), CUMULATIVE, 900, 1_510, now)
    assert result.verdict is Verdict.CONFLICT
