"""Quantiles over stretches of time, against sorting all that was in them."""

from collections import Counter, deque
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.recording.cells import Cells
from actors.recording.rings import FINEST, LONGEST
from actors.recording.sketches import _FEWEST, Sketches
from actors.recording.tallies import Tallies

pytestmark = pytest.mark.usefixtures("any_work_is_worth_it")


BEGIN = 29_000_003
HOUR = 60


def keys(held: Cells | Tallies) -> Counter[int]:
    cells = held.cells() if isinstance(held, Tallies) else held
    return Counter(dict(zip(cells.keys.tolist(), cells.counts.tolist(), strict=True)))


def one_of(key: int, count: int = 1) -> Cells:
    return Cells(np.array([key]), np.array([count]))


def close(sketches: Sketches, until: int) -> None:
    """All of it, as if nobody else had a turn."""
    sketches.close(until)
    for _ in sketches.tidy():
        pass


class ByHand:
    """Every count with its minute."""

    def __init__(self) -> None:
        self.events: list[tuple[int, int, int]] = []

    def since(self, begin: int) -> Counter[int]:
        found: Counter[int] = Counter()
        for minute, key, count in self.events:
            if minute >= begin:
                found[key] += count
        return found


steps = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 3), st.integers(1, 200), st.integers(1, 50_000)),
        st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 1000)), max_size=4),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=60)
@given(steps=steps, minutes=st.one_of(st.integers(1, FINEST), st.integers(1, LONGEST)))
def test_any_window_holds_what_was_counted_since_its_beginning(
    steps: list[tuple[int, list[tuple[int, int]]]], minutes: int
) -> None:
    """With a minute up to six hours; above it may have the rest of an hour more, but never less or other."""
    sketches, by_hand, until = Sketches(), ByHand(), BEGIN
    for later, counted in steps:
        until += later
        for key, count in counted:
            sketches.add_cells(one_of(key, count))
            by_hand.events.append((until - 1, key, count))
        close(sketches, until)
        found, begin = keys(sketches.within(until, minutes)), until - minutes
        if minutes <= FINEST:
            assert found == by_hand.since(begin)
        else:
            assert by_hand.since(begin) <= found <= by_hand.since(begin // HOUR * HOUR)


@settings(max_examples=30)
@given(steps=steps, minutes=st.integers(1, LONGEST))
def test_some_series_alone_have_the_same(
    steps: list[tuple[int, list[tuple[int, int]]]], minutes: int
) -> None:
    sketches, until, wanted = Sketches(), BEGIN, np.array([0, 3, 4])
    for later, counted in steps:
        until += later
        for key, count in counted:
            sketches.add_cells(one_of(key, count))
        close(sketches, until)
    alone = keys(sketches.within_of(until, minutes, wanted))
    of_all = keys(sketches.within(until, minutes).of_series(wanted))
    again = keys(sketches.within_of(until, minutes, wanted))
    assert alone == of_all == again


def test_window_that_is_asked_for_again_and_again_slides_exactly() -> None:
    """By what has come and what went; over an hour, a day and thirty of them."""
    dice, by_hand, sketches = np.random.default_rng(1), ByHand(), Sketches()
    for until in range(BEGIN, BEGIN + 3000):
        for key in dice.integers(0, 3000, 3).tolist():
            sketches.add_cells(one_of(key))
            by_hand.events.append((until - 1, key, 1))
        close(sketches, until)
        found = keys(sketches.within(until, 60))
        if until % 50 == 0:
            assert found == by_hand.since(until - 60)
            assert keys(sketches.within(until, LONGEST)) == by_hand.since(0)


@settings(max_examples=40)
@given(taken=st.lists(st.integers(0, 4), min_size=1, max_size=8), later=st.integers(1, 20))
def test_tidying_may_be_left_at_any_step(taken: list[int], later: int) -> None:
    """Others count, close, ask and tidy between two steps; what they find is what was counted."""
    sketches, whole, left = Sketches(1500), ByHand(), []
    for number, until in enumerate(range(BEGIN, BEGIN + 60 * later, later)):
        for key in range(number % 7, 20_000, 5000):
            sketches.add_cells(one_of(key))
            whole.events.append((until - 1, key, 1))
        sketches.close(until)
        left += [sketches.tidy(), sketches.bring_forward(until)]
        for tidying in left:
            deque(islice(tidying, taken[number % len(taken)]), maxlen=0)
        for minutes in (LONGEST, HOUR, 1):
            begin = min((one.begin for one in sketches._since(until - minutes)), default=until)
            assert keys(sketches.within(until, minutes)) == whole.since(begin)
    assert len(sketches._stretches) > _FEWEST
    close(sketches, until + 1)
    unpacked = [one for one in sketches._stretches if not one.packed_bytes]
    assert all(one.end <= until + 1 - FINEST for one in unpacked)
    assert len(unpacked) <= 1


def test_hours_are_filled_once_they_are_older_than_six() -> None:
    sketches = Sketches()
    for until in range(BEGIN, BEGIN + 10 * HOUR):
        sketches.add_cells(one_of(until - BEGIN))
        close(sketches, until)
    lengths = [one.end - one.begin for one in sketches._stretches]
    assert lengths[-FINEST:] == [1] * FINEST
    assert sum(lengths) == 10 * HOUR
    assert [one for one in lengths[1:-FINEST] if one < HOUR - 1] == lengths[-FINEST - 1 : -FINEST]


def test_what_is_older_than_thirty_days_is_forgotten() -> None:
    sketches = Sketches()
    sketches.add_cells(one_of(1))
    close(sketches, BEGIN)
    close(sketches, BEGIN + LONGEST - 1)
    assert keys(sketches.within(BEGIN + LONGEST - 1, LONGEST)) == {1: 1}
    close(sketches, BEGIN + LONGEST)
    assert keys(sketches.within(BEGIN + LONGEST, LONGEST)) == {}
    assert sketches.nbytes == 0


def test_answer_that_nobody_asks_for_again_takes_no_memory_for_long() -> None:
    sketches = Sketches()
    sketches.add_cells(one_of(1))
    close(sketches, BEGIN)
    alone = sketches.nbytes
    sketches.within(BEGIN, 60)
    assert sketches.nbytes > alone
    close(sketches, BEGIN + 11)
    assert sketches.nbytes == alone


def test_memory_stays_below_its_bound_and_no_count_is_lost() -> None:
    """Neighbours are added up; a window begins earlier by about the same share of its length."""
    most, counted, dice = 50_000, 0, np.random.default_rng(1)
    sketches = Sketches(most_bytes=most)
    for until in range(BEGIN, BEGIN + 2000):
        some = np.unique(dice.integers(0, 2_000, 100))
        sketches.add_cells(Cells(some, np.ones(len(some), np.int64)))
        close(sketches, until)
        counted += len(some)
        assert sketches._packed_bytes <= most
    assert sketches._packed_bytes == sum(one.packed_bytes for one in sketches._stretches)
    now = BEGIN + 1999
    shares = [
        (one.end - one.begin) / (now - one.begin) for one in sketches._stretches if one.begin < now - 10
    ]
    assert max(shares) < 0.4
    assert sum(one.end - one.begin for one in sketches._stretches) == 2000
    assert int(sketches.within(BEGIN + 1999, LONGEST).cells().counts.sum()) == counted


def test_with_too_much_for_a_few_stretches_the_oldest_is_forgotten() -> None:
    sketches = Sketches(most_bytes=10_000)
    for until in range(BEGIN, BEGIN + 20):
        sketches.add_cells(Cells(np.arange(1000) * 1000 + until, np.ones(1000, np.int64)))
        close(sketches, until)
        assert sketches._packed_bytes <= 10_000
    assert int(sketches.within(BEGIN + 19, 1).cells().counts.sum()) == 1000


@pytest.mark.parametrize("many", [1, 100_000])
def test_counts_of_a_minute_are_added_up_however_many_come(many: int) -> None:
    sketches = Sketches()
    for start in range(0, many, 1000):
        size = min(1000, many - start)
        sketches.add_cells(Cells(np.arange(size) * 3, np.ones(size, np.int64)))
    assert sketches.close(BEGIN).tolist() == sorted({3 * key >> 12 for key in range(min(1000, many))})
    assert int(sketches.within(BEGIN, 1).cells().counts.sum()) == many


def test_windows_that_are_soon_added_up_are_not_brought_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    sketches = Sketches(10_000)
    for until in range(BEGIN, BEGIN + 5):
        sketches.add_cells(one_of(until, 3))
        close(sketches, until)
    monkeypatch.setattr("actors.recording.sketches._LITTLE_WORK", 1000)
    assert list(sketches.bring_forward(BEGIN + 4)) == []
    monkeypatch.setattr("actors.recording.sketches._LITTLE_WORK", 1)
    assert list(sketches.bring_forward(BEGIN + 4)) != []
