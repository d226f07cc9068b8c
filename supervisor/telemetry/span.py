"""A piece of work with a beginning and an end, as two events."""

import itertools
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, Self, TypeAlias, TypeVar

from supervisor.clock import monotonic_ns, unix_now_ns
from supervisor.telemetry.bus import EventName, execute, kind_of

if TYPE_CHECKING:
    from types import TracebackType

    from supervisor.telemetry.bus import Metadata

R = TypeVar("R")

Outcome: TypeAlias = tuple[R, Mapping[str, object]] | tuple[R, Mapping[str, object], Mapping[str, object]]
"""A result and the stop's metadata; or a result, further measurements, and the stop's metadata."""

CONTEXT: Final = "telemetry_span_context"

_contexts = itertools.count(1)


class Span:
    """A block between two events; it may await.

    Args:
        prefix: The events are `(*prefix, "start")`, and `(*prefix, "stop")` or `(*prefix, "exception")`.
        metadata: Of the start and of an exception; not of the stop, which may know more and need less.
            With `telemetry_span_context` in it, that is the span's context instead of a fresh one.

    Attributes:
        measurements: What the stop is to measure beside the duration; filled by the block.
        metadata: What the stop is to tell; filled by the block.

    Emits:
        start: measurements `monotonic_time`, `system_time`, whole nanoseconds.
        stop: measurements `duration`, `monotonic_time` and those of the block.
        exception: measurements `duration`, `monotonic_time`; metadata `kind`, `reason`, `stacktrace` beside
            the start's. The kind is "error" for an exception, "cancelled" for a cancellation, "exit" for what
            ends more than the block. It is raised on unchanged.
        All three have `telemetry_span_context`, the same, in their metadata.

    Source:
        `telemetry:span/3`. Differs: a span that is cancelled tells so, where a killed process tells nothing;
        the context of the start is always that of the end, whatever the stop's metadata says.
    """

    __slots__ = ("_begun", "_prefix", "_started", "measurements", "metadata")

    def __init__(self, prefix: EventName, metadata: "Metadata | None" = None) -> None:
        self.measurements: dict[str, object] = {}
        self.metadata: dict[str, object] = {}
        self._prefix = prefix
        self._begun = dict(metadata or {})

    def __enter__(self) -> Self:
        if CONTEXT not in self._begun:
            self._begun[CONTEXT] = next(_contexts)
        self._started = monotonic_ns()
        measured = {"monotonic_time": self._started, "system_time": unix_now_ns()}
        execute((*self._prefix, "start"), measured, self._begun)
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        ended = monotonic_ns()
        measured: dict[str, object] = {"duration": ended - self._started, "monotonic_time": ended}
        if error is None:
            told = {**self.metadata, CONTEXT: self._begun[CONTEXT]}
            execute((*self._prefix, "stop"), {**self.measurements, **measured}, told)
            return
        failure = {"kind": kind_of(error), "reason": error, "stacktrace": traceback.extract_tb(trace)}
        execute((*self._prefix, "exception"), measured, {**self._begun, **failure})


def span(prefix: EventName, start_metadata: "Metadata", function: Callable[[], Outcome[R]]) -> R:
    """Run `function` in a `Span`.

    Args:
        prefix: As in `Span`.
        start_metadata: As in `Span`.
        function: Gives its result and the metadata of the stop, and between the two, if it likes, what the
            stop is to measure further.

    Returns:
        The function's result.

    Raises:
        BaseException: Whatever the function raised, unchanged.
    """
    with Span(prefix, start_metadata) as running:
        return _told(running, function())


async def span_async(
    prefix: EventName, start_metadata: "Metadata", function: Callable[[], Awaitable[Outcome[R]]]
) -> R:
    """Like `span`, for a function that awaits."""
    with Span(prefix, start_metadata) as running:
        return _told(running, await function())


def _told(running: Span, outcome: Outcome[R]) -> R:
    running.metadata.update(outcome[-1])
    if len(outcome) == 3:
        running.measurements.update(outcome[1])
    return outcome[0]
