"""The catalogue of every event that the runtime emits."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from supervisor.telemetry.bus import EventName

EVENTS: "Final[dict[EventName, str]]" = {
    ("actor", "mailbox", "dropped"): "messages that nobody will read; `count`, and `target`",
    ("actor", "mailbox", "high_water"): "more messages wait than ever since it was empty; `count`, `path`",
    (
        "actor",
        "crashed",
    ): "an exception has ended it; `uptime_seconds`, `path`, `pid`, `reason`, `message`, `state`",
    ("supervisor", "child", "started"): "a child has come up; `path`, `supervisor`",
    ("supervisor", "child", "start_failed"): "it did not come up at its first start; `path`, `reason`",
    ("supervisor", "child", "ended"): "a child has ended by itself; `uptime_seconds`, `reason`",
    ("supervisor", "child", "restarting"): "it will be started anew; `delay_seconds`, `attempt`, `reason`",
    ("supervisor", "child", "restarted"): "it runs again; `restarts`",
    ("supervisor", "child", "restart_failed"): "it did not come up; `delay_seconds`, `attempt`, `reason`",
    ("supervisor", "child", "stopped"): "its supervisor has stopped it; `duration_seconds`, `reason`",
    ("supervisor", "child", "abandoned"): "it would not stop, and still runs; `duration_seconds`, `path`",
    ("supervisor", "stop", "overdue"): "its limit has passed, it is being killed; `duration_seconds`, `path`",
    ("supervisor", "gave_up"): "too many restarts; `restarts`, `path`, `child`, `reason`, `error`",
    ("telemetry", "handler", "failure"): "a handler raised and was detached; see `telemetry.execute`",
}
"""What each event says, measurements first."""
