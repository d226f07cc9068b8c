"""Coroutine functions, observed."""

import asyncio
import functools
import inspect

import pytest

from actors.recording import Model
from tests.recording.predict.counted import Refused, Unfit, outcomes


async def test_coroutine_is_timed_until_it_returns(model: Model) -> None:
    @model.observe
    async def score(amount: int) -> int:
        await asyncio.sleep(3600.0)
        return amount

    assert inspect.iscoroutinefunction(score)
    waiting = asyncio.ensure_future(score(7))
    await asyncio.sleep(1800.0)
    assert outcomes(model) == (0, 0, 0, 0)
    assert await waiting == 7
    assert outcomes(model) == (1, 0, 0, 0)


async def test_coroutine_that_raises_has_failed(model: Model) -> None:
    @model.observe
    async def score() -> None:
        raise Unfit

    with pytest.raises(Unfit):
        await score()
    assert outcomes(model) == (0, 1, 0, 0)


async def test_cancelled_coroutine_is_neither_good_nor_bad(model: Model) -> None:
    """A client that went away says nothing about the model."""

    @model.observe
    async def score() -> None:
        await asyncio.Event().wait()

    waiting = asyncio.ensure_future(score())
    await asyncio.sleep(1.0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert outcomes(model) == (0, 0, 1, 0)


async def test_time_out_that_the_model_raises_is_a_failure(model: Model) -> None:
    @model.observe
    async def score() -> None:
        async with asyncio.timeout(5.0):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await score()
    assert outcomes(model) == (0, 1, 0, 0)


async def test_refused_input_is_in_no_total(model: Model) -> None:
    @model.observe
    async def score() -> None:
        raise Refused

    with pytest.raises(Refused):
        await score()
    assert outcomes(model) == (0, 0, 0, 1)


async def test_task_group_that_fails_in_a_prediction_is_one_error(model: Model) -> None:
    """Its other tasks are cancelled, and are no predictions."""

    async def fail() -> None:
        raise Unfit

    @model.observe
    async def score() -> None:
        async with asyncio.TaskGroup() as parts:
            parts.create_task(asyncio.sleep(60.0))
            parts.create_task(fail())

    with pytest.raises(ExceptionGroup):
        await score()
    assert outcomes(model) == (0, 1, 0, 0)


async def test_coroutine_that_is_never_awaited_is_no_prediction(model: Model) -> None:
    @model.observe
    async def score() -> None: ...

    score().close()
    assert outcomes(model) == (0, 0, 0, 0)


async def test_object_whose_call_is_a_coroutine_is_timed_until_that_returns(model: Model) -> None:
    class Classifier:
        async def __call__(self, amount: int) -> int:
            await asyncio.sleep(1.0)
            return amount

    waiting = asyncio.ensure_future(model.observe(Classifier())(7))
    await asyncio.sleep(0.5)
    assert outcomes(model) == (0, 0, 0, 0)
    assert await waiting == 7
    assert outcomes(model) == (1, 0, 0, 0)


async def test_coroutine_function_with_arguments_filled_in_is_one_still(model: Model) -> None:
    async def score(amount: int, scale: int) -> int:
        return amount * scale

    assert await model.observe(functools.partial(score, scale=3))(2) == 6
    assert outcomes(model) == (1, 0, 0, 0)
