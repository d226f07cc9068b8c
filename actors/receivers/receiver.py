"""The actor that delivers what one receiver is owed: in order, one at a time, until it is taken."""

import logging
import traceback
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import structlog

from actors.posting import MAX_RETRY_AFTER, RetryDelay
from actors.receivers.outcome import Delivered, GivenUp, Outcome, RetryLater
from actors.storage import StorageError
from supervisor import telemetry
from supervisor.clock import Timeline, monotonic
from supervisor.errors import CallFailedError, CallTimeoutError, NoProcessError
from supervisor.process import Actor, Continue

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Mapping

    import httpx

    from actors.receivers.destination import Destination
    from actors.receivers.queue import Owed, Queue
    from supervisor.clock import Seconds
    from supervisor.process import ExitReason, Timer

log = structlog.get_logger(__name__)

STORAGE_PAUSE: Final = 1.0
"""Seconds until a storage that did not answer is asked again."""
IDLE_PAUSE: Final = 60.0
"""Seconds after which the outbox is looked into unasked: a wake that got lost costs that, and no alert."""

_SILENCE = (NoProcessError, CallTimeoutError, CallFailedError, StorageError)
_LOG = {
    "delivered": (logging.INFO, "notification delivered"),
    "retry": (logging.WARNING, "notification not delivered yet"),
    "gave_up": (logging.ERROR, "notification given up"),
}


class _Next:
    """To itself: take the next step. Only the one that was planned last counts."""

    __slots__ = ()


class Receiver(Actor):
    """Sends one receiver's notifications, the oldest first, and nothing overtakes one that has to wait.

    What became of an attempt is in the outbox before the next is made. Between two attempts it is free for
    messages: a wait is a timer, so that a stop is never waited for. An attempt that was cut off by a kill
    leaves its row as it was, and is made again.

    A destination that raises has a bug that would come back with every restart: it costs that notification,
    which is given up and kept, and not the tree.

    Args:
        name: The receiver's, as the routes have it.
        destination: Where to.
        queue: Its rows in the outbox.
        client: Sends the requests; the application's, so that a kill leaves none open.
        rng: Where the jitter of the waits comes from.
        delay: How long to wait after a failure that may pass.

    Emits:
        ("receiver", "delivered"): measurements `duration_seconds` of the attempt, `age_seconds` since the
            decision, `attempts`; metadata `receiver`, `notification`, `dedup_key`, `status`.
        ("receiver", "retry"): the same, and measurement `delay_seconds`, metadata `why`.
        ("receiver", "gave_up"): as delivered, and metadata `why`.
        ("receiver", "outbox", "silent"): The storage did not answer or refused; metadata `receiver`, `error`.
    """

    trap_exit: ClassVar[bool] = True

    def __init__(
        self,
        name: str,
        destination: "Destination",
        *,
        queue: "Queue",
        client: "httpx.AsyncClient",
        rng: "random.Random",
        delay: RetryDelay | None = None,
    ) -> None:
        self._name, self._destination = name, destination
        self._queue, self._client, self._rng = queue, client, rng
        self._delay = delay or RetryDelay()
        self._timeline = Timeline()
        self._failures = 0  # in a row, whichever notification they were of
        self._unrecorded: Callable[[], Awaitable[None]] | None = None
        self._timer: Timer | None = None
        self._next: _Next | None = None
        self._is_idle = False

    def init(self) -> Continue:
        """Go to work at once, but let nobody wait for a destination at the start."""
        return Continue()

    async def handle_continue(self, argument: object) -> None:  # noqa: ARG002
        """Take the first step."""
        await self._step()

    async def handle_cast(self, message: object) -> None:  # noqa: ARG002
        """A wake, whatever it says. One that comes in a pause changes nothing: the next step looks anyway."""
        if self._is_idle:
            await self._step()

    async def handle_info(self, message: object) -> None:
        """The next step is due; one that was planned before a wake came is not."""
        if message is self._next:
            await self._step()

    async def terminate(self, reason: "ExitReason") -> None:  # noqa: ARG002
        """What has been sent and is not yet recorded as such is tried once more."""
        if self._unrecorded is not None:
            with suppress(*_SILENCE):
                await self._unrecorded()

    async def _step(self) -> None:
        self._is_idle = False
        try:
            await self._record()
            owed = await self._queue.oldest()
        except _SILENCE as error:
            self._storage_is_silent(error)
            return
        if owed is None:
            self._is_idle = True
            self._plan(IDLE_PAUSE)
            return
        wait = owed.next_attempt_at - self._timeline.now()
        if wait > 0:  # the incarnation before this one was told to wait
            self._plan(min(wait, MAX_RETRY_AFTER))
            return
        await self._attempt(owed)

    async def _attempt(self, owed: "Owed") -> None:
        started = monotonic()
        outcome = await self._send(owed)
        now = self._timeline.now()
        attempts = max(owed.attempts, self._failures) + 1
        measurements = {
            "duration_seconds": monotonic() - started,
            "age_seconds": now - owed.notification.decided_at,
            "attempts": attempts,
        }
        pause = 0.0
        match outcome:
            case Delivered():
                self._failures = 0
                self._unrecorded = partial(self._queue.sent, owed, now)
                self._tell("delivered", owed, measurements)
            case RetryLater(after, why):
                self._failures = attempts
                pause = self._delay.draw(attempts, after, self._rng)
                self._unrecorded = partial(self._queue.again, owed, now + pause, why)
                self._tell("retry", owed, measurements | {"delay_seconds": pause}, why)
            case GivenUp(why):
                self._failures = 0
                self._unrecorded = partial(self._queue.dead, owed, now, why)
                self._tell("gave_up", owed, measurements, why)
        try:
            await self._record()
        except _SILENCE as error:
            self._storage_is_silent(error, at_least=pause)
        else:
            self._plan(pause)

    async def _send(self, owed: "Owed") -> Outcome:
        try:
            return await self._destination.send(owed.notification, self._client)
        except Exception as error:  # noqa: BLE001  see the class: it would come back with every restart
            frame = traceback.extract_tb(error.__traceback__)[-1]
            # Neither the text of the error nor its traceback is logged: both may hold a key.
            return GivenUp(f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}")

    async def _record(self) -> None:
        if self._unrecorded is not None:
            await self._unrecorded()
            self._unrecorded = None

    def _plan(self, seconds: "Seconds") -> None:
        """Take the next step in so many seconds, and let whatever has come in meanwhile go first."""
        if self._timer is not None:
            self._timer.cancel()
        self._next = _Next()
        self._timer = self.send_after(self._next, seconds)

    def _storage_is_silent(self, error: Exception, at_least: "Seconds" = 0.0) -> None:
        log.warning("outbox does not answer", receiver=self._name, error=str(error))
        telemetry.execute(("receiver", "outbox", "silent"), {}, {"receiver": self._name, "error": str(error)})
        self._plan(max(STORAGE_PAUSE, at_least))

    def _tell(self, what: str, owed: "Owed", measurements: "Mapping[str, float]", why: str = "") -> None:
        notification = owed.notification
        metadata = {
            "receiver": self._name,
            "notification": notification.id,
            "dedup_key": notification.dedup_key,
            "status": notification.status,
        }
        if why:
            metadata["why"] = why
        level, text = _LOG[what]
        log.log(level, text, **metadata, **{name: round(value, 3) for name, value in measurements.items()})
        telemetry.execute(("receiver", what), measurements, metadata)
