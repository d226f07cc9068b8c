"""One daemon thread that does one thing after the other, also while the interpreter ends."""

from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class OwnThread(Executor):
    """An executor of one thread.

    `ThreadPoolExecutor` takes nothing more once the main thread has ended, and whoever stops a monitor at the
    exit of its program has its last minute to write then.

    Args:
        name: The thread's.
    """

    def __init__(self, name: str) -> None:
        self._work: SimpleQueue[tuple[Future[Any], Callable[[], object]] | None] = SimpleQueue()
        self._is_shut = False
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, fn: "Callable[P, T]", /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Have the thread call a function when it has done what was submitted before.

        Raises:
            RuntimeError: It was shut down.
        """
        if self._is_shut:
            raise RuntimeError(f"thread {self._thread.name!r} was shut down and takes no more work")
        future: Future[T] = Future()
        self._work.put((future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work, and end with what was submitted.

        Args:
            wait: Whether to wait for the end.
            cancel_futures: Do only what has begun, and cancel the rest.
        """
        if not self._is_shut:
            self._is_shut = True
            if cancel_futures:
                self._cancel()
            self._work.put(None)
        if wait:
            self._thread.join()

    def _cancel(self) -> None:
        with suppress(Empty):
            while (work := self._work.get_nowait()) is not None:
                work[0].cancel()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            _do(*work)


def _do(future: "Future[Any]", call: "Callable[[], object]") -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001  it belongs to whoever submitted it
        future.set_exception(error)
