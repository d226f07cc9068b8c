"""The actor that has spans made, and the run around it."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import structlog

from supervisor.isolation import BlockingLimit, run_blocking
from supervisor.process import Actor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from actors.recording.tracing.tracing import Tracing
    from supervisor.clock import Seconds

log = structlog.get_logger(__name__)

MAKE_EVERY: Final = 1.0
AT_ONCE: Final = 16
"""Predictions made into spans in one go: about a millisecond in which no other thread may run."""
STOP_WITHIN: Final = 2.0

_ONE: Final = BlockingLimit(1)
"""A thread that a killed actor has left behind ends before its successor begins one."""


@asynccontextmanager
async def recording_spans(tracing: "Tracing", stop_within: "Seconds" = STOP_WITHIN) -> "AsyncIterator[None]":
    """Have predictions recorded while a block runs, then see the last ones sent.

    Args:
        tracing: Whose.
        stop_within: For the last ones, seconds; then they are left behind, and that is logged.
    """
    tracing.open()
    try:
        yield
    finally:
        closing = asyncio.ensure_future(run_blocking(tracing.close, limit=_ONE))
        done, _ = await asyncio.wait({closing}, timeout=stop_within)
        if not done:
            closing.cancel()
            log.warning("last spans not sent in time, left behind", seconds=stop_within)


class _Due:
    """To itself: it is time."""

    __slots__ = ()


class SpanSender(Actor):
    """Makes spans of what was recorded, in a thread: the processors of an application may block.

    Args:
        tracing: What was recorded; it stays when this actor is killed.
    """

    def __init__(self, tracing: "Tracing") -> None:
        self._tracing = tracing

    def init(self) -> None:
        """Set the clock."""
        self.send_after(_Due(), MAKE_EVERY)

    async def handle_info(self, message: object) -> None:
        """Make what waits, in steps between which others may run."""
        if isinstance(message, _Due):
            self.send_after(_Due(), MAKE_EVERY)
            while await run_blocking(self._tracing.make, AT_ONCE, limit=_ONE):
                pass
