"""Generator functions, observed."""

import functools
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from actors.recording.predict.span import Span

if TYPE_CHECKING:
    from actors.recording.predict.batches import Batch
    from actors.recording.predict.model import Model

P = ParamSpec("P")
Y = TypeVar("Y")
S = TypeVar("S")
R = TypeVar("R")


def observe_generator(
    model: "Model", function: Callable[P, Generator[Y, S | None, R]], batch: "Batch"
) -> Callable[P, Generator[Y, S | None, R]]:
    """Count each generator that is begun, until it is exhausted, fails or is left.

    It is `yield from`, with the time of the first item taken and no trace current between two items.

    Raises:
        TypeError: `batch` goes by the result.

    Source:
        PEP 380.
    """
    batch.refuse_result(function)

    @functools.wraps(function)
    def observed(*args: P.args, **kwargs: P.kwargs) -> Generator[Y, S | None, R]:
        with Span(model, None, batch.of_call(args, kwargs)) as span:
            trace = span.trace
            items = function(*args, **kwargs)
            try:
                item = next(items)
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
                        items.close()
                        raise
                    except BaseException as error:  # noqa: BLE001  it goes on into the generator
                        item = items.throw(error)
                    else:
                        item = items.send(sent)
            except StopIteration as ended:
                result: R = ended.value
                return result

    return observed
