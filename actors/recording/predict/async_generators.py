"""Asynchronous generator functions, observed."""

import functools
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from actors.recording.predict.span import Span

if TYPE_CHECKING:
    from actors.recording.predict.batches import Batch
    from actors.recording.predict.model import Model

P = ParamSpec("P")
Y = TypeVar("Y")
S = TypeVar("S")


def observe_async_generator(
    model: "Model", function: Callable[P, AsyncGenerator[Y, S | None]], batch: "Batch"
) -> Callable[P, AsyncGenerator[Y, S | None]]:
    """Count each asynchronous generator that is begun, until it is exhausted, fails or is left.

    What is sent and thrown into it reaches the function's own generator, and so does its closing. No trace is
    current between two items.

    Raises:
        TypeError: `batch` goes by the result.
    """
    batch.refuse_result(function)

    @functools.wraps(function)
    async def observed(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[Y, S | None]:
        with Span(model, None, batch.of_call(args, kwargs)) as span:
            trace = span.trace
            items = function(*args, **kwargs)
            try:
                item = await anext(items)
                span.first_item()
                while True:
                    if trace is not None:
                        trace.pause()
                    try:
                        try:
                            sent = yield item
                        finally:
                            if trace is not None:
                                trace.resume()
                    except GeneratorExit:
                        await items.aclose()
                        raise
                    except BaseException as error:  # noqa: BLE001  it goes on into the generator
                        item = await items.athrow(error)
                    else:
                        item = await items.asend(sent)
            except StopAsyncIteration:
                return

    return observed
