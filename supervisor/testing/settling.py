"""Waiting for quiet."""

import asyncio
from typing import Final

TURNS: Final = 100


async def settle() -> None:
    """Let every actor handle what is on its way, without letting any time pass."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
