"""Who else hears of a request's prediction: handlers of its events, and its trace where it has one."""

from contextlib import AbstractContextManager, nullcontext
from time import perf_counter_ns
from typing import TYPE_CHECKING

from actors.recording.predict.events import CONTEXT, HEARD, contexts, tell_end, tell_start

if TYPE_CHECKING:
    from starlette.types import Scope

    from actors.recording.asgi.exchange import Exchange
    from actors.recording.buffers import Exemplar
    from actors.recording.outcome import Outcome
    from actors.recording.predict.events import Told
    from actors.recording.predict.trace import SeriesTracing, Trace
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds


class AnsweredError(RuntimeError):
    """The reason of a failure that raised nothing: what the client was told."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"answered with status {status}" if status else "not answered")


class Watch:
    """One prediction that is traced or told of; begun and ended in the task that serves the request.

    So its trace is current in the application, and its end is told when that returns; the duration that is
    told is that to the last byte.

    Args:
        key: Whose prediction it is.
        tracing: Decides whether it is traced; None if none ever is.
        scope: Of the request.
    """

    __slots__ = ("_began", "_size", "_told", "_trace", "_tracing")

    def __init__(self, key: "SeriesKey", tracing: "SeriesTracing | None", scope: "Scope") -> None:
        self._tracing, self._size = tracing, _content_length(scope)
        self._trace: Trace | None = None
        if tracing is not None:
            tracing.left -= 1
            if tracing.left < 0 or tracing.current():
                self._trace = tracing.begin(self._size, key=key)
        self._told: Told | None = None
        self._began = perf_counter_ns()
        if HEARD.is_on:
            self._told = {**key.all_labels(), "input_size": self._size, CONTEXT: next(contexts)}
            tell_start(self._told, self._began)

    def ended(self, exchange: "Exchange", error: BaseException | None) -> None:
        """Tell what has been counted.

        Args:
            exchange: Which is over.
            error: What the application raised before that; None if it did not.
        """
        counted = exchange.counted
        if counted is None:
            return
        outcome, seconds, model = counted
        if error is None and outcome == "error":
            error = AnsweredError(exchange.status)
        try:
            if self._told is not None:  # while the trace is current, so that a handler may log its ids
                tell_end(self._told, self._began, self._began + round(seconds * 1e9), outcome, error)
        finally:
            exemplar = self._end_trace(model.key, outcome, error, seconds)
            if exemplar is not None:
                model.buffers.exemplars.append(exemplar)

    def _end_trace(
        self, key: "SeriesKey", outcome: "Outcome", error: BaseException | None, seconds: "Seconds"
    ) -> "Exemplar | None":
        if self._trace is not None:
            return self._trace.ended(outcome, error, seconds)
        if self._tracing is None or (seconds <= self._tracing.slow_seconds and outcome != "error"):
            return None
        return self._tracing.keep(self._began * 1e-9, seconds, outcome, error, input_size=self._size, key=key)


def belonging(scope: "Scope", tracing: "SeriesTracing | None") -> AbstractContextManager[None]:
    """A block that belongs to the trace that the request's headers tell of, if there is tracing."""
    if tracing is None:
        return nullcontext()
    return tracing.incoming(
        {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    )


def _content_length(scope: "Scope") -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None
