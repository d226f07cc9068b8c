"""A hand that kills one actor after so many turns of the loop: at one await after the other."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.tree import Tree


async def kill_after(tree: "Tree", path: str, turns: int) -> None:
    """Let the loop turn so often, then kill whoever stands at `path`, if anybody does."""
    for _ in range(turns):
        await asyncio.sleep(0)
    process = tree.system.address(path).process
    if process is not None:
        process.kill()
