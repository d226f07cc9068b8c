"""Who hears of what: handlers by exact event name.

The table is replaced, never changed, so that `execute` reads it without a lock from any thread.
"""

import asyncio
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import structlog

from supervisor.clock import monotonic_ns, unix_now_ns

EventName: TypeAlias = tuple[str, ...]
Measurements: TypeAlias = Mapping[str, object]
Metadata: TypeAlias = Mapping[str, object]
HandlerFunction: TypeAlias = Callable[[EventName, Measurements, Metadata, object], object]

HANDLER_FAILURE: Final = ("telemetry", "handler", "failure")

log = structlog.get_logger(__name__)


class HandlerExistsError(ValueError):
    """A handler of that id is attached already; it was left as it is."""

    def __init__(self, handler_id: str) -> None:
        self.handler_id = handler_id
        super().__init__(f"handler {handler_id!r} is attached already; detach it first or choose another id")


class HandlerNotFoundError(LookupError):
    """No handler of that id is attached."""

    def __init__(self, handler_id: str) -> None:
        self.handler_id = handler_id
        super().__init__(f"no handler {handler_id!r} is attached")


class BadEventNameError(ValueError):
    """An event name, or a prefix of one, that is no tuple of words."""

    def __init__(self, event_name: object) -> None:
        self.event_name = event_name
        super().__init__(f"event name must be a non-empty tuple of words, got {event_name!r}")


@dataclass(frozen=True, slots=True)
class Handler:
    """One handler on one event.

    Attributes:
        id: What it was attached under.
        event_name: What it hears.
        function: Called with the event name, the measurements, the metadata and `config`.
        config: Handed to it at every event.
    """

    id: str
    event_name: EventName
    function: HandlerFunction
    config: object = None


_lock = threading.Lock()
_handlers: dict[EventName, tuple[Handler, ...]] = {}
_listeners: list[Callable[[], object]] = []


def attach(handler_id: str, event_name: EventName, function: HandlerFunction, config: object = None) -> None:
    """Have `function` called at every event of exactly that name.

    Args:
        handler_id: Unique over all events.
        event_name: A tuple of words, thing first, what happened last.
        function: Runs in whoever executes the event, and so must be quick. One that raises is detached.
        config: Handed to it at every event.

    Raises:
        HandlerExistsError: The id is taken.
        BadEventNameError: `event_name` is no tuple of words.
    """
    attach_many(handler_id, (event_name,), function, config)


def attach_many(
    handler_id: str, event_names: Iterable[EventName], function: HandlerFunction, config: object = None
) -> None:
    """Like `attach`, for several events under one id, each once; one `detach` ends them all.

    Raises:
        HandlerExistsError: The id is taken.
        BadEventNameError: A name is no tuple of words; nothing was attached.
    """
    names = tuple(dict.fromkeys(event_names))
    for name in names:
        if not name:
            raise BadEventNameError(name)
        _check_words(name)
    with _lock:
        if any(handler.id == handler_id for handlers in _handlers.values() for handler in handlers):
            raise HandlerExistsError(handler_id)
        table = dict(_handlers)
        for name in names:
            table[name] = (*table.get(name, ()), Handler(handler_id, name, function, config))
        _replace(table)


def detach(handler_id: str) -> None:
    """Take a handler off all its events; an event that is being executed still calls it.

    Raises:
        HandlerNotFoundError: No handler has that id.
    """
    with _lock:
        table = {}
        for name, handlers in _handlers.items():
            kept = tuple(one for one in handlers if one.id != handler_id)
            if kept:
                table[name] = kept
        if sum(map(len, table.values())) == sum(map(len, _handlers.values())):
            raise HandlerNotFoundError(handler_id)
        _replace(table)


def list_handlers(prefix: EventName = ()) -> tuple[Handler, ...]:
    """Every handler on an event whose name begins with `prefix`, by whole words; `()` gives all.

    Raises:
        BadEventNameError: `prefix` is no tuple of words.
    """
    _check_words(prefix)
    table = _handlers
    return tuple(one for name, handlers in table.items() if name[: len(prefix)] == prefix for one in handlers)


def has_handlers(event_name: EventName) -> bool:
    """Whether anybody hears an event; lets a busy place spare the making of it."""
    return event_name in _handlers


def on_change(function: Callable[[], object]) -> None:
    """Have `function` called after every change of the handlers, for as long as the process lives.

    For a place so busy that even `has_handlers` would cost too much; it must not raise.
    """
    with _lock:
        _listeners.append(function)


def execute(
    event_name: EventName, measurements: Measurements | None = None, metadata: Metadata | None = None
) -> None:
    """Tell everybody who hears `event_name`; costs next to nothing if nobody does.

    A handler that raises is detached from all its events first, then reported; only what ends the program,
    KeyboardInterrupt and SystemExit, reaches the caller.

    Args:
        event_name: Matched exactly.
        measurements: Numbers by name.
        metadata: Facts by name.

    Emits:
        ("telemetry", "handler", "failure"): A handler raised; measurements `monotonic_time` and `system_time`
            in nanoseconds, metadata `event_name`, `handler_id`, `handler_config`, `kind`, `reason`,
            `stacktrace`.
    """
    handlers = _handlers.get(event_name)
    if handlers is None:
        return
    measured, told = measurements or {}, metadata or {}
    for handler in handlers:
        try:
            handler.function(event_name, measured, told, handler.config)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  a handler's failure is its own, a cancellation as well
            handler_failed(handler, error)


def handler_failed(handler: Handler, error: BaseException) -> None:
    """Detach a handler that raised, from all its events, then report it.

    For `execute`, and for a place so busy that it calls the handlers itself.

    Args:
        handler: Which one.
        error: What it raised.

    Emits:
        ("telemetry", "handler", "failure"): As `execute` says.
    """
    with suppress(HandlerNotFoundError):  # detached meanwhile, by itself or by another thread
        detach(handler.id)
    execute(
        HANDLER_FAILURE,
        {"monotonic_time": monotonic_ns(), "system_time": unix_now_ns()},
        {
            "event_name": handler.event_name,
            "handler_id": handler.id,
            "handler_config": handler.config,
            "kind": kind_of(error),
            "reason": error,
            "stacktrace": traceback.extract_tb(error.__traceback__),
        },
    )
    log.error(
        "telemetry handler failed and was detached",
        handler_id=handler.id,
        event_name=".".join(handler.event_name),
        error=type(error).__name__,
    )


def kind_of(error: BaseException) -> Literal["error", "cancelled", "exit"]:
    """What sort of end an exception is: a failure, a cancellation, or the end of more than its own place."""
    if isinstance(error, asyncio.CancelledError):
        return "cancelled"
    return "error" if isinstance(error, Exception) else "exit"


def _check_words(name: object) -> None:
    if not isinstance(name, tuple) or not all(isinstance(word, str) and word for word in name):
        raise BadEventNameError(name)


def _replace(table: dict[EventName, tuple[Handler, ...]]) -> None:
    global _handlers
    _handlers = table
    for changed in _listeners:
        changed()
