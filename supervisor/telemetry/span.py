"""A piece of work with a beginning and an end, as two events."""

import itertools
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from supervisor.clock import monotonic_ns, unix_now_ns
from supervisor.telemetry.bus import EventName, execute

if TYPE_CHECKING:
    from supervisor.telemetry.bus import Metadata

R = TypeVar("R")

_contexts = itertools.count(1)


def span(
    prefix: EventName, start_metadata: "Metadata", function: Callable[[], tuple[R, Mapping[str, object]]]
) -> R:
    """Run `function` between two events.

    Args:
        prefix: The events are `(*prefix, "start")`, and `(*prefix, "stop")` or `(*prefix, "exception")`.
        start_metadata: Of the start and the exception; `telemetry_span_context` may be among it.
        function: Gives its result and the metadata of the stop.

    Returns:
        The function's result.

    Raises:
        BaseException: Whatever the function raised, unchanged.

    Emits:
        start: measurements `monotonic_time`, `system_time`, nanoseconds.
        stop: measurements `duration`, `monotonic_time`; the metadata is the function's.
        exception: the same measurements; metadata `kind`, `reason`, `stacktrace` beside the start's.

    Source:
        `telemetry:span/3`. Same: the start's metadata is not merged into the stop's.
    """
    context = start_metadata.get("telemetry_span_context", next(_contexts))
    started = monotonic_ns()
    begun = {**start_metadata, "telemetry_span_context": context}
    execute((*prefix, "start"), {"monotonic_time": started, "system_time": unix_now_ns()}, begun)
    try:
        result, stop_metadata = function()
    except BaseException as error:
        ended = monotonic_ns()
        failure = {
            "kind": "error" if isinstance(error, Exception) else "exit",
            "reason": error,
            "stacktrace": traceback.extract_tb(error.__traceback__),
        }
        measured = {"duration": ended - started, "monotonic_time": ended}
        execute((*prefix, "exception"), measured, {**begun, **failure})
        raise
    ended = monotonic_ns()
    execute(
        (*prefix, "stop"),
        {"duration": ended - started, "monotonic_time": ended},
        {"telemetry_span_context": context, **stop_metadata},
    )
    return result
