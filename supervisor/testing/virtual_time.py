"""An asyncio loop whose clock moves only when everything waits.

Sleeps cost nothing, and exact times may be asserted. While another thread works for the loop
(`run_in_executor`), time stands still and the loop waits for it in earnest.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections import deque
    from concurrent.futures import Executor
    from selectors import SelectorKey

T = TypeVar("T")

STUCK_AFTER: Final = 5.0
"""Real seconds without any event, and without a timer, after which a test counts as hung."""
EPOCH: Final = 1_767_225_600.0
"""What the clock on the wall says when a loop begins: 2026-01-01 UTC."""


class StuckError(AssertionError):
    """Every task waits and no timer is set: nothing can ever happen again."""


class _JumpingSelector(selectors.DefaultSelector):
    """Turns the wait for the next timer into a jump of virtual time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.elsewhere = 0  # calls that other threads work on

    def select(self, timeout: float | None = None) -> "list[tuple[SelectorKey, int]]":
        """Wait only for what is real: other threads, or a socket when there is no timer to jump to."""
        if self.elsewhere and (timeout is None or timeout > 0):
            return super().select(STUCK_AFTER)
        ready = super().select(0 if timeout is not None else STUCK_AFTER)
        if not ready and timeout is None:
            raise StuckError("every task is waiting and no timer is set")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop that keeps its own time, from zero."""

    _ready: "deque[asyncio.Handle]"  # asyncio's own
    _scheduled: "list[asyncio.TimerHandle]"

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        self._threads: ThreadPoolExecutor | None = None
        super().__init__(self._jumping)
        self._slept = 0.0

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now

    def unix_time(self) -> float:
        """Virtual wall time: what `supervisor.clock` reads inside this loop."""
        return EPOCH + self.boot_time()

    def boot_time(self) -> float:
        """Virtual seconds since the loop was made, those included for which the machine slept."""
        return self._jumping.now + self._slept

    def sleep_machine(self, seconds: float) -> None:
        """Have the machine sleep now: wall time goes by, `time()` stands still, and no timer comes nearer."""
        self._slept += seconds

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is due before the clock moves, but for whoever asks."""
        if self._ready:
            return False
        return not self._scheduled or self._scheduled[0].when() > self.time()

    def run_in_executor(  # type: ignore[override]  # typeshed's is generic over a TypeVarTuple
        self,
        executor: "Executor | None",
        func: Callable[..., T],
        *args: Any,  # noqa: ANN401  asyncio's signature
    ) -> "asyncio.Future[T]":
        """Like asyncio's; time stands still until the thread has done it, whoever still waits for it."""
        if executor is None:
            executor = self._threads = self._threads or ThreadPoolExecutor(thread_name_prefix="virtual")
        work = executor.submit(func, *args)
        self._jumping.elsewhere += 1
        future = asyncio.wrap_future(work, loop=self)
        # After the future's own callback: the result must be on its way before the clock may move again.
        work.add_done_callback(lambda _: self.call_soon_threadsafe(self._came_back))
        return future

    def close(self) -> None:
        """End the threads, then the loop."""
        if self._threads is not None:
            self._threads.shutdown(wait=True)
        super().close()

    def _came_back(self) -> None:
        self._jumping.elsewhere -= 1
