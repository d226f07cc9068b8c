"""Waiting for quiet."""

import asyncio
from typing import Final

from supervisor.testing.virtual_time import VirtualTimeLoop

TURNS: Final = 100
"""Turns of a loop that cannot tell whether it is quiet."""

MOST_TURNS: Final = 10_000
"""Turns of a loop on virtual time, after which something there goes on for ever."""


async def settle() -> None:
    """Let every actor handle what is on its way, without letting any time pass.

    On virtual time until nothing is due any more. Another thread's work, or a socket, is not waited for.
    """
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualTimeLoop):
        for _ in range(MOST_TURNS):
            await asyncio.sleep(0)
            if loop.is_quiet:
                return
    else:
        for _ in range(TURNS):
            await asyncio.sleep(0)
