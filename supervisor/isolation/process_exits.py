"""How the end of an operating system's process reads as an exit reason. Pure."""

import signal

from supervisor.errors import ProcessExitedError, ProcessSignalledError
from supervisor.process.exits import NORMAL, Crashed, ExitReason


def reason_of(path: str, code: int, told: ExitReason | None) -> ExitReason:
    """The exit reason of a process-backed actor.

    Args:
        path: Whose process it was.
        code: Its exit code; the negative number of the signal that ended it, if one did.
        told: What it has said itself before it ended; None if it came to nothing.
    """
    if told is not None:
        return told
    if code == 0:
        return NORMAL
    if code > 0:
        return Crashed(ProcessExitedError(path, code))
    return Crashed(ProcessSignalledError(path, name_of(-code)))


def name_of(number: int) -> str:
    """The name of a signal, "SIGKILL"; "signal 77" for one without."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
