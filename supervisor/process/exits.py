"""Why a process ended, as values.

A child's crash is data: it travels to its supervisor, its links and its monitors, and never runs through
them as an exception.
"""

from dataclasses import dataclass
from typing import TypeAlias


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

NORMAL = Normal()
SHUTDOWN = Shutdown()
KILLED = Killed()
NO_PROCESS = NoProcess()


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
