"""A tree in a thread of its own, with its own loop, for a program that has other things to do."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Generic, Literal, TypeVar, cast, overload

import structlog

from supervisor.errors import SupervisorError
from supervisor.host.bounded_run import run_bounded
from supervisor.host.watchdog import WATCHDOG, Watchdog
from supervisor.isolation.daemon_threads import DaemonThreads
from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from types import TracebackType

    from supervisor.clock import Seconds

T = TypeVar("T")
R = TypeVar("R")

log = structlog.get_logger(__name__)


class HostNotRunningError(SupervisorError, RuntimeError):
    """Something was asked of a host that is not started, or has ended."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"host {name!r} is not running; start it first")


class BackgroundHost(Generic[T]):
    """Runs an async context manager in a daemon thread, from `start` to `stop`.

    Args:
        make: Gives what is run; called in the thread, on its loop.
        name: The thread's.
        wait: Returns when what is run has ended by itself: it is left then, and why it ended is logged.
        watchdog: Watches the thread's loop; None for none.
    """

    def __init__(
        self,
        make: Callable[[], AbstractAsyncContextManager[T]],
        *,
        name: str = "supervisor",
        wait: Callable[[T], Awaitable[object]] | None = None,
        watchdog: Watchdog | None = WATCHDOG,
    ) -> None:
        self._make, self._name, self._wait, self._watchdog = make, name, wait, watchdog
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ask_to_stop: Callable[[], object] | None = None
        self._running: T | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has started and not been told to stop."""
        return self._loop is not None

    def start(self) -> T:
        """Start the thread and wait until what it runs has come up.

        Raises:
            RuntimeError: It runs already.
            BaseException: Whatever the start raised; the thread has ended then.
        """
        if self._thread is not None:
            raise RuntimeError(f"host {self._name!r} runs already; stop it first")
        up: Future[T] = Future()
        self._thread = threading.Thread(target=self._main, args=(up,), name=self._name, daemon=True)
        self._thread.start()
        try:
            return up.result()
        except BaseException:
            self.stop()
            raise

    def stop(self, timeout: "Seconds | None" = None) -> None:
        """Leave what is run, in order, and wait for the thread; does nothing if it does not run.

        What has not come up yet is left when it has.

        Args:
            timeout: Seconds to wait for the thread; None for as long as it takes: the limits of the tree,
                some seconds more for whoever would not stop, and for ever while its loop is blocked.

        Raises:
            TimeoutError: It still runs.
        """
        thread = self._thread
        if thread is None:
            return
        if (ask := self._ask_to_stop) is not None:
            with suppress(RuntimeError):  # the loop has closed by itself
                ask()
        thread.join(timeout)
        if thread.is_alive():
            raise TimeoutError(f"host {self._name!r} did not stop within {timeout} s")
        self._thread = None

    @overload
    def call(self, function: Callable[[T], Awaitable[R]], timeout: "Seconds | None" = 5.0) -> R: ...

    @overload
    def call(self, function: Callable[[T], R], timeout: "Seconds | None" = 5.0) -> R: ...

    def call(self, function: Callable[[T], Awaitable[R] | R], timeout: "Seconds | None" = 5.0) -> R:
        """Have the thread's loop call `function`, and return what it gives; from any other thread.

        Args:
            function: Plain or async; gets what `start` returned.
            timeout: Seconds to wait; None for ever.

        Raises:
            HostNotRunningError: Nothing runs.
            TimeoutError: It took longer; it was cancelled.
            Exception: Whatever the function raised.
        """
        loop = self._loop
        if loop is None:
            raise HostNotRunningError(self._name)
        running = cast("T", self._running)

        async def called() -> R:
            result = function(running)
            return await result if inspect.isawaitable(result) else result

        calling = asyncio.run_coroutine_threadsafe(called(), loop)
        try:
            return calling.result(timeout)
        finally:
            calling.cancel()

    def post(self, function: Callable[[T], object]) -> None:
        """Have the thread's loop call `function`, and do not wait; from any other thread, in order.

        Args:
            function: Plain and quick, as a cast is; what it raises is logged by the loop.

        Raises:
            HostNotRunningError: Nothing runs.
        """
        loop = self._loop
        if loop is None:
            raise HostNotRunningError(self._name)
        try:
            loop.call_soon_threadsafe(function, cast("T", self._running))
        except RuntimeError as error:  # it has closed meanwhile
            raise HostNotRunningError(self._name) from error

    def __enter__(self) -> T:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self.stop()

    def _main(self, up: "Future[T]") -> None:
        try:
            run_bounded(self._run(up))
        except BaseException as error:  # noqa: BLE001  it belongs to whoever starts or stops
            if not up.done():
                up.set_exception(error)
            else:
                log.error("ended", host=self._name, **facts_of_error(error))  # noqa: TRY400  a trace of ours says nothing
        finally:
            self._loop = self._ask_to_stop = None

    async def _run(self, up: "Future[T]") -> None:
        stop = asyncio.Event()
        # It may be stopped at the program's exit, when Python's own takes no more work.
        asyncio.get_running_loop().set_default_executor(DaemonThreads())
        # Before it has come up: whoever has stopped waiting for that, at a Ctrl-C, wants it to end.
        self._ask_to_stop = partial(asyncio.get_running_loop().call_soon_threadsafe, stop.set)
        with nullcontext() if self._watchdog is None else self._watchdog.watching():
            await self._run_watched(up, stop)

    async def _run_watched(self, up: "Future[T]", stop: asyncio.Event) -> None:
        async with self._make() as running:
            self._running, self._loop = running, asyncio.get_running_loop()
            up.set_result(running)
            await self._until_the_end(running, stop)
            self._loop = None  # nothing new is taken while it stops

    async def _until_the_end(self, running: T, stop: asyncio.Event) -> None:
        ends = [asyncio.ensure_future(stop.wait())]
        if self._wait is not None:
            ends.append(asyncio.ensure_future(_true_after(self._wait(running))))
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()


async def _true_after(ending: Awaitable[object]) -> Literal[True]:
    await ending
    return True
