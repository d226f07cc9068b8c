"""Who else hears of a prediction: handlers of its events, and a trace where it is sampled.

With neither, the caller pays one look at an attribute.
"""

import functools
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

import structlog

from actors.recording.events import PredictionEvents
from supervisor import telemetry

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from actors.recording.series import SeriesKey

log = structlog.get_logger(__name__)

EVENTS: Final = tuple(("model", "predict", what) for what in ("start", "stop", "exception"))


class _Watched:
    """Whether anybody hears the events of predictions; kept up to date by the bus."""

    __slots__ = ("is_on",)

    def __init__(self) -> None:
        self.is_on = False
        telemetry.on_change(self.look)
        self.look()

    def look(self) -> None:
        self.is_on = any(map(telemetry.has_handlers, EVENTS))


WATCHED: Final = _Watched()


class Watcher:
    """Hears of one prediction; whatever goes wrong in it is logged, and never the caller's."""

    def __init__(self, key: "SeriesKey", input_size: int | None, *, is_traced: bool) -> None:
        self._trace = ExitStack()
        self._events = PredictionEvents(key, input_size) if WATCHED.is_on else None
        self._is_traced = is_traced
        if is_traced:
            with _harmless():
                self._trace.enter_context(_span("model.predict", _attributes(key, input_size)))

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A part of the prediction, as a child span."""
        return _stage(name) if self._is_traced else nullcontext()

    def ended(self, error: BaseException | None) -> None:
        """The prediction is over."""
        with _harmless():
            if self._events is not None:
                self._events.ended(error)
        _leave(self._trace, error)


def watchers(key: "SeriesKey", input_size: int | None, sample_rate: float) -> Watcher | None:
    """Begin to watch a prediction; None if nobody does, or if that failed."""
    try:
        is_traced = sample_rate > 0 and random.random() < sample_rate  # noqa: TID251  the choice of no decision
        if not WATCHED.is_on and not is_traced:
            return None
        return Watcher(key, input_size, is_traced=is_traced)
    except Exception as error:  # noqa: BLE001  the prediction must go on
        log.warning("prediction is not watched", error=str(error))
        return None


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
        trace.enter_context(_span(name, {}))
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


def _span(name: str, attributes: dict[str, str | int]) -> AbstractContextManager[object]:
    return _tracer().start_as_current_span(name, attributes=attributes)


def _attributes(key: "SeriesKey", input_size: int | None) -> dict[str, str | int]:
    known: dict[str, str | int] = {"model.name": key.model, "model.version": key.version}
    return known if input_size is None else {**known, "input.size": input_size}
