"""Who runs a tree: a program of its own, or a thread of somebody else's; what is measured and watched."""

from supervisor.host.background import BackgroundHost, HostNotRunningError
from supervisor.host.measurements import actor_at, actors, loop_lag, mailboxes, memory
from supervisor.host.poller import BUILT_IN, ListMeasurements, Measurement, TelemetryPoller
from supervisor.host.program import run_program
from supervisor.host.watchdog import Watchdog

__all__ = [
    "BUILT_IN",
    "BackgroundHost",
    "HostNotRunningError",
    "ListMeasurements",
    "Measurement",
    "TelemetryPoller",
    "Watchdog",
    "actor_at",
    "actors",
    "loop_lag",
    "mailboxes",
    "memory",
    "run_program",
]
