"""The catalogue of every event that the runtime emits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from supervisor.telemetry.bus import EventName


@dataclass(frozen=True, slots=True)
class EventSpec:
    """What one event says.

    Attributes:
        says: When it is executed, in one line.
        measurements: Names of its numbers; a name that ends in `_seconds` holds seconds, the times of the
            telemetry's own events are nanoseconds.
        metadata: Names of its facts.
        optional: Names of facts that some of its executions lack.
    """

    says: str
    measurements: tuple[str, ...]
    metadata: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def misses(self, measurements: "Iterable[str]", metadata: "Iterable[str]") -> set[str]:
        """Names that an execution should have had and had not, or had and should not."""
        optional = set(self.optional)
        return (set(measurements) ^ set(self.measurements)) | (
            (set(metadata) - optional) ^ (set(self.metadata) - optional)
        )


_CHILD: Final = ("path", "supervisor")
"""Of every event about a child: its place in the tree, and its supervisor's."""

_LIMIT: Final = ("path", "child", "reason", "error")
"""Of every event about a restart limit: the supervisor's path, the child's id, its last reason, the error."""

EVENTS: "Final[dict[EventName, EventSpec]]" = {
    ("actor", "crashed"): EventSpec(
        "an exception has ended an actor that had come up",
        ("uptime_seconds",),
        ("path", "pid", "reason", "message", "state"),
    ),
    ("actor", "mailbox", "dropped"): EventSpec(
        "messages that nobody will read", ("count",), ("target",), optional=("message",)
    ),
    ("actor", "mailbox", "high_water"): EventSpec(
        "more messages wait than ever since it was empty", ("count",), ("path",)
    ),
    ("actor", "report", "fenced"): EventSpec(
        "the thread or process of an actor that was given up still sends, and nobody hears it",
        ("count",),
        ("path",),
    ),
    ("loop", "blocked"): EventSpec(
        "the loop has given no sign for too long; from the watchdog's thread, while it lasts",
        ("duration_seconds",),
        ("path", "stack"),
    ),
    ("loop", "unblocked"): EventSpec("the loop goes on", ("duration_seconds",), ()),
    ("runtime", "actor", "measured"): EventSpec(
        "how one actor does", ("waiting", "uptime_seconds", "handling_seconds"), ("path", "doing")
    ),
    ("runtime", "actors", "measured"): EventSpec("how many actors there are", ("running", "zombies"), ()),
    ("runtime", "loop", "measured"): EventSpec("how long one turn of the loop takes", ("lag_seconds",), ()),
    ("runtime", "mailboxes", "measured"): EventSpec(
        "how many messages wait, and whose mailbox is the longest", ("waiting", "longest"), ("path",)
    ),
    ("runtime", "memory", "measured"): EventSpec(
        "how much memory the process holds", ("resident_bytes", "allocated_blocks"), ()
    ),
    ("supervisor", "auto_shutdown"): EventSpec(
        "a supervisor ends with its significant child", ("count",), ("path", "child", "reason")
    ),
    ("supervisor", "child", "abandoned"): EventSpec(
        "a child would not stop, and still runs", ("duration_seconds",), ("path", "reason")
    ),
    ("supervisor", "child", "ended"): EventSpec(
        "a child has ended by itself", ("uptime_seconds",), (*_CHILD, "reason")
    ),
    ("supervisor", "child", "failed"): EventSpec(
        "a child had to be restarted too often, and is left out", ("restarts",), _LIMIT
    ),
    ("supervisor", "child", "restart_failed"): EventSpec(
        "a restart did not come up", ("delay_seconds", "attempt"), (*_CHILD, "reason")
    ),
    ("supervisor", "child", "restarted"): EventSpec("a child runs again", ("restarts",), _CHILD),
    ("supervisor", "child", "restarting"): EventSpec(
        "a child will be started anew after a delay", ("delay_seconds", "attempt"), (*_CHILD, "reason")
    ),
    ("supervisor", "child", "start_failed"): EventSpec(
        "a child did not come up at its first start", ("count",), (*_CHILD, "reason")
    ),
    ("supervisor", "child", "started"): EventSpec("a child has come up", ("count",), (*_CHILD, "pid")),
    ("supervisor", "child", "stopped"): EventSpec(
        "a child was stopped by its supervisor", ("duration_seconds",), (*_CHILD, "reason")
    ),
    ("supervisor", "gave_up"): EventSpec(
        "a supervisor had to restart too often, and ends", ("restarts",), _LIMIT
    ),
    ("supervisor", "message", "dropped"): EventSpec(
        "a supervisor got a message that it does not understand", ("count",), ("path", "message")
    ),
    ("supervisor", "restarts", "paused"): EventSpec(
        "a supervisor had to restart too often, and waits", ("pause_seconds",), _LIMIT
    ),
    ("supervisor", "restarts", "resumed"): EventSpec(
        "the pause is over, and whoever waits is restarted", ("waiting",), ("path",)
    ),
    ("supervisor", "stop", "failed"): EventSpec(
        "a child failed in its cleanup", ("duration_seconds",), ("path", "reason")
    ),
    ("supervisor", "stop", "overdue"): EventSpec(
        "the limit of a stop has passed, and the child is being killed",
        ("duration_seconds",),
        ("path", "reason"),
    ),
    ("telemetry", "handler", "failure"): EventSpec(
        "a handler raised and was detached from all its events",
        ("monotonic_time", "system_time"),
        ("event_name", "handler_id", "handler_config", "kind", "reason", "stacktrace"),
    ),
    ("telemetry", "measurement", "failure"): EventSpec(
        "a measurement raised, and its poller has dropped it",
        ("count",),
        ("path", "measurement", "kind", "reason", "stacktrace"),
    ),
}
"""By name, in the order of the alphabet."""
