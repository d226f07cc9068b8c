"""Waiting on one loop for what another thread brings about."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.clock import Seconds


class Bell:
    """Rung by any thread whenever something has changed; those who wait look again."""

    def __init__(self) -> None:
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def ring(self) -> None:
        """Make everybody look again."""
        for loop, changed in tuple(self._waiting):
            with suppress(RuntimeError):  # its loop has ended meanwhile, and nobody waits any more
                loop.call_soon_threadsafe(changed.set)

    async def wait_for(self, is_so: Callable[[], bool], within: "Seconds") -> bool:
        """Wait until something is so; False if it was not within so many seconds."""
        waiting = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(within):
                while not is_so():
                    await waiting[1].wait()
                    waiting[1].clear()
        except TimeoutError:
            return is_so()
        finally:
            self._waiting.remove(waiting)
        return True
