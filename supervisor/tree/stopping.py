"""The ladder that ends a process, whatever it does: ask, cancel, cancel again, abandon and report."""

from typing import TYPE_CHECKING, Final

from supervisor import telemetry
from supervisor.clock import monotonic
from supervisor.process.exits import SHUTDOWN, ExitReason
from supervisor.process.process import Process, ended_within

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.tree.child_spec import Shutdown

CANCELLATIONS: Final = 5
CANCEL_EVERY_SECONDS: Final = 0.1


async def stop_process(process: Process, shutdown: "Shutdown", reason: ExitReason = SHUTDOWN) -> bool:
    """End a process within its limit, plus half a second if it does not obey.

    A coroutine can swallow a cancellation, so it gets several; one that swallows them all, or blocks, cannot
    be ended from outside and is abandoned: its name is free again, and it is on record as a zombie.

    Args:
        process: Whom to stop.
        shutdown: As in `ChildSpec`.
        reason: What it is told, if it is asked at all.

    Returns:
        Whether it ended; False if it was abandoned.

    Emits:
        ("supervisor", "stop", "overdue") when the limit passed; ("supervisor", "child", "abandoned").
    """
    began = monotonic()
    if shutdown != "brutal_kill":
        process.exit(reason, from_parent=True)
        if await ended_within(process, None if shutdown == "infinity" else shutdown):
            return True
        _report("stop", "overdue", process, monotonic() - began)
    for _ in range(CANCELLATIONS):
        process.kill()
        if await ended_within(process, CANCEL_EVERY_SECONDS):
            return True
    process.abandon()
    _report("child", "abandoned", process, monotonic() - began)
    return False


def _report(thing: str, happened: str, process: Process, waited: "Seconds") -> None:
    telemetry.execute(("supervisor", thing, happened), {"duration_seconds": waited}, {"path": process.path})
