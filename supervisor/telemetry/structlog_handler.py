"""The runtime's events as log lines."""

from typing import TYPE_CHECKING, Final

import structlog

from supervisor.telemetry.bus import HandlerExistsError, attach_many

if TYPE_CHECKING:
    from supervisor.telemetry.bus import EventName, Measurements, Metadata

log = structlog.get_logger(__name__)

HANDLER_ID: Final = "supervisor-structlog"
LINES: "Final[dict[EventName, tuple[str, str]]]" = {
    ("supervisor", "child", "restarting"): ("warning", "child ended, restarting"),
    ("supervisor", "child", "restart_failed"): ("error", "restart failed"),
    ("supervisor", "child", "abandoned"): ("error", "child would not stop, abandoned"),
    ("supervisor", "stop", "overdue"): ("warning", "child is overdue to stop"),
    ("supervisor", "gave_up"): ("error", "supervisor gave up"),
    ("actor", "mailbox", "dropped"): ("warning", "messages dropped"),
}
"""Level and text of each event that is logged."""

_SHOWN: Final = ("path", "child", "target", "reason")


def attach_structlog() -> None:
    """Log what the runtime has to complain about; calling it again changes nothing."""
    try:
        attach_many(HANDLER_ID, LINES, _log)
    except HandlerExistsError:
        return


def _log(event_name: "EventName", measurements: "Measurements", metadata: "Metadata", config: object) -> None:
    del config
    level, text = LINES[event_name]
    facts = {name: str(metadata[name]) for name in _SHOWN if name in metadata}
    getattr(log, level)(text, **facts, **measurements)
