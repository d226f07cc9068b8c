"""A prediction as a block."""

from contextlib import AbstractContextManager, nullcontext
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final, Self

from actors.recording.outcome import outcome_of
from actors.recording.predict.batches import UNKNOWN_SIZE, size_of
from actors.recording.predict.events import CONTEXT, HEARD, contexts, tell_end, tell_start
from actors.recording.predict.timed_stage import TimedStage

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from types import TracebackType

    from actors.recording.outcome import Outcome
    from actors.recording.predict.events import Told
    from actors.recording.predict.model import Model
    from actors.recording.predict.trace import Ids, SeriesTracing, Trace
    from supervisor.clock import Seconds

_NO_STAGE: Final = nullcontext()
_ONE: Final = 1  # one object in all of the program: comparing it by identity cannot run code of a stranger


class Span:
    """One prediction, or one batch; made by `Model.span`, for one block at a time.

    Attributes:
        n: How many predictions it is; may be set inside the block, before its end is counted.
        trace: Of the running prediction; None if it is not traced, or only afterwards.
    """

    __slots__ = (
        "_began",
        "_has_item",
        "_ids",
        "_input_size",
        "_is_invalid",
        "_metadata",
        "_model",
        "_stages",
        "_told",
        "n",
        "trace",
    )

    def __init__(
        self,
        model: "Model",
        input_size: int | None = None,
        n: int = 1,
        metadata: "Mapping[str, object] | None" = None,
    ) -> None:
        self._model, self._input_size, self._metadata = model, input_size, metadata
        self.n = n
        self._is_invalid = self._has_item = False
        self._told: Told | None = None
        self.trace: Trace | None = None
        self._stages: list[TimedStage] | None = None
        self._ids: Ids | None = None

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A part of it, `preprocessing`, `inference` or `postprocessing`: a child span where it is traced."""
        if self.trace is not None:
            return self.trace.stage(name)
        if self._model.tracing is None:
            return _NO_STAGE
        stage = TimedStage()
        stage.name = name
        if self._stages is None:
            self._stages = [stage]
        else:
            self._stages.append(stage)
        return stage

    def inject(self, headers: "MutableMapping[str, str]") -> None:
        """Write into the headers of a call to another service that it belongs to this prediction.

        Nothing, where tracing is off. What is called by a library that OpenTelemetry instruments needs it not
        while the prediction is sampled.
        """
        if self.trace is not None:
            self.trace.inject(headers)
        elif self._model.tracing is not None:
            self._ids = self._model.tracing.inject(headers, self._ids)

    def invalid(self) -> None:
        """Say that the input was refused: counted as that and in no total, however the block ends."""
        self._is_invalid = True

    def first_item(self) -> None:
        """Say that the first item of a stream is there; only the first call of the block counts."""
        if not self._has_item:
            self._has_item = True
            seconds = (perf_counter_ns() - self._began) * 1e-9
            self._model.buffers.first_item.extend((seconds,) * self._size())

    def __enter__(self) -> Self:
        tracing = self._model.tracing
        # A trace that is there already was begun by an observed function, just before.
        if tracing is not None and self.trace is None:
            tracing.left -= 1
            if tracing.left < 0 or tracing.current():
                self.trace = tracing.begin(self._input_size)
        if HEARD.is_on:
            self._tell_start()
        else:
            self._began = perf_counter_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        ended = perf_counter_ns()
        seconds = (ended - self._began) * 1e-9
        outcome: Outcome = "ok"
        if self._is_invalid:
            outcome = "invalid"
        elif error is not None:
            outcome = outcome_of(error, self._model.declaration.invalid)
        n = 1
        if outcome == "ok" and self.n is _ONE:
            self._model.buffers.ok.append(seconds)
        else:
            n = self._size()
            self._model.count(outcome, seconds, n)
        try:
            if self._told is not None:  # while the trace is current, so that a handler may log its ids
                tell_end(self._told, self._began, ended, outcome, error, n=n)
        finally:
            tracing = self._model.tracing
            if tracing is not None and (
                self.trace is not None or seconds > tracing.slow_seconds or outcome == "error"
            ):
                self._end_trace(tracing, outcome, error, seconds)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self.__exit__(kind, error, trace)

    def _end_trace(
        self, tracing: "SeriesTracing", outcome: "Outcome", error: BaseException | None, seconds: "Seconds"
    ) -> None:
        if self.trace is not None:
            exemplar = self.trace.ended(outcome, error, seconds)
            self.trace = None
        else:
            exemplar = tracing.keep(
                self._began * 1e-9,
                seconds,
                outcome,
                error,
                input_size=self._input_size,
                stages=self._stages or (),
                ids=self._ids,
            )
        if exemplar is not None:
            self._model.buffers.exemplars.append(exemplar)

    def _size(self) -> int:
        try:
            return size_of(self.n)
        except Exception as error:  # noqa: BLE001  the prediction must go on
            self._model.complaints.say(UNKNOWN_SIZE, error=type(error).__name__)
            return 1

    def _tell_start(self) -> None:
        model = self._model
        told = model.metadata.copy()
        told["input_size"] = self._input_size
        told[CONTEXT] = next(contexts)
        if self._metadata is not None:
            try:
                told.update(self._metadata)
            except Exception as error:  # noqa: BLE001  the prediction must go on
                model.complaints.say("metadata of a span cannot be read", error=type(error).__name__)
        self._told, self._began = told, perf_counter_ns()
        try:
            tell_start(told, self._began)
        except BaseException as error:  # Ctrl-C in a handler: the block is never run
            if self.trace is not None:
                self.trace.ended("cancelled", error, 0.0)
            raise
