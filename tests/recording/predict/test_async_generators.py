"""Asynchronous generator functions, observed."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest

from actors.recording import Model
from tests.recording.predict.counted import Unfit, outcomes, taken


class Stream:
    """An asynchronous generator that tells what became of it."""

    def __init__(self, model: Model) -> None:
        self.is_closed = False
        self.received: list[str | None] = []
        self.observed = model.observe(self.words)

    async def words(self, *words: str | Exception) -> AsyncGenerator[str, str | None]:
        try:
            for word in words:
                await asyncio.sleep(1.0)
                if isinstance(word, Exception):
                    raise word
                self.received.append((yield word))
        finally:
            self.is_closed = True


async def listed(items: AsyncIterator[str]) -> list[str]:
    return [item async for item in items]


async def test_async_generator_is_one_prediction(model: Model) -> None:
    assert await listed(Stream(model).observed("a", "b")) == ["a", "b"]
    assert outcomes(model) == (1, 0, 0, 0)


async def test_async_generator_gets_what_is_sent(model: Model) -> None:
    stream = Stream(model)
    words = stream.observed("a", "b")
    await anext(words)
    assert await words.asend("more") == "b"
    assert await listed(words) == []
    assert stream.received == ["more", None]


async def test_async_generator_that_raises_has_failed(model: Model) -> None:
    with pytest.raises(Unfit):
        await listed(Stream(model).observed("a", Unfit()))
    assert outcomes(model) == (0, 1, 0, 0)


async def test_async_generator_that_is_left_early_is_closed_and_neither_good_nor_bad(model: Model) -> None:
    stream = Stream(model)
    async with aclosing(stream.observed("a", "b")) as words:
        await anext(words)
    assert stream.is_closed
    assert outcomes(model) == (0, 0, 1, 0)


async def test_first_item_is_timed_apart_from_the_whole(model: Model) -> None:
    words = Stream(model).observed("a", "b")
    await anext(words)
    [first] = taken(model).first_item
    assert await listed(words) == ["b"]
    rest = taken(model)
    assert rest.first_item == []
    assert 0 <= first <= rest.ok[0]


async def test_what_is_thrown_into_it_reaches_the_function(model: Model) -> None:
    @model.observe
    async def stream() -> AsyncGenerator[str, None]:
        try:
            yield "a"
        except Unfit:
            yield "recovered"

    assert inspect.isasyncgenfunction(stream)
    items = stream()
    await anext(items)
    assert await items.athrow(Unfit()) == "recovered"
    assert await listed(items) == []
    assert outcomes(model) == (1, 0, 0, 0)


async def test_task_that_is_cancelled_while_it_waits_for_an_item_cancels_the_prediction(model: Model) -> None:
    stream = Stream(model)
    waiting = asyncio.ensure_future(listed(stream.observed("a", "b")))
    await asyncio.sleep(1.5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert stream.is_closed
    assert outcomes(model) == (0, 0, 1, 0)


async def test_async_generator_that_is_dropped_half_way_is_cancelled(model: Model) -> None:
    words = Stream(model).observed("a", "b")
    await anext(words)
    del words
    await asyncio.sleep(0.0)  # the loop closes what was dropped
    await asyncio.sleep(0.0)
    assert outcomes(model) == (0, 0, 1, 0)
