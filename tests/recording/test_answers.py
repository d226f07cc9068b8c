"""Windows that are taken from others."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording.answers import Answer, Answers
from actors.recording.cells import Cells
from actors.recording.merging import added_up
from actors.recording.packed import PackedCells
from actors.recording.rings import FINEST
from actors.recording.sketches import Sketches
from actors.recording.stretches import Stretch
from actors.recording.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.usefixtures("any_work_is_worth_it")


BEGIN = 29_000_003
QS = (0.5, 0.99, 0.999)


def stretch(begin: int, end: int) -> Stretch:
    """One that counted each of its minutes once."""
    keys = np.arange(begin, end)
    return Stretch(begin, end, PackedCells.of(Cells(keys, np.ones(len(keys), np.int64))))


def minutes_of(counted: Tallies) -> "list[int]":
    cells = counted.cells()
    assert set(cells.counts.tolist()) <= {1}
    return cells.keys.tolist()  # type: ignore[no-any-return]


def answer(*stretches: Stretch) -> Answer:
    return Answer(stretches[-1].end, stretches, Tallies(list(added_up([one.held for one in stretches]))))


def at(beside: "Sequence[Stretch]") -> "list[tuple[int, int]]":
    return [(one.begin, one.end) for one in beside]


@pytest.mark.parametrize(
    ("before", "now", "came", "went"),
    [
        pytest.param([(1, 2), (2, 4)], [(1, 2), (2, 4)], [], [], id="the-same"),
        pytest.param([(1, 2), (2, 4)], [(2, 4), (4, 5)], [(4, 5)], [(1, 2)], id="a-minute-later"),
        pytest.param([(2, 3), (5, 6)], [(2, 6)], [], [], id="all-joined"),
        pytest.param([(2, 3), (3, 4), (6, 7)], [(3, 7), (8, 9)], [(8, 9)], [(2, 3)], id="some-joined"),
        pytest.param([(2, 3), (3, 4)], [(1, 3), (3, 4)], [(1, 3)], [(2, 3)], id="joined-with-an-older"),
        pytest.param([(2, 3), (3, 4)], [(2, 3), (3, 5)], [(3, 5)], [(3, 4)], id="joined-with-a-newer"),
        pytest.param([(2, 3), (3, 4)], [(1, 5)], [(1, 5)], [(2, 3), (3, 4)], id="within-another"),
        pytest.param([(1, 2)], [(4, 5)], [(4, 5)], [(1, 2)], id="nothing-in-common"),
    ],
)
def test_what_came_and_what_went_is_told_by_the_minutes(
    before: "list[tuple[int, int]]",
    now: "list[tuple[int, int]]",
    came: "list[tuple[int, int]]",
    went: "list[tuple[int, int]]",
) -> None:
    """Stretches that became one hold what they did, so that one has not to be read again."""
    found = answer(*(stretch(*one) for one in before)).beside([stretch(*one) for one in now])
    assert tuple(map(at, found)) == (came, went)


def test_window_is_taken_from_the_nearest() -> None:
    answers, minutes = Answers(), [stretch(at, at + 1) for at in range(50)]
    near, far = answer(*minutes[20:]), answer(*minutes[45:])
    answers.keep(30, near, ())
    answers.keep(5, far, ())
    wanted = list(range(19, 50))
    assert minutes_of(answers.of(minutes[19:])) == wanted
    *_, counted = answers.in_steps(minutes[19:])
    assert counted is not None
    assert minutes_of(counted) == wanted
    assert answers.of(minutes[20:]) is near.counted


def test_shared_answers_take_memory_once() -> None:
    answers, one = Answers(), answer(stretch(0, 5))
    answers.keep(60, one, ())
    alone = answers.nbytes
    answers.keep(150, one, ())
    assert answers.nbytes == alone > 0


def test_only_the_last_few_are_kept_but_for_those_that_are_brought_forward() -> None:
    answers, forward = Answers(), (60, 150)
    for minutes in (60, 150, *range(1, 10)):
        answers.keep(minutes, answer(stretch(0, minutes)), forward)
    known = [minutes for minutes in range(200) if answers.known(minutes, [stretch(0, minutes)]) is not None]
    assert known == [6, 7, 8, 9, 60, 150]


counted_minutes = st.lists(
    st.tuples(st.integers(1, 25), st.dictionaries(st.integers(0, 40_000), st.integers(1, 9), max_size=9)),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(
    steps=counted_minutes, asked=st.lists(st.integers(1, FINEST), min_size=1, max_size=6), most=st.booleans()
)
def test_quantiles_of_any_window_are_those_of_its_minutes_merged(
    steps: "list[tuple[int, dict[int, int]]]", asked: list[int], most: bool
) -> None:
    """Whatever was asked and brought forward before, and whatever has been joined to save memory."""
    sketches, minutes, until = Sketches(2000) if most else Sketches(), list[tuple[int, Cells]](), BEGIN
    for later, counts in steps:
        until += later
        cells = Cells.of(np.array(list(counts), np.int64), np.array(list(counts.values()), np.int64))
        minutes.append((until - 1, cells))
        sketches.add_cells(cells)
        sketches.close(until)
        for _ in (*sketches.tidy(), *sketches.bring_forward(until)):
            pass
        for length in asked:
            found = sketches.within(until, length)
            begin = min((one.begin for one in sketches._since(until - length)), default=until)
            assert begin >= until - length or most
            plain = Cells.together([one for minute, one in minutes if minute >= begin])
            assert found.quantiles(QS).tolist() == plain.quantiles(QS).tolist()
            assert found.series().tolist() == plain.series().tolist()
