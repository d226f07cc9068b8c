"""The caller's side of a prediction: two readings of a clock and one append.

Nothing here locks, waits or raises an error of ours. The outcome is told by which list a duration is appended
to; an append is atomic, so any number of threads may share a model.
"""

import asyncio
import functools
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractContextManager, aclosing, nullcontext
from time import perf_counter
from typing import TYPE_CHECKING, Final, ParamSpec, Self, TypeVar, cast

from actors.recording.buffers import Buffers
from actors.recording.watchers import WATCHED, Watcher, watchers

if TYPE_CHECKING:
    from types import TracebackType

    from actors.recording.series import SeriesKey

P = ParamSpec("P")
R = TypeVar("R")

_CANCELLED: Final = (asyncio.CancelledError, GeneratorExit)
_NO_STAGE: Final = nullcontext()


class Model:
    """The handle of one series of predictions.

    Made by `Recordings.model`; every method may be called from any thread or task.

    Args:
        key: Whose predictions these are.
        sample_rate: Share of them that make an OpenTelemetry span, 0..1.

    Attributes:
        key: As given.
        buffers: Where they are left for the recorder.
    """

    __slots__ = ("_sample_rate", "buffers", "key")

    def __init__(self, key: "SeriesKey", sample_rate: float = 0.0) -> None:
        self.key = key
        self.buffers = Buffers()
        self._sample_rate = sample_rate

    def span(self, input_size: int | None = None) -> "Span":
        """A prediction as a block, for `with` and `async with`.

        Args:
            input_size: Bytes of the input, for traces and events; the input itself is never kept.
        """
        return Span(self, input_size)

    def observe(self, function: Callable[P, R]) -> Callable[P, R]:
        """Count every call of a function as a prediction; also of a coroutine or a generator function.

        A generator's prediction lasts from its first step to its end.
        """
        if inspect.isasyncgenfunction(function):
            return cast("Callable[P, R]", _observe_async_generator(self, function))
        if inspect.isgeneratorfunction(function):
            return cast("Callable[P, R]", _observe_generator(self, function))
        if inspect.iscoroutinefunction(function):
            return cast("Callable[P, R]", _observe_coroutine(self, function))
        return _observe_plain(self, function)

    def _watcher(self, input_size: int | None) -> "Watcher | None":
        """Who else wants to know of the next prediction; None if nobody does."""
        if WATCHED.is_on or self._sample_rate:
            return watchers(self.key, input_size, self._sample_rate)
        return None

    def _failed(self, error: BaseException, seconds: float) -> None:
        buffers = self.buffers
        (buffers.cancelled if isinstance(error, _CANCELLED) else buffers.errors).append(seconds)


class Span:
    """One prediction."""

    __slots__ = ("_began", "_input_size", "_model", "_watcher")

    def __init__(self, model: Model, input_size: int | None) -> None:
        self._model, self._input_size = model, input_size
        self._watcher: Watcher | None = None

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A part of it, `preprocessing`, `inference` or `postprocessing`: a child span where it is traced."""
        watcher = self._watcher
        return _NO_STAGE if watcher is None else watcher.stage(name)

    def __enter__(self) -> Self:
        self._watcher = self._model._watcher(self._input_size)  # noqa: SLF001  its other half
        self._began = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        seconds = perf_counter() - self._began
        if error is None:
            self._model.buffers.ok.append(seconds)
        else:
            self._model._failed(error, seconds)  # noqa: SLF001  its other half
        if self._watcher is not None:
            self._watcher.ended(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self.__exit__(kind, error, trace)


# Each form is written out: a call more on the way would cost as much as all the rest of it.


def _observe_plain(model: Model, function: Callable[P, R]) -> Callable[P, R]:
    in_span = _observe_plain_in_span(model, function)
    if model._sample_rate > 0:  # noqa: SLF001
        return in_span
    ok, failed, watched, clock = model.buffers.ok.append, model._failed, WATCHED, perf_counter  # noqa: SLF001

    @functools.wraps(function)
    def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        if watched.is_on:
            return in_span(*args, **kwargs)
        began = clock()
        try:
            # An empty dict spread over the call would cost as much as a clock.
            result = function(*args, **kwargs) if kwargs else function(*args)  # type: ignore[call-arg]
        except BaseException as error:
            failed(error, clock() - began)
            raise
        ok(clock() - began)
        return result

    return observed


def _observe_coroutine(model: Model, function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    in_span = _observe_coroutine_in_span(model, function)
    if model._sample_rate > 0:  # noqa: SLF001
        return in_span
    ok, failed, watched, clock = model.buffers.ok.append, model._failed, WATCHED, perf_counter  # noqa: SLF001

    @functools.wraps(function)
    async def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        if watched.is_on:
            return await in_span(*args, **kwargs)
        began = clock()
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            failed(error, clock() - began)
            raise
        ok(clock() - began)
        return result

    return observed


def _observe_plain_in_span(model: Model, function: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(function)
    def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        with model.span():
            return function(*args, **kwargs)

    return observed


def _observe_coroutine_in_span(
    model: Model, function: Callable[P, Awaitable[R]]
) -> Callable[P, Awaitable[R]]:
    @functools.wraps(function)
    async def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        with model.span():
            return await function(*args, **kwargs)

    return observed


def _observe_generator(
    model: Model, function: Callable[P, Generator[R, object, object]]
) -> Callable[P, Generator[R, object, object]]:
    @functools.wraps(function)
    def observed(*args: P.args, **kwargs: P.kwargs) -> Generator[R, object, object]:
        with model.span():
            return (yield from function(*args, **kwargs))

    return observed


def _observe_async_generator(
    model: Model, function: Callable[P, AsyncGenerator[R, object]]
) -> Callable[P, AsyncGenerator[R, object]]:
    @functools.wraps(function)
    async def observed(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[R, object]:
        with model.span():
            async with aclosing(function(*args, **kwargs)) as items:
                step: Awaitable[R] = anext(items)
                while True:
                    try:
                        item = await step
                    except StopAsyncIteration:
                        return
                    step = items.asend((yield item))

    return observed
