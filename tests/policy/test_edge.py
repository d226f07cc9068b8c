"""An action is run as its condition becomes true, and not too often."""

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.policy.edge import Edge, step

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTE = 60.0


def runs(conditions: "Sequence[bool | None]", cool_down: float) -> list[int]:
    """The minutes at which something is done."""
    edge, found = Edge(), []
    for minute, is_true in enumerate(conditions):
        edge, is_to_run = step(edge, is_true, minute * MINUTE, cool_down)
        if is_to_run:
            found.append(minute)
    return found


@pytest.mark.parametrize(
    ("conditions", "cool_down", "minutes"),
    [
        pytest.param([False, True, True, True], 0.0, [1], id="once-while-it-stays-true"),
        pytest.param([True], 0.0, [0], id="true-from-the-start"),
        pytest.param([True, False, True], 0.0, [0, 2], id="again-after-it-was-false"),
        pytest.param([True, None, True], 0.0, [0], id="silence-is-no-recovery"),
        pytest.param([None, None], 0.0, [], id="silence-is-no-occasion"),
        pytest.param(
            [True, False, True, True, True], 180.0, [0, 3], id="put-off-to-the-end-of-the-cool-down"
        ),
        pytest.param([True, False, True, False, False], 180.0, [0], id="dropped-if-it-has-passed"),
        pytest.param([True, False, True, None, True], 180.0, [0, 4], id="not-run-while-unmeasured"),
    ],
)
def test_an_action_is_run_at_the_edge(
    conditions: list[bool | None], cool_down: float, minutes: list[int]
) -> None:
    assert runs(conditions, cool_down) == minutes


def test_a_clock_that_was_set_back_does_not_hold_an_action_up() -> None:
    cooling = Edge(is_true=False, ran_at=1_000_000.0)
    assert step(cooling, True, 999_000.0, 3600.0)[1]


conditions = st.lists(st.sampled_from([True, False, None]), max_size=40)
cool_downs = st.integers(0, 10)


@given(conditions=conditions, minutes=cool_downs)
def test_runs_are_never_nearer_than_the_cool_down(conditions: list[bool | None], minutes: int) -> None:
    found = runs(conditions, minutes * MINUTE)
    assert all(later - earlier >= max(minutes, 1) for earlier, later in pairwise(found))


@given(conditions=conditions, minutes=cool_downs)
def test_nothing_is_run_but_what_became_true(conditions: list[bool | None], minutes: int) -> None:
    """No more runs than edges, and none but while it is true."""
    known = [False, *(one for one in conditions if one is not None)]
    edges = sum(later and not earlier for earlier, later in pairwise(known))
    found = runs(conditions, minutes * MINUTE)
    assert len(found) <= edges
    assert all(conditions[minute] for minute in found)


@given(conditions=conditions, minutes=cool_downs)
def test_what_stays_true_beyond_the_cool_down_is_not_forgotten(
    conditions: list[bool | None], minutes: int
) -> None:
    """Whatever was before: false, then true for as long as a cool-down lasts, is run once in that time."""
    before = len(conditions) + 1
    found = runs([*conditions, False, *[True] * (minutes + 1)], minutes * MINUTE)
    assert sum(minute >= before for minute in found) == 1
