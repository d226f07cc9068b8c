"""Coroutine functions, observed."""

import functools
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from actors.recording.predict.events import HEARD
from actors.recording.predict.span import Span

if TYPE_CHECKING:
    from actors.recording.predict.batches import Batch
    from actors.recording.predict.model import Model
    from actors.recording.predict.trace import SeriesTracing, Trace

P = ParamSpec("P")
R = TypeVar("R")


def observe_coroutine(
    model: "Model", function: Callable[P, Awaitable[R]], batch: "Batch"
) -> Callable[P, Awaitable[R]]:
    """Count each call of a coroutine function, from its first step until it returns."""
    if not batch.is_one:
        return _observe_batches(model, function, batch)
    if model.tracing is not None:
        return _observe_traced(model, model.tracing, function)
    ok, heard, clock = model.buffers.ok, HEARD, perf_counter

    async def in_span(*args: P.args, **kwargs: P.kwargs) -> R:
        with Span(model):
            return await function(*args, **kwargs)

    @functools.wraps(function)
    async def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        if heard.is_on:
            return await in_span(*args, **kwargs)
        began = clock()
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            model.failed(error, clock() - began)
            raise
        ok.append(clock() - began)
        return result

    return observed


def _observe_traced(
    model: "Model", tracing: "SeriesTracing", function: Callable[P, Awaitable[R]]
) -> Callable[P, Awaitable[R]]:
    ok, current, slow_seconds = model.buffers.ok, tracing.current, tracing.slow_seconds
    heard, clock = HEARD, perf_counter

    async def in_span(trace: "Trace | None", *args: P.args, **kwargs: P.kwargs) -> R:
        span = Span(model)
        span.trace = trace
        with span:
            return await function(*args, **kwargs)

    @functools.wraps(function)
    async def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        if heard.is_on:
            return await in_span(None, *args, **kwargs)
        tracing.left -= 1
        if (tracing.left < 0 or current()) and (trace := tracing.begin()) is not None:
            return await in_span(trace, *args, **kwargs)
        began = clock()
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            seconds = clock() - began
            model.keep(began, seconds, model.failed(error, seconds), error)
            raise
        seconds = clock() - began
        ok.append(seconds)
        if seconds > slow_seconds:
            model.keep(began, seconds, "ok", None)
        return result

    return observed


def _observe_batches(
    model: "Model", function: Callable[P, Awaitable[R]], batch: "Batch"
) -> Callable[P, Awaitable[R]]:
    @functools.wraps(function)
    async def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        n = batch.of_call(args, kwargs)
        with Span(model, None, n) as span:
            result = await function(*args, **kwargs)
            span.n = batch.of_result(result, n)
        return result

    return observed
