"""The events of a prediction, and who hears them: known since they were attached, not looked up at a call."""

import itertools
import traceback
from collections.abc import Mapping
from contextlib import suppress
from time import perf_counter_ns
from typing import TYPE_CHECKING, Final, TypeAlias

from supervisor import telemetry
from supervisor.clock import unix_now_ns
from supervisor.telemetry import EventName, Handler
from supervisor.telemetry.bus import HandlerFunction, handler_failed

if TYPE_CHECKING:
    from actors.recording.outcome import Outcome

START: Final = ("model", "predict", "start")
STOP: Final = ("model", "predict", "stop")
EXCEPTION: Final = ("model", "predict", "exception")
CONTEXT: Final = "telemetry_span_context"

Told: TypeAlias = dict[str, object]

contexts: Final = itertools.count(1)


class Heard:
    """Who hears of predictions at present; the bus keeps it up to date.

    One handler of an event is called as it stands; several are one that calls them all.

    Attributes:
        is_on: Whether anybody hears anything.
        start: Who hears of a start, None if nobody does; `stop` and `exception` in the same way.
        time_offset: From the clock of predictions to Unix time, nanoseconds.

    Source:
        Erlang's system time is its monotonic time and an offset as well, and so the original's `system_time`.
        It spares a third clock.
    """

    __slots__ = ("exception", "is_on", "start", "stop", "time_offset")

    def __init__(self) -> None:
        telemetry.on_change(self.compile)
        self.compile()

    def compile(self) -> None:
        """Take in who is attached by now."""
        self.start, self.stop, self.exception = map(_compiled, (START, STOP, EXCEPTION))
        self.is_on = any((self.start, self.stop, self.exception))
        self.set_clock()

    def set_clock(self) -> None:
        """Follow the wall clock; the recorder does it at every drain, in case that somebody has set it."""
        self.time_offset = unix_now_ns() - perf_counter_ns()


def _compiled(event: EventName) -> Handler | None:
    handlers = [one for one in telemetry.list_handlers(event) if one.event_name == event]
    if len(handlers) > 1:
        return Handler("all of them", event, _all(tuple(handlers)))
    return handlers[0] if handlers else None


def _all(handlers: tuple[Handler, ...]) -> HandlerFunction:
    def tell_all(
        name: EventName, measured: Mapping[str, object], told: Mapping[str, object], _: object
    ) -> None:
        for handler in handlers:
            function = handler.function
            try:
                function(name, measured, told, handler.config)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # noqa: BLE001  a handler's failure is its own
                failed(handler, error)

    return tell_all


def tell(
    handler: Handler, name: EventName, measured: Mapping[str, object], told: Mapping[str, object]
) -> None:
    """Call a handler; only what ends the program leaves it."""
    try:
        handler.function(name, measured, told, handler.config)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  a handler's failure is its own
        failed(handler, error)


def failed(handler: Handler, error: BaseException) -> None:
    """Detach a handler that raised, and report it as the bus does; the prediction goes on."""
    with suppress(Exception):  # of the report: whoever writes the log may have gone
        handler_failed(handler, error)


HEARD: Final = Heard()


def tell_start(told: Told, began: int) -> None:
    """Tell that a prediction begins.

    Args:
        told: The metadata, with the span's context in it.
        began: When, nanoseconds of `perf_counter`, which is monotonic.

    Emits:
        ("model", "predict", "start"): measurements `monotonic_time`, `system_time`, nanoseconds; metadata
            `model`, `version`, the series' labels, `input_size`, `telemetry_span_context`, and what was given
            to `.span()`.
    """
    if HEARD.start is not None:
        tell(HEARD.start, START, {"monotonic_time": began, "system_time": began + HEARD.time_offset}, told)


def tell_end(
    told: Told, began: int, ended: int, outcome: "Outcome", error: BaseException | None, *, n: int = 1
) -> None:
    """Tell how it ended.

    Args:
        told: As at the start.
        began: As at the start.
        ended: When, nanoseconds of the same clock.
        outcome: As it is counted.
        error: What was raised, if anything was.
        n: So many predictions it was.

    Emits:
        ("model", "predict", "stop"): measurements `duration`, `monotonic_time`; metadata as at the start, `n`
            where it was a batch, `outcome` where it is not `ok`.
        ("model", "predict", "exception"): the same measurements; metadata as at the start, `n` where it was a
            batch, and `kind`, `reason`, `stacktrace`. The kind is `error`, `invalid`, `cancelled`, or `exit`
            for what ends the program.
    """
    measured = {"duration": ended - began, "monotonic_time": ended}
    if n != 1:
        told = {**told, "n": n}
    if error is not None:
        if HEARD.exception is not None:
            failure = {
                "kind": "exit" if isinstance(error, KeyboardInterrupt | SystemExit) else outcome,
                "reason": error,
                "stacktrace": traceback.extract_tb(error.__traceback__),
            }
            tell(HEARD.exception, EXCEPTION, measured, {**told, **failure})
    elif HEARD.stop is not None:
        tell(HEARD.stop, STOP, measured, told if outcome == "ok" else {**told, "outcome": outcome})
