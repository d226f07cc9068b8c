"""A thread for each call, which nobody waits for at the end of the program."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


class DaemonThreads(ThreadPoolExecutor):
    """An executor that keeps no program from ending, and works until it has ended.

    Python's own takes nothing more once the main thread has ended, and is waited for then. A loop in another
    thread may yet have work: to stop a tree, a name must be resolved for the last message.
    """

    def submit(self, fn: "Callable[P, R]", /, *args: P.args, **kwargs: P.kwargs) -> "Future[R]":
        """Call it in a thread that is started for it; here and now, if none can be started any more."""
        future: Future[R] = Future()
        future.set_running_or_notify_cancel()
        call = partial(fn, *args, **kwargs)
        try:
            threading.Thread(target=_call, args=(call, future), name="blocking work", daemon=True).start()
        except RuntimeError:  # Python 3.12 starts none once the main thread has ended
            if threading.main_thread().is_alive():
                raise
            _call(call, future)
        return future


def _call(function: "Callable[[], R]", future: "Future[R]") -> None:
    try:
        result = function()
    except StopIteration as error:  # which no future of asyncio can hold
        failure = RuntimeError("blocking work raised StopIteration")
        failure.__cause__ = error
        future.set_exception(failure)
    except BaseException as error:  # noqa: BLE001  it belongs to whoever waits
        future.set_exception(error)
    else:
        future.set_result(result)
