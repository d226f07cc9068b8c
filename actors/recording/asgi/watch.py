"""Who else hears of a request's prediction: handlers of its events, and its trace where it has one."""

from time import perf_counter_ns
from typing import TYPE_CHECKING

from actors.recording.predict.events import CONTEXT, HEARD, contexts, tell_end, tell_start
from actors.recording.request_trace import RequestTrace

if TYPE_CHECKING:
    from starlette.types import Scope

    from actors.recording.asgi.exchange import Exchange
    from actors.recording.predict.events import Told
    from actors.recording.predict.trace import SeriesTracing
    from actors.recording.series import SeriesKey


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

    __slots__ = ("_began", "_told", "_trace")

    def __init__(self, key: "SeriesKey", tracing: "SeriesTracing | None", scope: "Scope") -> None:
        size = _content_length(scope)
        self._trace = RequestTrace(tracing, key, size)
        self._told: Told | None = None
        self._began = perf_counter_ns()
        if HEARD.is_on:
            self._told = {**key.all_labels(), "input_size": size, CONTEXT: next(contexts)}
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
            self._trace.ended(model, outcome, error, seconds)


def _content_length(scope: "Scope") -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None
