"""Who else hears of a request's prediction: handlers of its events, and its trace where it has one."""

from time import perf_counter_ns
from typing import TYPE_CHECKING, Protocol

from actors.recording.predict.events import CONTEXT, HEARD, contexts, tell_end, tell_start
from actors.recording.requests.trace import RequestTrace

if TYPE_CHECKING:
    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from actors.recording.predict.events import Told
    from actors.recording.predict.trace import SeriesTracing
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds


class AnsweredError(RuntimeError):
    """The reason of a failure that raised nothing: what the client was told."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"answered with status {status}" if status else "not answered")


class Answered(Protocol):
    """What is known of an answer that is over."""

    @property
    def status(self) -> int:
        """As sent; 0 if it was not."""
        ...

    @property
    def counted(self) -> "tuple[Outcome, Seconds, Model] | None":
        """How it was counted, the seconds until then, and with which model; None if it was not."""
        ...


class Watch:
    """One prediction that is traced or told of; begun and ended in the task that serves the request.

    So its trace is current in the application, and its end is told when that returns; the duration that is
    told is that to the last byte.

    Args:
        key: Whose prediction it is.
        tracing: Decides whether it is traced; None if none ever is.
        input_size: Bytes of the request's body, if they are known.
    """

    __slots__ = ("_began", "_told", "_trace")

    def __init__(self, key: "SeriesKey", tracing: "SeriesTracing | None", input_size: int | None) -> None:
        self._trace = RequestTrace(tracing, key, input_size)
        self._told: Told | None = None
        self._began = perf_counter_ns()
        if HEARD.is_on:
            self._told = {**key.all_labels(), "input_size": input_size, CONTEXT: next(contexts)}
            tell_start(self._told, self._began)

    def ended(self, answered: Answered, error: BaseException | None) -> None:
        """Tell what has been counted.

        Args:
            answered: Which is over.
            error: What the application raised before that; None if it did not.
        """
        counted = answered.counted
        if counted is None:
            return
        outcome, seconds, model = counted
        if error is None and outcome == "error":
            error = AnsweredError(answered.status)
        try:
            if self._told is not None:  # while the trace is current, so that a handler may log its ids
                tell_end(self._told, self._began, self._began + round(seconds * 1e9), outcome, error)
        finally:
            self._trace.ended(model, outcome, error, seconds)
