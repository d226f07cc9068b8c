"""Plain functions, observed.

Written out, handlers and all: a call more on the way would cost as much as all the rest of it.
"""

import functools
from collections.abc import Callable
from time import perf_counter, perf_counter_ns
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from actors.recording.predict.events import CONTEXT, HEARD, START, STOP, contexts, failed, tell_end
from actors.recording.predict.span import Span

if TYPE_CHECKING:
    from actors.recording.predict.batches import Batch
    from actors.recording.predict.model import Model
    from actors.recording.predict.trace import SeriesTracing, Trace

P = ParamSpec("P")
R = TypeVar("R")


def observe_plain(  # noqa: C901  said above
    model: "Model", function: Callable[P, R], batch: "Batch"
) -> Callable[P, R]:
    """Count each call of a function that returns its result."""
    if not batch.is_one:
        return _observe_batches(model, function, batch)
    if model.tracing is not None:
        return _observe_traced(model, model.tracing, function)
    ok, new_metadata = model.buffers.ok, model.metadata.copy
    heard, clock, clock_ns = HEARD, perf_counter, perf_counter_ns

    @functools.wraps(function)
    def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        if not heard.is_on:
            began = clock()
            try:
                # An empty dict spread over the call would cost as much as a clock.
                result = function(*args, **kwargs) if kwargs else function(*args)  # type: ignore[call-arg]
            except BaseException as error:
                model.failed(error, clock() - began)
                raise
            ok.append(clock() - began)
            return result
        told = new_metadata()
        told[CONTEXT] = next(contexts)
        began_ns = clock_ns()
        handler = heard.start
        if handler is not None:
            measured = {"monotonic_time": began_ns, "system_time": began_ns + heard.time_offset}
            tell = handler.function
            try:
                tell(START, measured, told, handler.config)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # noqa: BLE001  a handler's failure is its own
                failed(handler, error)
        try:
            result = function(*args, **kwargs) if kwargs else function(*args)  # type: ignore[call-arg]
        except BaseException as error:
            ended_ns = clock_ns()
            outcome = model.failed(error, (ended_ns - began_ns) * 1e-9)
            tell_end(told, began_ns, ended_ns, outcome, error)
            raise
        ended_ns = clock_ns()
        took_ns = ended_ns - began_ns
        ok.append(took_ns * 1e-9)
        handler = heard.stop
        if handler is not None:
            measured = {"duration": took_ns, "monotonic_time": ended_ns}
            tell = handler.function
            try:
                tell(STOP, measured, told, handler.config)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # noqa: BLE001  a handler's failure is its own
                failed(handler, error)
        return result

    return observed


def _observe_traced(model: "Model", tracing: "SeriesTracing", function: Callable[P, R]) -> Callable[P, R]:
    ok, current, slow_seconds = model.buffers.ok, tracing.current, tracing.slow_seconds
    heard, clock = HEARD, perf_counter

    def in_span(trace: "Trace | None", *args: P.args, **kwargs: P.kwargs) -> R:
        span = Span(model)
        span.trace = trace
        with span:
            return function(*args, **kwargs)

    @functools.wraps(function)
    def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        if heard.is_on:
            return in_span(None, *args, **kwargs)
        tracing.left -= 1
        if (tracing.left < 0 or current()) and (trace := tracing.begin()) is not None:
            return in_span(trace, *args, **kwargs)
        began = clock()
        try:
            result = function(*args, **kwargs) if kwargs else function(*args)  # type: ignore[call-arg]
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


def _observe_batches(model: "Model", function: Callable[P, R], batch: "Batch") -> Callable[P, R]:
    @functools.wraps(function)
    def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        n = batch.of_call(args, kwargs)
        with Span(model, None, n) as span:
            result = function(*args, **kwargs)
            span.n = batch.of_result(result, n)
        return result

    return observed
