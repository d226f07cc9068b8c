"""What can be measured of a process and its actors, each as one event."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from supervisor import telemetry
from supervisor.clock import monotonic
from supervisor.process.inspection import process_info

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.process.system import ActorSystem


def memory(system: "ActorSystem") -> None:
    """How much memory the process holds.

    Raises:
        OSError: The system does not tell it under `/proc`.

    Emits:
        ("runtime", "memory", "measured"): `resident_bytes`, and `allocated_blocks` of Python's own.
    """
    del system
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    measured = {
        "resident_bytes": pages * os.sysconf("SC_PAGE_SIZE"),
        "allocated_blocks": sys.getallocatedblocks(),
    }
    telemetry.execute(("runtime", "memory", "measured"), measured)


async def loop_lag(system: "ActorSystem") -> None:
    """How long one turn of the loop takes: so late is whatever becomes due meanwhile.

    Emits:
        ("runtime", "loop", "measured"): `lag_seconds`.
    """
    del system
    began = monotonic()
    await asyncio.sleep(0)
    telemetry.execute(("runtime", "loop", "measured"), {"lag_seconds": monotonic() - began})


def actors(system: "ActorSystem") -> None:
    """How many actors there are.

    Emits:
        ("runtime", "actors", "measured"): `running`, and `zombies`, which were abandoned and still run.
    """
    measured = {"running": len(system.processes), "zombies": len(system.zombies)}
    telemetry.execute(("runtime", "actors", "measured"), measured)


def mailboxes(system: "ActorSystem") -> None:
    """How many messages wait.

    Emits:
        ("runtime", "mailboxes", "measured"): `waiting` in all of them, and in the `longest`, whose `path` is
            in the metadata.
    """
    sizes = [(len(process.mailbox), process.path) for process in system.processes]
    longest, path = max(sizes, default=(0, ""))
    measured = {"waiting": sum(size for size, _ in sizes), "longest": longest}
    telemetry.execute(("runtime", "mailboxes", "measured"), measured, {"path": path})


def actor_at(path: str) -> "Callable[[ActorSystem], None]":
    """A measurement of the actor at `path`; while nobody runs there it tells nothing.

    Emits:
        ("runtime", "actor", "measured"): `waiting` messages, `uptime_seconds`, `handling_seconds` of the
            message in hand; metadata `path`, and what it is `doing`.
    """

    def measure(system: "ActorSystem") -> None:
        pid = system.whereis(path)
        if pid is None:
            return
        info = process_info(pid)
        measured = {
            "waiting": info.waiting,
            "uptime_seconds": info.uptime_seconds,
            "handling_seconds": info.handling_seconds,
        }
        telemetry.execute(("runtime", "actor", "measured"), measured, {"path": path, "doing": info.doing})

    return measure
