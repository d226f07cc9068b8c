"""A node as a program of its own."""

from typing import TYPE_CHECKING

from actors.application.application import Application
from actors.application.drain import drain
from actors.application.logs import configure_logging
from supervisor.host import run_program
from supervisor.telemetry import attach_structlog

if TYPE_CHECKING:
    from actors.config import Settings


def run_node(settings: "Settings") -> int:
    """Run a node until a signal or until its tree gives up.

    SIGTERM and SIGINT: not ready at once, up to `drain_timeout` of draining, the tree stops in order. A
    second one ends the process now.

    Returns:
        The exit code: 0 after a signal, 1 when the tree gave up.

    Raises:
        StorageError: The data directory cannot be used.
        ListenError: The address cannot be listened on.
    """
    configure_logging(settings.node)
    attach_structlog()
    return run_program(
        Application(settings).running, wait=lambda application: application.supervision.wait(), drain=drain
    )
