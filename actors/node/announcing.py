"""Saying how a peer stands, when that is news."""

from typing import TYPE_CHECKING

import structlog

from supervisor import telemetry

if TYPE_CHECKING:
    from actors.node.peer import PeerStatus

log = structlog.get_logger(__name__)


def announce(status: "PeerStatus", who: str, **facts: object) -> None:
    """Tell people and programs; as a warning, unless the peer is up and nothing is wrong.

    Args:
        status: How it stands.
        who: What it is, for the log.
        facts: What else the log tells.

    Emits:
        ("peer", "state"): measurements `silent_seconds`, unless it was never heard; metadata `peer`, `state`,
            `problem`.
    """
    level = "info" if status.state == "up" and status.problem is None else "warning"
    getattr(log, level)(
        f"{who} is {status.state}", peer=status.name, silent_seconds=status.silent_seconds, **facts
    )
    measurements = {} if status.silent_seconds is None else {"silent_seconds": status.silent_seconds}
    metadata = {"peer": status.name, "state": status.state, "problem": status.problem}
    telemetry.execute(("peer", "state"), measurements, metadata)
