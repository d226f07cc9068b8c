"""Those who wait for somebody to bear a name."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.process.process import Process
    from supervisor.process.ref import Address


class Arrivals:
    """Who is waited for in one system; looked at whenever an actor has come up."""

    __slots__ = ("_loop", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[tuple[Address, asyncio.Future[Process]]] = []

    def look(self) -> None:
        """Somebody has come up, or bears another name now: tell those who wait for it."""
        for address, arrival in self._waiting:
            process = _up(address)
            if process is not None and not arrival.done():
                arrival.set_result(process)

    async def wait(self, address: "Address", timeout: "Seconds | None") -> "Process | None":
        """Wait until somebody who has come up bears a name; None if nobody did for so many seconds."""
        process = _up(address)
        if process is not None:
            return process
        entry = (address, self._loop.create_future())
        self._waiting.append(entry)
        try:
            await asyncio.wait({entry[1]}, timeout=timeout)
        finally:
            self._waiting.remove(entry)
        return entry[1].result() if entry[1].done() else None


def _up(address: "Address") -> "Process | None":
    process = address.process
    return process if process is not None and process.outcome is None else None
