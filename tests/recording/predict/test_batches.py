"""Calls that are many predictions."""

from collections.abc import AsyncGenerator, Generator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from actors.recording import Model
from tests.recording.predict.counted import KEY, Unfit, outcomes, taken

UNKNOWN = "size of a batch unknown, it counts as one prediction"


@given(sizes=st.lists(st.integers(0, 50)))
def test_call_counts_as_many_predictions_as_its_argument_holds(sizes: list[int]) -> None:
    model = Model(KEY)
    score = model.observe(batch=len)(list[int])
    for size in sizes:
        assert score(range(size)) == list(range(size))
    assert outcomes(model) == (sum(sizes), 0, 0, 0)


def test_each_of_a_batch_has_the_time_of_the_call(model: Model) -> None:
    model.observe(batch=3)(lambda: None)()
    found = taken(model)
    assert len(found.ok) == 3
    assert len(set(found.ok)) == 1


def test_function_of_the_arguments_gets_them_as_the_call_did(model: Model) -> None:
    class Classifier:
        @model.observe(batch=lambda _, rows, *, repeat=1: len(rows) * repeat)
        def score(self, rows: list[int], *, repeat: int = 1) -> list[int]:
            found = rows * repeat
            rows.clear()  # what it is asked about must be asked before
            return found

    assert Classifier().score([1, 2], repeat=2) == [1, 2, 1, 2]
    assert outcomes(model) == (4, 0, 0, 0)


def test_function_of_the_result_gets_the_result(model: Model) -> None:
    score = model.observe(batch_of_result=len)(lambda text: text.split())
    assert score("a b c") == ["a", "b", "c"]
    assert outcomes(model) == (3, 0, 0, 0)


def test_failed_batch_is_as_many_failures(model: Model) -> None:
    @model.observe(batch=len)
    def score(rows: Sequence[int]) -> None:
        raise Unfit(rows)

    with pytest.raises(Unfit):
        score([1, 2, 3])
    assert outcomes(model) == (0, 3, 0, 0)


def test_failure_before_there_is_a_result_is_one(model: Model) -> None:
    @model.observe(batch_of_result=len)
    def score() -> list[int]:
        raise Unfit

    with pytest.raises(Unfit):
        score()
    assert outcomes(model) == (0, 1, 0, 0)


async def test_coroutine_may_be_a_batch(model: Model) -> None:
    @model.observe(batch=len)
    async def score(rows: list[int]) -> list[int]:
        return rows

    @model.observe(batch_of_result=len)
    async def score_text(text: str) -> list[str]:
        return text.split()

    assert (await score([1, 2]), await score_text("a b c")) == ([1, 2], ["a", "b", "c"])
    assert outcomes(model) == (5, 0, 0, 0)


async def test_stream_of_a_batch_counts_as_many_with_as_many_first_items(model: Model) -> None:
    @model.observe(batch=len)
    def stream(rows: list[int]) -> Generator[int, None, None]:
        yield from rows

    @model.observe(batch=2)
    async def stream_later(rows: list[int]) -> AsyncGenerator[int, None]:
        for row in rows:
            yield row

    assert list(stream([1, 2, 3])) == [1, 2, 3]
    assert [row async for row in stream_later([7])] == [7]
    found = taken(model)
    assert (len(found.ok), len(found.first_item)) == (5, 5)


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(lambda _: 1 // 0, id="raises"),
        pytest.param(lambda: 1, id="takes-other-arguments"),
        pytest.param(lambda _: -1, id="less-than-none"),
        pytest.param(lambda _: 2.5, id="no-whole-number"),
        pytest.param(lambda _: None, id="nothing"),
    ],
)
def test_size_that_cannot_be_found_out_is_one_and_is_told_once(model: Model, batch: object) -> None:
    score = model.observe(batch=batch)(lambda rows: rows)  # type: ignore[call-overload]
    with capture_logs() as logs:
        assert (score([1]), score([2])) == ([1], [2])
    assert outcomes(model) == (2, 0, 0, 0)
    assert [line["event"] for line in logs] == [UNKNOWN]


def test_size_may_be_any_whole_number(model: Model) -> None:
    score = model.observe(batch=np.count_nonzero)(list[int])
    score([1, 2, 3, 0])
    assert outcomes(model) == (3, 0, 0, 0)


@pytest.mark.parametrize(("batch", "problem"), [(-1, "got -1"), (1.5, "float")])
def test_number_that_can_be_no_size_is_refused_where_it_is_declared(
    model: Model, batch: int, problem: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=problem):
        model.observe(batch=batch)(lambda: None)


def test_generator_has_no_result_to_go_by(model: Model) -> None:
    def stream() -> Generator[int, None, None]:
        yield 1

    with pytest.raises(TypeError, match="batch_of_result needs a result"):
        model.observe(batch_of_result=len)(stream)
