"""An event loop whose clock moves only when every task waits for a time to come."""

import asyncio
import selectors
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from selectors import SelectorKey

    from supervisor.clock import Seconds

EPOCH: Final = 1_750_000_000.0
"""Wall time at virtual second 0, seconds since 1970-01-01 UTC: 2025-06-15 15:06:40."""

STUCK_AFTER_SECONDS: Final = 2.0


class StuckError(AssertionError):
    """All tasks wait and no timer is set: nothing can ever happen again."""

    def __init__(self, waiting: tuple[str, ...]) -> None:
        self.waiting = waiting
        super().__init__(f"every task waits and no timer is set: {', '.join(waiting) or 'no task at all'}")


class _JumpingSelector(selectors.DefaultSelector):
    """Turns the wait for the next timer into a jump of virtual time."""

    def __init__(self) -> None:
        super().__init__()
        self.now: Seconds = 0.0
        self.outside = 0  # work that real time brings to an end: threads of an executor
        self.waiting: Callable[[], tuple[str, ...]] = tuple

    def select(self, timeout: float | None = None) -> "list[tuple[SelectorKey, int]]":
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self.outside:
            # Real work is under way: wait for it really, since no timer may overtake it.
            return super().select(None)
        ready = super().select(0 if timeout is not None else STUCK_AFTER_SECONDS)
        if ready:
            return ready
        if timeout is None:
            raise StuckError(self.waiting())
        self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop for tests: sleeps cost nothing and times are exact.

    `time()` begins at 0 and jumps to the next timer as soon as no task can run. While work given to
    `run_in_executor` is under way it stands still, as it does for sockets that are ready. What other threads
    and other processes do by themselves it cannot know of: such tests belong on the real clock.

    Raises:
        StuckError: Out of `run_until_complete`, when nothing can ever happen again.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        self._jumping.waiting = self._names_of_waiting_tasks
        super().__init__(self._jumping)
        # A timer fires when its time lies within the clock's resolution; ours is exact.
        self._clock_resolution = 0.0

    def time(self) -> "Seconds":
        """Virtual seconds since the loop was made."""
        return self._jumping.now

    def unix_time(self) -> "Seconds":
        """Virtual wall time, seconds since 1970-01-01 UTC."""
        return EPOCH + self._jumping.now

    # Typeshed gives this method a variadic generic signature that an override cannot repeat before 3.12.
    def run_in_executor(  # type: ignore[override]
        self, executor: "Executor | None", func: "Callable[..., object]", *args: object
    ) -> "asyncio.Future[object]":
        """Run blocking work in a thread; the virtual clock stands still until it is done."""
        future: asyncio.Future[object] = super().run_in_executor(executor, func, *args)
        self._jumping.outside += 1
        future.add_done_callback(self._work_done)
        return future

    def _work_done(self, _: "asyncio.Future[object]") -> None:
        self._jumping.outside -= 1

    def _names_of_waiting_tasks(self) -> tuple[str, ...]:
        return tuple(sorted(task.get_name() for task in asyncio.all_tasks(self)))
