"""The actor that has spans made."""

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

import structlog

from supervisor.isolation import BlockingLimit, run_blocking
from supervisor.process import Actor, Shutdown

if TYPE_CHECKING:
    from actors.recording.tracing.tracing import Tracing
    from supervisor.clock import Seconds
    from supervisor.process import ExitReason

log = structlog.get_logger(__name__)

MAKE_EVERY: Final = 1.0
AT_ONCE: Final = 16
"""Predictions made into spans in one go: about a millisecond in which no other thread may run."""
STOP_WITHIN: Final = 2.0


class _Due:
    """To itself: it is time."""

    __slots__ = ()


class SpanSender(Actor):
    """Makes spans of what was recorded, in a thread: the processors of an application may block.

    Args:
        tracing: What was recorded; it stays when this actor is killed.
        stop_within: For the last spans, at an orderly stop; then they are left behind, and that is logged.
    """

    trap_exit: ClassVar[bool] = True
    one: ClassVar[BlockingLimit] = BlockingLimit(1)

    def __init__(self, tracing: "Tracing", stop_within: "Seconds" = STOP_WITHIN) -> None:
        self._tracing, self._stop_within = tracing, stop_within

    def init(self) -> None:
        """Have predictions recorded, and set the clock."""
        self._tracing.open()
        self.send_after(_Due(), MAKE_EVERY)

    async def handle_info(self, message: object) -> None:
        """Make what waits, in steps between which others may run."""
        if isinstance(message, _Due):
            self.send_after(_Due(), MAKE_EVERY)
            while await run_blocking(self._tracing.make, AT_ONCE, limit=self.one):
                pass

    async def terminate(self, reason: "ExitReason") -> None:
        """At an orderly stop, see the last ones sent."""
        if not isinstance(reason, Shutdown):
            return
        closing = asyncio.ensure_future(run_blocking(self._tracing.close, limit=self.one))
        done, _ = await asyncio.wait({closing}, timeout=self._stop_within)
        if not done:
            closing.cancel()
            log.warning("last spans not sent in time, left behind", seconds=self._stop_within)
