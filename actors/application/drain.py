"""The time between being asked to stop and stopping."""

import asyncio
from typing import TYPE_CHECKING, Final

from supervisor.clock import monotonic

if TYPE_CHECKING:
    from actors.application.application import Application

LOOK_EVERY: Final = 0.05
LEAST_SECONDS: Final = 1.0
"""An orchestrator needs a moment to see that we are not ready, and to route elsewhere."""


async def drain(application: "Application") -> None:
    """Be not ready, and go on serving until nothing waits to be delivered, for at most `drain_timeout`.

    A notification that is still waiting then is in the outbox, and goes out after the next start.
    """
    application.no_longer_ready()
    began = monotonic()
    limit = application.settings.node.drain_timeout
    while (passed := monotonic() - began) < limit:
        if passed >= min(LEAST_SECONDS, limit) and await _nothing_waits(application, limit - passed):
            return
        await asyncio.sleep(min(LOOK_EVERY, limit - passed))


async def _nothing_waits(application: "Application", within: float) -> bool:
    asking = asyncio.ensure_future(application.outbox_counts())
    done, _ = await asyncio.wait({asking}, timeout=within)
    if not done:
        asking.cancel()
        return False
    if asking.exception() is not None:  # the storage is not there to be asked; the limit will end this
        return False
    return not any(states.get("pending", 0) for states in asking.result().values())
