"""The trace of a request that is counted as a prediction, in whichever way it is served."""

from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from actors.recording.predict.trace import SeriesTracing, Trace
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds


def belonging(
    tracing: "SeriesTracing | None", headers: "Iterable[tuple[str, str]]"
) -> AbstractContextManager[None]:
    """A block that belongs to the trace that a request's headers tell of, if there is tracing.

    Args:
        tracing: Of the middleware's models.
        headers: Names in lower case, and values; not looked at where nothing is traced.
    """
    return nullcontext() if tracing is None else tracing.incoming(dict(headers))


class RequestTrace:
    """A request that is traced from here on if it is sampled, and else at its end if it was slow or failed.

    Args:
        tracing: Of the middleware's models; None traces nothing.
        key: The series, as far as it is known at the start.
        input_size: Bytes of the request's body, if they are known.
    """

    __slots__ = ("_began", "_input_size", "_trace", "_tracing")

    def __init__(self, tracing: "SeriesTracing | None", key: "SeriesKey", input_size: int | None) -> None:
        self._tracing, self._input_size = tracing, input_size
        self._trace: Trace | None = None
        if tracing is not None:
            tracing.left -= 1
            if tracing.left < 0 or tracing.current():
                self._trace = tracing.begin(input_size, key=key)
        self._began = perf_counter()

    def ended(
        self, model: "Model", outcome: "Outcome", error: BaseException | None, seconds: "Seconds"
    ) -> None:
        """End it as it was counted, with the model that it was counted with."""
        exemplar = None
        if self._trace is not None:
            exemplar = self._trace.ended(outcome, error, seconds)
        elif self._tracing is not None and (seconds > self._tracing.slow_seconds or outcome == "error"):
            exemplar = self._tracing.keep(
                self._began, seconds, outcome, error, input_size=self._input_size, key=model.key
            )
        if exemplar is not None:
            model.buffers.exemplars.append(exemplar)
