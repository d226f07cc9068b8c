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
