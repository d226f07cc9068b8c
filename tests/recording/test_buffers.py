"""What is taken out of the buffers, and what stays."""

from hypothesis import given
from hypothesis import strategies as st

from actors.recording.buffers import Buffers, Exemplar
from actors.recording.counts import Taken


class Busy(list[float]):
    """A buffer that another thread appends to just after it was copied."""

    def __getitem__(self, index: object) -> list[float]:  # type: ignore[override]
        copied: list[float] = super().__getitem__(index)  # type: ignore[call-overload]
        self.append(9.0)
        return copied


def test_nothing_taken_is_none() -> None:
    assert Buffers().take(10) is None


def test_each_kind_is_taken_apart() -> None:
    buffers, example = Buffers(), Exemplar(0.1, "a" * 32, "b" * 16, 1.0)
    buffers.ok.append(1.0)
    buffers.errors.append(2.0)
    buffers.cancelled.append(3.0)
    buffers.invalid.append(4.0)
    buffers.first_item.append(5.0)
    buffers.exemplars.append(example)
    assert buffers.take(10) == Taken([1.0], [2.0], [3.0], [4.0], [5.0], [example])
    assert buffers.take(10) is None


def test_prediction_between_copying_and_deleting_stays_for_the_next_time() -> None:
    buffers = Buffers()
    buffers.ok = Busy([1.0, 2.0, 3.0])
    taken = buffers.take(2)
    assert taken is not None
    assert taken.ok == [2.0, 3.0]
    assert list(buffers.ok) == [1.0, 9.0]


@given(appended=st.lists(st.lists(st.floats(0, 10), max_size=30), max_size=5), most=st.integers(1, 12))
def test_all_that_is_appended_is_taken_once(appended: list[list[float]], most: int) -> None:
    buffers = Buffers()
    got: list[float] = []
    for some in appended:
        buffers.ok.extend(some)
        if (taken := buffers.take(most)) is not None:
            assert len(taken.ok) <= most
            got += taken.ok
    while (taken := buffers.take(most)) is not None:
        got += taken.ok
    assert sorted(got) == sorted(value for some in appended for value in some)


def test_taking_that_gives_much_memory_back_is_foretold() -> None:
    """A list that was long does that in leaps, so whoever takes can do it in a step of its own."""
    buffers, told = Buffers(), []
    for _ in range(300_000):
        buffers.ok.append(0.1)
    while True:
        room, foretold = buffers.ok.__sizeof__(), buffers.gives_back(4096)
        if buffers.take(4096) is None:
            break
        told.append(foretold)
        assert foretold == (room - buffers.ok.__sizeof__() > 800_000)
    assert sum(told) == 1


# --- trimming ---------------------------------------------------------------------------------------------


def test_oldest_are_dropped() -> None:
    buffers = Buffers()
    buffers.ok.extend([1.0, 2.0, 3.0])
    assert buffers.trim(2) == 1
    assert buffers.ok == [2.0, 3.0]


def test_as_large_a_share_of_failures_as_of_successes_is_dropped() -> None:
    buffers = Buffers()
    buffers.ok.extend([1.0] * 90)
    buffers.errors.extend([1.0] * 10)
    assert buffers.trim(50) == 50
    assert (len(buffers.ok), len(buffers.errors)) == (45, 5)


@given(
    counts=st.tuples(*[st.integers(0, 40)] * 4),
    most=st.integers(0, 100),
)
def test_no_more_than_so_many_stay_and_what_goes_is_told(
    counts: tuple[int, int, int, int], most: int
) -> None:
    """Rounding may take one more of each outcome, and no more than that."""
    buffers = Buffers()
    kinds = (buffers.ok, buffers.errors, buffers.cancelled, buffers.invalid)
    for one, count in zip(kinds, counts, strict=True):
        one.extend([1.0] * count)
    dropped, stay = buffers.trim(most), sum(map(len, kinds))
    assert dropped + stay == sum(counts)
    assert min(most, sum(counts)) - 3 <= stay <= most or stay == sum(counts) <= most


def test_what_is_no_prediction_is_trimmed_and_not_told() -> None:
    buffers = Buffers()
    buffers.first_item.extend([1.0] * 5)
    buffers.exemplars.extend([Exemplar(0.1, "a" * 32, "b" * 16, 1.0)] * 5)
    assert buffers.trim(2) == 0
    assert (len(buffers.first_item), len(buffers.exemplars)) == (2, 2)
