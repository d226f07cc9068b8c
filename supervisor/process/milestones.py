"""What one may wait for in the life of a process."""

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.process.exits import ExitReason
    from supervisor.process.system import ActorSystem

T = TypeVar("T")

PENDING: Final = object()
"""The outcome of a start that is not over."""


class Milestones:
    """Each a value, and a future for those who wait for it, made when the first one asks.

    Others may wait for the same future: whoever does so uses `asyncio.wait`, and does not cancel it. One that
    was cancelled all the same is made anew.

    Attributes:
        system: Whose process it is.
        outcome: Of the start, once `init` has finished: None, `IGNORE`, or the exit reason of a failed start.
        reason: The exit reason; None while it runs.
        stop_reason: What its parent has asked it to stop with; None if it has not.
        is_ready: Whether its actor has said that others may rely on it.
    """

    __slots__ = (
        "_ended",
        "_ready",
        "_started",
        "_stop_asked",
        "is_ready",
        "outcome",
        "reason",
        "stop_reason",
    )

    # One initializer for all, the process's, saves a call at each start.
    system: "ActorSystem"
    outcome: object
    is_ready: bool
    stop_reason: "ExitReason | None"
    reason: "ExitReason | None"
    _started: "asyncio.Future[object] | None"
    _ready: "asyncio.Future[None] | None"
    _stop_asked: "asyncio.Future[ExitReason] | None"
    _ended: "asyncio.Future[ExitReason] | None"

    @property
    def has_started(self) -> bool:
        """Whether its start is over, one way or the other."""
        return self.outcome is not PENDING

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self.reason is None

    @property
    def started(self) -> "asyncio.Future[object]":
        """Resolves with the outcome of its start."""
        self._started = self._awaited(self._started, (self.outcome,) if self.has_started else ())
        return self._started

    @property
    def ready(self) -> "asyncio.Future[None]":
        """Resolves when its actor says that others may rely on it."""
        self._ready = self._awaited(self._ready, (None,) if self.is_ready else ())
        return self._ready

    @property
    def stop_asked(self) -> "asyncio.Future[ExitReason]":
        """Resolves with the reason when its parent asks it to stop."""
        known = () if self.stop_reason is None else (self.stop_reason,)
        self._stop_asked = self._awaited(self._stop_asked, known)
        return self._stop_asked

    @property
    def ended(self) -> "asyncio.Future[ExitReason]":
        """Resolves with the exit reason, once everybody concerned has been told."""
        self._ended = self._awaited(self._ended, () if self.reason is None else (self.reason,))
        return self._ended

    def _awaited(self, made: "asyncio.Future[T] | None", known: "tuple[T, ...]") -> "asyncio.Future[T]":
        """What those who wait have: the future that was made, or a new one, with what is known already."""
        if made is not None and not made.cancelled():
            return made
        future: asyncio.Future[T] = self.system.loop.create_future()
        for value in known:
            future.set_result(value)
        return future

    def tell_start(self, outcome: object) -> None:
        """Its start is over; see `outcome`."""
        self.outcome = outcome
        if self._started is not None:
            _resolve(self._started, outcome)

    def report_ready(self) -> None:
        """See `Actor.report_ready`."""
        self.is_ready = True
        if self._ready is not None:
            _resolve(self._ready, None)

    def ask_to_stop(self, reason: "ExitReason") -> None:
        """Called for its parent; the first reason counts."""
        if self.stop_reason is None:
            self.stop_reason = reason
            if self._stop_asked is not None:
                _resolve(self._stop_asked, reason)

    def tell_end(self, reason: "ExitReason") -> None:
        """Everybody concerned has been told of its end."""
        if self._ended is not None:
            _resolve(self._ended, reason)


def _resolve(future: "asyncio.Future[T]", value: T) -> None:
    """Resolve what somebody waits for, unless one who waited was cancelled and has cancelled it, too."""
    if not future.done():
        future.set_result(value)


async def ended_within(process: Milestones, seconds: "Seconds | None") -> bool:
    """Wait for a process's end for at most so many seconds, whatever it does; None waits for ever."""
    # `asyncio.wait` comes back on time; `wait_for` would wait for a child that swallows its cancellation.
    if process.is_alive:
        await asyncio.wait({process.ended}, timeout=seconds)
    return not process.is_alive
