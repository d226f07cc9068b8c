"""What watches an inference service: predictions counted, objectives held, the right person woken.

monitor = actors.Monitor.from_config("config.toml")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from actors.application.logs import add_trace_ids
    from actors.embedded import Monitor, MonitorRunsError, lifespan
    from actors.embedded.litserve import LitServeCallback
    from actors.embedded.process import model, process_monitor
    from actors.policy.event import BudgetEvent
    from actors.recording.asgi import MonitorNotRunningError, PredictionMiddleware
    from actors.recording.tracing import incoming
    from actors.recording.wsgi import PredictionWSGIMiddleware

__all__ = [
    "BudgetEvent",
    "LitServeCallback",
    "Monitor",
    "MonitorNotRunningError",
    "MonitorRunsError",
    "PredictionMiddleware",
    "PredictionWSGIMiddleware",
    "add_trace_ids",
    "incoming",
    "lifespan",
    "model",
    "process_monitor",
]

_PLACES: Final = {
    "BudgetEvent": "actors.policy.event",
    "LitServeCallback": "actors.embedded.litserve",
    "Monitor": "actors.embedded",
    "MonitorNotRunningError": "actors.recording.asgi",
    "MonitorRunsError": "actors.embedded",
    "PredictionMiddleware": "actors.recording.asgi",
    "PredictionWSGIMiddleware": "actors.recording.wsgi",
    "add_trace_ids": "actors.application.logs",
    "incoming": "actors.recording.tracing",
    "lifespan": "actors.embedded",
    "model": "actors.embedded.process",
    "process_monitor": "actors.embedded.process",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: a part of this need not wait for all of it."""
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(place), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
