"""Predictions that make an OpenTelemetry span, where they are sampled."""

import functools
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from actors.recording.outcome import Outcome
    from actors.recording.predict import Begin
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds

log = structlog.get_logger(__name__)


class SampledTrace:
    """A prediction as a span; whatever goes wrong in it is logged, and never the caller's."""

    def __init__(self, key: "SeriesKey", input_size: int | None) -> None:
        self._current = ExitStack()
        self._span = _tracer().start_span("model.predict", attributes=_attributes(key, input_size))
        self.resume()

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A part of the prediction, as a child span."""
        return _stage(name)

    def pause(self) -> None:
        """Let it be current no longer."""
        with _harmless():
            self._current.close()

    def resume(self) -> None:
        """Let it be current again."""
        from opentelemetry import trace  # noqa: PLC0415  heavy, and only for who samples

        with _harmless():
            current = trace.use_span(self._span, record_exception=False, set_status_on_exception=False)
            self._current.enter_context(current)

    def ended(self, outcome: "Outcome", error: BaseException | None, seconds: "Seconds") -> None:  # noqa: ARG002
        """End the span; an exception is written down in it."""
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415  heavy

        self.pause()
        with _harmless():
            if error is not None:
                self._span.record_exception(error)
            if outcome == "error":
                self._span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            self._span.end()


def sampling(rate: float) -> "Begin | None":
    """Begins a trace for a share of the predictions, 0..1; None if that is none of them."""

    def begin(key: "SeriesKey", input_size: int | None) -> SampledTrace | None:
        if random.random() >= rate:  # noqa: TID251  the choice of no decision
            return None
        try:
            return SampledTrace(key, input_size)
        except Exception as error:  # noqa: BLE001  the prediction must go on
            log.warning("prediction is not traced", error=str(error))
            return None

    return begin if rate else None


@contextmanager
def _harmless() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001  the prediction must go on
        log.warning("prediction is not traced", error=str(error))


@contextmanager
def _stage(name: str) -> Iterator[None]:
    trace = ExitStack()
    with _harmless():
        trace.enter_context(_tracer().start_as_current_span(name))
    try:
        yield
    except BaseException as error:
        _leave(trace, error)
        raise
    _leave(trace, None)


def _leave(trace: ExitStack, error: BaseException | None) -> None:
    with _harmless():
        trace.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)


@functools.cache
def _tracer() -> "Tracer":
    from opentelemetry import trace  # noqa: PLC0415  heavy, and only for who samples

    return trace.get_tracer("slokeeper")


def _attributes(key: "SeriesKey", input_size: int | None) -> dict[str, str | int]:
    known: dict[str, str | int] = {"model.name": key.model, "model.version": key.version}
    return known if input_size is None else {**known, "input.size": input_size}
