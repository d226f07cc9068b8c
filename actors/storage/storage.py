"""The actor that owns the database: one writer, one transaction at a time."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from supervisor.process import Actor

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from actors.storage.database import Database
    from supervisor.clock import Seconds
    from supervisor.process import ActorRef, Caller

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Transact:
    """Call: run `work` in one transaction."""

    work: "Callable[[sqlite3.Connection], object]"


@dataclass(frozen=True, slots=True)
class Refused:
    """Reply: nothing was written, and why; for the caller to raise."""

    error: Exception


class Storage(Actor):
    """Runs its callers' work, each in a transaction of its own, in the database's thread.

    An error in a caller's work is the caller's: it is sent back, and the actor goes on.

    Args:
        database: Opened by whoever made it, and kept over restarts of this actor.
    """

    def __init__(self, database: "Database") -> None:
        self._database = database

    async def handle_call(self, request: object, caller: "Caller") -> object:
        """Answer `Transact`."""
        if not isinstance(request, Transact):
            return Refused(TypeError(f"storage does not understand {request!r} from {caller!r}"))
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._database.executor, self._database.transact, request.work)
        except Exception as error:  # noqa: BLE001  see the class
            return Refused(error)


async def transact(
    storage: "ActorRef", work: "Callable[[sqlite3.Connection], T]", timeout: "Seconds | None" = 5.0
) -> T:
    """Run `work` in one transaction: all of it is written, and survives a power cut, or nothing is.

    Args:
        storage: The actor.
        work: Given the connection; it neither commits nor keeps it. It must be idempotent: with any error of
            a call it may have been written, or may yet be.
        timeout: Seconds to wait, > 0; None waits for ever.

    Returns:
        What `work` returned.

    Raises:
        StorageError: SQLite refused; nothing was written.
        NoProcessError, CallTimeoutError, CallFailedError: As with any call.
    """
    reply = await storage.call(Transact(work), timeout)
    if isinstance(reply, Refused):
        raise reply.error
    return cast("T", reply)
