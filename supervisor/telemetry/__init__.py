"""Events: what happened, told to whoever attached a handler, at the price of a dict lookup where nobody did.

The bus is one for the process, as Erlang's telemetry is; `supervisor.telemetry.events` lists what the runtime
itself emits, and `log_events` writes it to the log.
"""

from supervisor.telemetry.bus import (
    AttachedHandler,
    EventName,
    Function,
    Measurements,
    Metadata,
    attach,
    attach_many,
    detach,
    execute,
    has_handlers,
    list_handlers,
)

__all__ = [
    "AttachedHandler",
    "EventName",
    "Function",
    "Measurements",
    "Metadata",
    "attach",
    "attach_many",
    "detach",
    "execute",
    "has_handlers",
    "list_handlers",
]
