"""What a caller gets back, and what is counted of it."""

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import aclosing, suppress

import pytest

from actors.recording import Model, SeriesKey
from actors.recording.counts import Taken

KEY = SeriesKey("fraud", "2.1.0")


class Unfit(Exception):  # noqa: N818  a name for what went wrong in a model
    """The model's own error."""


@pytest.fixture
def model() -> Model:
    return Model(KEY)


def outcomes(model: Model) -> tuple[int, int, int]:
    """How many succeeded, failed and were cancelled; takes them."""
    taken = model.buffers.take(1_000) or Taken()
    assert all(seconds >= 0 for seconds in (*taken.ok, *taken.errors, *taken.cancelled))
    return len(taken.ok), len(taken.errors), len(taken.cancelled)


# --- plain functions --------------------------------------------------------------------------------------


def test_plain_function_returns_what_it_did_and_is_counted(model: Model) -> None:
    @model.observe
    def score(amount: float, *more: float, scale: float = 1.0) -> float:
        return (amount + sum(more)) * scale

    assert (score(1.0), score(1.0, 2.0, scale=10.0), score(amount=4.0)) == (1.0, 30.0, 4.0)
    assert outcomes(model) == (3, 0, 0)


def test_plain_function_raises_its_own_error_and_is_counted_as_failed(model: Model) -> None:
    error = Unfit("no such feature")

    @model.observe
    def score() -> None:
        raise error

    with pytest.raises(Unfit) as caught:
        score()
    assert caught.value is error
    assert outcomes(model) == (0, 1, 0)


def test_method_is_observed_as_it_stands(model: Model) -> None:
    class Classifier:
        bias = 1

        @model.observe
        def score(self, amount: int) -> int:
            """Score one."""
            return amount + self.bias

    assert Classifier().score(2) == 3
    assert outcomes(model) == (1, 0, 0)
    assert (Classifier.score.__name__, Classifier.score.__doc__) == ("score", "Score one.")


# --- coroutines -------------------------------------------------------------------------------------------


async def test_coroutine_is_timed_until_it_returns(model: Model) -> None:
    @model.observe
    async def score(amount: int) -> int:
        await asyncio.sleep(3600.0)
        return amount

    assert inspect.iscoroutinefunction(score)
    waiting = asyncio.ensure_future(score(7))
    await asyncio.sleep(1800.0)
    assert outcomes(model) == (0, 0, 0)
    assert await waiting == 7
    assert outcomes(model) == (1, 0, 0)


async def test_coroutine_that_raises_has_failed(model: Model) -> None:
    @model.observe
    async def score() -> None:
        raise Unfit

    with pytest.raises(Unfit):
        await score()
    assert outcomes(model) == (0, 1, 0)


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
    assert outcomes(model) == (0, 0, 1)


async def test_time_out_that_the_model_raises_is_a_failure(model: Model) -> None:
    @model.observe
    async def score() -> None:
        async with asyncio.timeout(5.0):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await score()
    assert outcomes(model) == (0, 1, 0)


# --- generators -------------------------------------------------------------------------------------------


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
    assert outcomes(model) == (0, 0, 0)
    assert list(stream) == [1, 2]
    assert outcomes(model) == (1, 0, 0)


def test_generator_takes_what_is_sent_and_returns_its_value(model: Model) -> None:
    stream = tokens(model)(1)
    next(stream)
    with pytest.raises(StopIteration) as ended:
        stream.send(5)
    assert ended.value.value == "sent 5"


def test_generator_that_raises_has_failed(model: Model) -> None:
    with pytest.raises(Unfit):
        list(tokens(model, fail=True)(2))
    assert outcomes(model) == (0, 1, 0)


def test_generator_that_is_left_early_is_neither_good_nor_bad(model: Model) -> None:
    stream = tokens(model)(3)
    next(stream)
    stream.close()
    assert outcomes(model) == (0, 0, 1)


def test_generator_that_is_never_begun_is_no_prediction(model: Model) -> None:
    tokens(model)(3).close()
    assert outcomes(model) == (0, 0, 0)


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
    assert outcomes(model) == (1, 0, 0)


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
    assert outcomes(model) == (0, 1, 0)


async def test_async_generator_that_is_left_early_is_closed_and_neither_good_nor_bad(model: Model) -> None:
    stream = Stream(model)
    async with aclosing(stream.observed("a", "b")) as words:
        await anext(words)
    assert stream.is_closed
    assert outcomes(model) == (0, 0, 1)


# --- blocks -----------------------------------------------------------------------------------------------


async def test_block_is_counted_with_and_async_with(model: Model) -> None:
    with model.span():
        pass
    async with model.span():
        await asyncio.sleep(1.0)
    assert outcomes(model) == (2, 0, 0)


async def test_block_lets_errors_through_and_counts_them(model: Model) -> None:
    with pytest.raises(Unfit), model.span():
        raise Unfit
    with pytest.raises(Unfit):
        async with model.span():
            raise Unfit
    assert outcomes(model) == (0, 2, 0)


def test_stages_cost_and_change_nothing_where_nobody_traces(model: Model) -> None:
    with model.span() as span:
        with span.stage("preprocessing"):
            pass
        with span.stage("inference"), pytest.raises(Unfit), span.stage("feature store"):
            raise Unfit
    assert outcomes(model) == (1, 0, 0)


# --- threads ----------------------------------------------------------------------------------------------


@pytest.mark.realtime("threads")
def test_no_prediction_of_many_threads_is_lost_or_doubled_while_it_drains(model: Model) -> None:
    calls, threads = 20_000, 4

    @model.observe
    def score(number: int) -> None:
        if number % 10 == 0:
            raise Unfit

    def work() -> None:
        for number in range(calls):
            with suppress(Unfit):
                score(number)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    ok = errors = 0
    is_over = False
    while not is_over:
        is_over = not any(worker.is_alive() for worker in workers)
        while (taken := model.buffers.take(100)) is not None:
            ok, errors = ok + len(taken.ok), errors + len(taken.errors)
    assert (ok, errors) == (calls * threads * 9 // 10, calls * threads // 10)
