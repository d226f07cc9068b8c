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
    from actors.recording.predict.trace import Trace

P = ParamSpec("P")
R = TypeVar("R")


def observe_plain(  # noqa: C901, PLR0915  said above
    model: "Model", function: Callable[P, R], batch: "Batch"
) -> Callable[P, R]:
    """Count each call of a function that returns its result."""
    if not batch.is_one:
        return _observe_batches(model, function, batch)
    ok, begin, key, new_metadata = model.buffers.ok, model.begin, model.key, model.metadata.copy
    heard, clock, clock_ns = HEARD, perf_counter, perf_counter_ns

    def in_span(trace: "Trace", *args: P.args, **kwargs: P.kwargs) -> R:
        span = Span(model)
        span.trace = trace
        with span:
            return function(*args, **kwargs)

    @functools.wraps(function)
    def observed(*args: P.args, **kwargs: P.kwargs) -> R:  # noqa: C901  said above
        if begin is not None and (trace := begin(key, None)) is not None:
            return in_span(trace, *args, **kwargs)
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


def _observe_batches(model: "Model", function: Callable[P, R], batch: "Batch") -> Callable[P, R]:
    @functools.wraps(function)
    def observed(*args: P.args, **kwargs: P.kwargs) -> R:
        n = batch.of_call(args, kwargs)
        with Span(model, None, n) as span:
            result = function(*args, **kwargs)
            span.n = batch.of_result(result, n)
        return result

    return observed
