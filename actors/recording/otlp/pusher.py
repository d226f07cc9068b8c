"""The actor that pushes what has been counted."""

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

import structlog

from actors.posting import RetryDelay
from actors.recording.otlp.collect import collect
from actors.recording.otlp.queue import PushQueue
from actors.recording.otlp.verdict import Later, Refused, Taken, judge
from supervisor import telemetry
from supervisor.clock import monotonic, unix_now
from supervisor.process import Actor, Shutdown

if TYPE_CHECKING:
    import random

    from actors.recording.identity import Identity
    from actors.recording.otlp.destination import Destination
    from actors.recording.recordings import Recordings
    from supervisor.clock import Seconds
    from supervisor.process import ExitReason

log = structlog.get_logger(__name__)

LAST_PUSH_SECONDS: Final = 3.0
"""So long may the last push take, all of its requests together."""

_DELAY: Final = RetryDelay(base=1.0, maximum=60.0)


class _Due:
    """To itself: a push is due; what an earlier incarnation sent would beget a second clock."""

    __slots__ = ()


class _Again:
    """To itself: the pause is over; only the one planned last counts."""

    __slots__ = ()


class Pusher(Actor):
    """Every so often sends the totals of all series, and at an orderly stop once more.

    They are cumulative, so one that is lost costs nothing but detail. While the other side does not take
    them the newest few wait, and what waits is sent in its order.

    Args:
        recordings: What has been counted.
        identity: Who counts.
        destination: Where to.
        push_every: Seconds from one push to the next, > 0.
        rng: Where the jitter of the pauses comes from.
        delay: How long to wait after a failure that may pass.
        queue: Where pushes wait.

    Emits:
        ("otlp", "push", "taken"): measurements `duration_seconds` of the request, `bytes` of it, `rejected`
            points.
        ("otlp", "push", "delayed"): measurements `duration_seconds`, `bytes`, `delay_seconds`, `attempts`;
            metadata `why`.
        ("otlp", "push", "refused"): measurements `duration_seconds`, `bytes`; metadata `why`.
        ("otlp", "push", "dropped"): measurement `count`: so many had waited too long.
    """

    trap_exit: ClassVar[bool] = True

    def __init__(
        self,
        recordings: "Recordings",
        identity: "Identity",
        destination: "Destination",
        *,
        push_every: "Seconds",
        rng: "random.Random",
        delay: RetryDelay = _DELAY,
        queue: PushQueue | None = None,
    ) -> None:
        self._recordings, self._identity, self._destination = recordings, identity, destination
        self._push_every, self._rng, self._delay = push_every, rng, delay
        self._queue = PushQueue() if queue is None else queue
        self._failures = 0  # in a row
        self._due: _Due | None = None
        self._again: _Again | None = None
        self._told = ""

    def init(self) -> None:
        """Set the clock."""
        self._set_clock()

    async def handle_info(self, message: object) -> None:
        """Count and send when it is due; send when the pause is over."""
        if message is self._due:
            self._set_clock()
            await self._collect()
            if self._again is None:
                await self._send()
        elif message is self._again:
            self._again = None
            await self._send()

    async def terminate(self, reason: "ExitReason") -> None:
        """Send what has been counted to the end; what waited is in it."""
        if not isinstance(reason, Shutdown):
            return
        self._queue.clear()
        try:
            async with asyncio.timeout(LAST_PUSH_SECONDS):
                await self._collect()
                await self._send()
        except TimeoutError:
            log.warning("last push not taken in time", seconds=LAST_PUSH_SECONDS)

    def _set_clock(self) -> None:
        self._due = _Due()
        self.send_after(self._due, self._push_every)

    async def _collect(self) -> None:
        await self._recordings.drain_in_turns()
        bodies = await collect(self._recordings.tables, self._identity, is_packed=self._destination.is_packed)
        dropped = self._queue.add(bodies)
        if dropped:
            telemetry.execute(("otlp", "push", "dropped"), {"count": dropped})

    async def _send(self) -> None:
        while (body := self._queue.oldest) is not None:
            started = monotonic()
            reply = await self._destination.send(body)
            measured = {"duration_seconds": monotonic() - started, "bytes": len(body)}
            match judge(reply, unix_now()):
                case Taken() as taken:
                    self._taken(taken, measured)
                case Refused(why):
                    self._failures = 0
                    self._say("push refused", why)
                    telemetry.execute(("otlp", "push", "refused"), measured, {"why": why})
                case Later(after, why):
                    self._wait(after, why, measured)
                    return
            self._queue.done()

    def _taken(self, taken: Taken, measured: dict[str, float]) -> None:
        self._failures = 0
        if taken.rejected or taken.why:
            self._say("push taken in part", taken.why or "no reason given", rejected=taken.rejected)
        elif self._told:
            log.info("push taken again")
            self._told = ""
        telemetry.execute(("otlp", "push", "taken"), {**measured, "rejected": taken.rejected})

    def _wait(self, after: "Seconds | None", why: str, measured: dict[str, float]) -> None:
        self._failures += 1
        pause = self._delay.draw(self._failures, after, self._rng)
        self._again = _Again()
        self.send_after(self._again, pause)
        self._say("push not taken yet", why)
        more = {"delay_seconds": pause, "attempts": self._failures}
        telemetry.execute(("otlp", "push", "delayed"), {**measured, **more}, {"why": why})

    def _say(self, what: str, why: str, **facts: int) -> None:
        """Log a trouble once, however long it lasts."""
        if self._told != (told := f"{what}: {why}"):
            self._told = told
            log.warning(what, why=why, to=self._destination.url, **facts)
