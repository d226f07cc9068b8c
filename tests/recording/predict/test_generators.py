"""Generator functions, observed."""

import inspect
from collections.abc import Callable, Generator
from contextlib import suppress

import pytest

from actors.recording import Model
from tests.recording.predict.counted import Unfit, outcomes, taken


def tokens(model: Model, fail: bool = False) -> Callable[[int], Generator[int, int | None, str]]:
    @model.observe
    def stream(count: int) -> Generator[int, int | None, str]:
        sent = 0
        for number in range(count):
            sent += (yield number) or 0
        if fail:
            raise Unfit
        return f"sent {sent}"

    return stream


def test_generator_is_one_prediction_over_when_it_is_exhausted(model: Model) -> None:
    stream = tokens(model)(3)
    assert next(stream) == 0
    assert outcomes(model) == (0, 0, 0, 0)
    assert list(stream) == [1, 2]
    assert outcomes(model) == (1, 0, 0, 0)


def test_generator_takes_what_is_sent_and_returns_its_value(model: Model) -> None:
    stream = tokens(model)(1)
    next(stream)
    with pytest.raises(StopIteration) as ended:
        stream.send(5)
    assert ended.value.value == "sent 5"


def test_generator_that_raises_has_failed(model: Model) -> None:
    with pytest.raises(Unfit):
        list(tokens(model, fail=True)(2))
    assert outcomes(model) == (0, 1, 0, 0)


def test_generator_that_is_left_early_is_neither_good_nor_bad(model: Model) -> None:
    stream = tokens(model)(3)
    next(stream)
    stream.close()
    assert outcomes(model) == (0, 0, 1, 0)


def test_generator_that_is_never_begun_is_no_prediction(model: Model) -> None:
    tokens(model)(3).close()
    assert outcomes(model) == (0, 0, 0, 0)


def test_generator_that_is_dropped_half_way_is_cancelled(model: Model) -> None:
    stream = tokens(model)(3)
    next(stream)
    del stream
    assert outcomes(model) == (0, 0, 1, 0)


def test_first_item_is_timed_apart_from_the_whole(model: Model) -> None:
    stream = tokens(model)(3)
    next(stream)
    [first] = taken(model).first_item
    assert list(stream) == [1, 2]
    rest = taken(model)
    assert rest.first_item == []
    assert 0 <= first <= rest.ok[0]


def test_generator_without_items_has_no_first_one(model: Model) -> None:
    assert list(tokens(model)(0)) == []
    found = taken(model)
    assert (len(found.ok), found.first_item) == (1, [])


def test_what_is_thrown_into_it_reaches_the_function(model: Model) -> None:
    @model.observe
    def stream() -> Generator[str, None, str]:
        try:
            yield "a"
        except Unfit:
            yield "recovered"
        return "end"

    assert inspect.isgeneratorfunction(stream)
    items = stream()
    next(items)
    assert items.throw(Unfit()) == "recovered"
    with pytest.raises(StopIteration, match="end"):
        next(items)
    assert outcomes(model) == (1, 0, 0, 0)


def test_what_is_thrown_into_it_and_not_caught_is_its_failure(model: Model) -> None:
    stream = tokens(model)(3)
    next(stream)
    with pytest.raises(Unfit):
        stream.throw(Unfit())
    assert outcomes(model) == (0, 1, 0, 0)


def test_generator_cleans_up_before_its_prediction_is_over(model: Model) -> None:
    seen = []

    @model.observe
    def stream() -> Generator[int, None, None]:
        try:
            yield 1
        finally:
            seen.append(outcomes(model))

    items = stream()
    next(items)
    items.close()
    assert (seen, outcomes(model)) == ([(0, 0, 0, 0)], (0, 0, 1, 0))


def test_generator_that_will_not_close_says_so_as_it_would_unobserved(model: Model) -> None:
    @model.observe
    def stream() -> Generator[int, None, None]:
        with suppress(GeneratorExit):
            yield 1
        yield 2

    items = stream()
    next(items)
    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        items.close()
    assert outcomes(model) == (0, 1, 0, 0)
