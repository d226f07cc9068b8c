"""The rule for one stream of points: what a point adds to what has been counted.

Pure: a state and a point give the next state, the increment and a verdict. Whatever the order, repetition or
loss of pushes, nothing is counted twice; what is not counted has a verdict that says why.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from actors.node.otlp.buckets import Explicit, Exponential

if TYPE_CHECKING:
    from actors.node.otlp.points import Point, Value

SECOND: Final = 1_000_000_000
MOST_SKEW: Final = 30 * SECOND
"""So far a sender's clock may be off before that is said, nanoseconds."""

MOST_GAPS: Final = 16
"""So many intervals of a delta stream may be missing and still find their place when they come late."""


class Verdict(StrEnum):
    """What became of a point."""

    COUNTED = "counted"
    BASELINE = "baseline"  # how much of it is new nobody knows
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out_of_order"
    OVERLAP = "overlap"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Stream:
    """What is known of a stream; times in nanoseconds since 1970.

    Attributes:
        start: Of the newest point; 0 where the sender does not say.
        time: Of the newest point.
        total: What it said; None for deltas.
        gaps: Of deltas: intervals before `time` of which nothing was heard, oldest first.
    """

    start: int
    time: int
    total: "Value | None" = None
    gaps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one point does.

    Attributes:
        state: Afterwards; None if nothing is known of the stream still.
        verdict: What became of the point.
        added: What it adds; None for nothing.
    """

    state: Stream | None
    verdict: Verdict
    added: "Value | None" = None


def step(state: Stream | None, point: "Point", *, since: int | None, now: int) -> Step:
    """Judge one point.

    Args:
        state: What is known of its stream; None for nothing.
        point: Newly arrived.
        since: What began earlier may have been counted before by somebody who no longer knows; unix
            nanoseconds. None where the sender is known so well that a stream which was not there is new.
        now: Time of arrival, unix nanoseconds.
    """
    if point.stream.is_delta:
        return _delta(state, point, since)
    return _cumulative(state, point, since, now)


def _cumulative(state: Stream | None, point: "Point", since: int | None, now: int) -> Step:
    after = Stream(point.start, point.time, point.value)
    is_start_known = 0 < point.start != point.time
    if state is None:
        is_new = point.start != point.time if since is None else is_start_known and point.start >= since
        return Step(after, Verdict.COUNTED, point.value) if is_new else Step(after, Verdict.BASELINE)
    if point.time <= state.time:
        return _late(state, point, now)
    if not point.start or not state.start:
        added = rise(state.total, point.value)
        return Step(after, Verdict.COUNTED, point.value if added is None else added)
    if point.start == state.start:
        added = rise(state.total, point.value)
        return Step(after, Verdict.CONFLICT) if added is None else Step(after, Verdict.COUNTED, added)
    if point.start < state.time:
        # A process that is started again begins after the last point of the one before it.
        return Step(after, Verdict.CONFLICT)
    return Step(after, Verdict.COUNTED, point.value) if is_start_known else Step(after, Verdict.BASELINE)


def _late(state: Stream, point: "Point", now: int) -> Step:
    if (point.start, point.time) == (state.start, state.time):
        return Step(state, Verdict.DUPLICATE)
    # By the times of a clock that ran ahead nothing would be heard, once it is put right, for as long.
    is_put_right = state.time > now + MOST_SKEW >= point.time and point.start >= state.start
    added = point.value if point.start > state.start else rise(state.total, point.value)
    if is_put_right and added is not None:
        return Step(Stream(point.start, point.time, point.value), Verdict.COUNTED, added)
    return Step(state, Verdict.OUT_OF_ORDER)


def _delta(state: Stream | None, point: "Point", since: int | None) -> Step:
    if state is None:
        first = ((since or 0, point.start),) if (since or 0) < point.start else ()
        return Step(Stream(point.start, point.time, gaps=first), Verdict.COUNTED, point.value)
    if (point.start, point.time) == (state.start, state.time):
        return Step(state, Verdict.DUPLICATE)
    if point.start >= state.time:
        missed = ((state.time, point.start),) if point.start > state.time else ()
        gaps = (*state.gaps, *missed)[-MOST_GAPS:]
        return Step(Stream(point.start, point.time, gaps=gaps), Verdict.COUNTED, point.value)
    for at, (begin, end) in enumerate(state.gaps):
        if begin <= point.start and point.time <= end:
            left = tuple(gap for gap in ((begin, point.start), (point.time, end)) if gap[0] < gap[1])
            gaps = (*state.gaps[:at], *left, *state.gaps[at + 1 :])[-MOST_GAPS:]
            return Step(replace(state, gaps=gaps), Verdict.COUNTED, point.value)
    return Step(state, Verdict.OVERLAP)


def rise(before: "Value | None", now: "Value") -> "Value | None":
    """What a total rose by; None if any part of it fell, or the two cannot be compared."""
    match before, now:
        case int(), int():
            return now - before if now >= before else None
        case Exponential(), Exponential():
            return now.since(before)
        case Explicit(), Explicit():
            return now.since(before)
        case _:
            return None
