"""The bus: handlers by exact event name, called in the thread of whoever executes the event."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from supervisor.clock import monotonic_ns, unix_now_ns
from supervisor.errors import BadEventNameError, HandlerExistsError, HandlerNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

EventName: TypeAlias = tuple[str, ...]
Measurements: TypeAlias = Mapping[str, object]
Metadata: TypeAlias = Mapping[str, object]
Function: TypeAlias = Callable[[EventName, Measurements, Metadata, object], object]

HANDLER_FAILED: Final = ("telemetry", "handler", "failure")

_NOTHING: Final[Mapping[str, object]] = {}
_log = structlog.stdlib.get_logger("supervisor.telemetry")


@dataclass(frozen=True, slots=True)
class AttachedHandler:
    """One handler on one event.

    Attributes:
        handler_id: What `detach` takes; one id may stand on many events.
        event_name: The event it is called for, exactly that one.
        function: Called with event name, measurements, metadata and `config`.
        config: Whatever was given to `attach`.
    """

    handler_id: str
    event_name: EventName
    function: Function
    config: object


class _Bus:
    """All handlers of the process.

    Writers take the lock and replace the dict; readers take the dict as it stands and never wait.
    """

    __slots__ = ("by_event", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.by_event: dict[EventName, tuple[AttachedHandler, ...]] = {}

    def add(self, new: "tuple[AttachedHandler, ...]") -> None:
        with self.lock:
            taken = {one.handler_id for handlers in self.by_event.values() for one in handlers}
            for one in new:
                if one.handler_id in taken:
                    raise HandlerExistsError(one.handler_id)
            by_event = dict(self.by_event)
            for one in new:
                by_event[one.event_name] = (*by_event.get(one.event_name, ()), one)
            self.by_event = by_event

    def remove(self, handler_id: str) -> bool:
        with self.lock:
            left = {
                name: tuple(one for one in handlers if one.handler_id != handler_id)
                for name, handlers in self.by_event.items()
            }
            found = sum(map(len, left.values())) < sum(map(len, self.by_event.values()))
            self.by_event = {name: handlers for name, handlers in left.items() if handlers}
            return found


_bus = _Bus()


def attach(handler_id: str, event_name: EventName, function: Function, config: object = None) -> None:
    """Have `function` called for every event of exactly this name.

    It runs in the thread, and inside the call, of whoever executes the event: it must be quick and thread-safe.
    One that raises is detached, so that a broken handler costs one error and not one for every event.

    Args:
        handler_id: Unique over all events; `detach` takes it.
        event_name: Words, the thing first, what happened last; neither prefixes nor longer names fire.
        function: Called with event name, measurements, metadata and `config`.
        config: Handed to `function` as it is.

    Raises:
        HandlerExistsError: The id is taken; the existing handler stays as it is.
        BadEventNameError: The name is not a non-empty tuple of words.

    Source:
        `telemetry:attach/4` of beam-telemetry.
    """
    attach_many(handler_id, (event_name,), function, config)


def attach_many(
    handler_id: str, event_names: "Iterable[EventName]", function: Function, config: object = None
) -> None:
    """Like `attach`, for many events under one id, which one `detach` removes from all of them.

    Without any event it does nothing and the id stays free; a name given twice counts once.

    Raises:
        HandlerExistsError: The id is taken.
        BadEventNameError: One of the names is not a non-empty tuple of words; none is attached.
    """
    names = tuple(dict.fromkeys(_checked(name) for name in event_names))
    _bus.add(tuple(AttachedHandler(handler_id, name, function, config) for name in names))


def detach(handler_id: str) -> None:
    """Remove a handler from all its events.

    An event that is under way in another thread, or further up this one, may still call it.

    Raises:
        HandlerNotFoundError: No handler has that id.
    """
    if not _bus.remove(handler_id):
        raise HandlerNotFoundError(handler_id)


def list_handlers(prefix: EventName = ()) -> tuple[AttachedHandler, ...]:
    """Every handler on an event whose name begins with the words of `prefix`; one entry for each event.

    Raises:
        BadEventNameError: The prefix is not a tuple of words; the empty one is fine.
    """
    wanted = _checked(prefix) if prefix != () else ()
    by_event = _bus.by_event
    return tuple(one for name, found in by_event.items() if name[: len(wanted)] == wanted for one in found)


def has_handlers(event_name: EventName) -> bool:
    """Whether anybody would hear this event; for callers whose measurements cost something to take."""
    return event_name in _bus.by_event


def execute(
    event_name: EventName, measurements: Measurements = _NOTHING, metadata: Metadata = _NOTHING
) -> None:
    """Call the handlers of an event, here and now, one after the other; never raises for one of them.

    Args:
        event_name: Exactly this name's handlers are called, those that were attached at this moment.
        measurements: Numbers, by name; a name that holds a time says its unit.
        metadata: Whatever else tells what happened.

    Emits:
        ("telemetry", "handler", "failure") for a handler that raised, after it was detached.
    """
    for handler in _bus.by_event.get(event_name, ()):
        try:
            handler.function(event_name, measurements, metadata, handler.config)
        except Exception as error:  # noqa: BLE001  a handler's failure is never its caller's
            _failed(handler, error)


def _failed(handler: AttachedHandler, error: Exception) -> None:
    # Detach first: a failing handler of the failure event would otherwise be called for ever.
    _bus.remove(handler.handler_id)
    execute(
        HANDLER_FAILED,
        {"monotonic_time": monotonic_ns(), "system_time": unix_now_ns()},
        {
            "event_name": handler.event_name,
            "handler_id": handler.handler_id,
            "handler_config": handler.config,
            "kind": "error",
            "reason": error,
            "stacktrace": error.__traceback__,
        },
    )
    _log.error(
        "telemetry handler failed and was detached",
        handler_id=handler.handler_id,
        event_name=".".join(handler.event_name),
        error=f"{type(error).__name__}: {error}",
    )


def _checked(event_name: object) -> EventName:
    if (
        not isinstance(event_name, tuple)
        or not event_name
        or not all(isinstance(word, str) for word in event_name)
    ):
        raise BadEventNameError(event_name)
    return event_name
