"""Why a process ended, as values.

A child's crash is data: it travels to its supervisor, its links and its monitors, and never runs through
them as an exception.
"""

import gc
import inspect
from dataclasses import dataclass
from types import FrameType
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Normal:
    """It had finished."""

    def __str__(self) -> str:
        return "ended normally"


@dataclass(frozen=True, slots=True)
class Shutdown:
    """It was asked to stop, or ended itself in an orderly way; `detail` says more."""

    detail: object = None

    def __str__(self) -> str:
        return "shut down" if self.detail is None else f"shut down ({self.detail})"


@dataclass(frozen=True, slots=True)
class Killed:
    """It was killed: no cleanup ran."""

    def __str__(self) -> str:
        return "was killed"


@dataclass(frozen=True, slots=True)
class Crashed:
    """An exception left a handler."""

    exception: BaseException

    def __str__(self) -> str:
        text = str(self.exception)
        name = type(self.exception).__name__
        return f"crashed ({name}: {text})" if text else f"crashed ({name})"


@dataclass(frozen=True, slots=True)
class NoProcess:
    """There was nobody: what a monitor of a dead process is told."""

    def __str__(self) -> str:
        return "does not exist"


ExitReason: TypeAlias = Normal | Shutdown | Killed | Crashed | NoProcess

# A frame of such code may be one that waits, in a life that goes on.
_MAY_BE_SUSPENDED: Final = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR

NORMAL = Normal()
SHUTDOWN = Shutdown()
KILLED = Killed()
NO_PROCESS = NoProcess()


def need_reason(reason: object) -> None:
    """Refuse what would be taken for an orderly end, whatever was meant by it.

    Raises:
        TypeError: It is no exit reason.
    """
    if not isinstance(reason, ExitReason):
        raise TypeError(
            f"an exit reason must be Normal, Shutdown, Killed, Crashed or NoProcess, got {reason!r}; "
            f"Shutdown(detail) and Crashed(exception) say more"
        )


def is_abnormal(reason: ExitReason) -> bool:
    """Whether a transient child that ended so is to be restarted; being killed is, being shut down is not."""
    return isinstance(reason, Crashed | Killed | NoProcess)


def cause_of(reason: object) -> BaseException | None:
    """The exception behind a reason, to chain from; None where there is none."""
    match reason:
        case Crashed(exception) | Shutdown(BaseException() as exception):
            return exception
        case _:
            return None


def clear_dead_frames(error: BaseException) -> None:
    """Drop the locals of the functions that an exception, and what it came from, went through and ended.

    Else they would keep the actor's state alive for as long as the reason is remembered. Its traceback stays
    readable.

    Source:
        `traceback.clear_frames`. Differs: before Python 3.13 that also ends a coroutine that has handed its
        exception to others, by a future, and goes on waiting.
    """
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        one = chain.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        chain += [one.__cause__, one.__context__]
        step = one.__traceback__
        # The first frame leads on to those that had called it, which are in no traceback.
        caller = None if step is None else step.tb_frame.f_back
        while step is not None:
            _clear(step.tb_frame)
            step = step.tb_next
        while caller is not None and _clear(caller):
            caller = caller.f_back


def _clear(frame: FrameType) -> bool:
    """Drop the locals of a function that has ended; whether it has."""
    if not _has_ended(frame):
        return False
    try:
        frame.clear()
    except RuntimeError:  # it is running
        return False
    return True


def _has_ended(frame: FrameType) -> bool:
    if not frame.f_code.co_flags & _MAY_BE_SUSPENDED:
        return True
    # A frame that its coroutine still owns hides its contents from the collector.
    return frame.f_code in gc.get_referents(frame)
