"""The runtime's events as log lines; what exceptions say only to whoever asks, see `safe_facts`."""

from typing import TYPE_CHECKING, Final

import structlog

from supervisor.telemetry.bus import HandlerExistsError, attach_many
from supervisor.telemetry.safe_facts import facts_of

if TYPE_CHECKING:
    from supervisor.telemetry.bus import EventName, Measurements, Metadata

log = structlog.get_logger(__name__)

HANDLER_ID: Final = "supervisor-structlog"
LINES: "Final[dict[EventName, tuple[str, str]]]" = {
    ("actor", "crashed"): ("error", "actor crashed"),
    ("actor", "mailbox", "dropped"): ("warning", "messages dropped"),
    ("actor", "mailbox", "high_water"): ("warning", "messages pile up"),
    ("loop", "blocked"): ("error", "loop is blocked"),
    ("loop", "unblocked"): ("warning", "loop was blocked, and goes on"),
    ("supervisor", "child", "abandoned"): ("error", "child would not stop, abandoned"),
    ("supervisor", "child", "failed"): ("error", "child is left out, its supervisor goes on"),
    ("supervisor", "child", "restart_failed"): ("error", "restart failed"),
    ("supervisor", "child", "restarting"): ("warning", "child ended, restarting"),
    ("supervisor", "child", "start_failed"): ("error", "start failed"),
    ("supervisor", "gave_up"): ("error", "supervisor gave up"),
    ("supervisor", "message", "dropped"): ("warning", "supervisor does not know a message"),
    ("supervisor", "restarts", "paused"): ("error", "too many restarts, paused"),
    ("supervisor", "restarts", "resumed"): ("warning", "restarts go on"),
    ("supervisor", "stop", "failed"): ("error", "child failed while it was stopped"),
    ("supervisor", "stop", "overdue"): ("warning", "child is overdue to stop"),
}
"""Level and text of each event that is logged."""

_SHOWN: Final = ("path", "child", "target", "message", "state", "stack")


def attach_structlog(*, exception_texts: bool = False) -> None:
    """Log what the runtime has to complain about; calling it again changes nothing.

    Args:
        exception_texts: Whether a line may quote what exceptions and other reasons say. They may hold
            secrets, so they are left out by default.
    """
    try:
        attach_many(HANDLER_ID, LINES, _log, config=exception_texts)
    except HandlerExistsError:
        return


def _log(event_name: "EventName", measurements: "Measurements", metadata: "Metadata", config: object) -> None:
    level, text = LINES[event_name]
    facts = {name: str(metadata[name]) for name in _SHOWN if metadata.get(name) is not None}
    if "reason" in metadata:
        facts |= facts_of(metadata["reason"])
        if config:
            facts["reason"] = str(metadata["reason"])
    getattr(log, level)(text, **facts, **measurements)
