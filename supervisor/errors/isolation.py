"""Actors in threads and processes of their own."""

from typing import TYPE_CHECKING

from supervisor.errors.base import SupervisorError

if TYPE_CHECKING:
    from supervisor.clock import Seconds


class CannotCrossError(SupervisorError, TypeError):
    """A message, a reply or an exit reason cannot be sent to another process, or not be read there.

    Attributes:
        what: Type of what was sent.
        why: What pickle said.
    """

    def __init__(self, what: str, why: str) -> None:
        self.what, self.why = what, why
        super().__init__(f"{what!r} cannot cross into another process: {why}; send what pickle can take")


class FarError(SupervisorError, RuntimeError):
    """An error of another process that could not be carried over as it was.

    Attributes:
        name: Its type.
        text: Its message.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        super().__init__(f"{name}: {text}" if text else name)


class PredecessorRunsError(SupervisorError, RuntimeError):
    """An earlier incarnation's thread or process has not ended; no successor is started beside it."""

    def __init__(self, path: str, waited: "Seconds") -> None:
        self.path, self.waited = path, waited
        super().__init__(
            f"{path!r} is not started beside its predecessor, which was killed and has not ended in "
            f"{waited} s"
        )


class ProcessExitedError(SupervisorError, RuntimeError):
    """The process of an actor ended by itself with an exit code other than 0.

    Attributes:
        code: The exit code.
    """

    def __init__(self, path: str, code: int) -> None:
        self.path, self.code = path, code
        super().__init__(f"process of {path!r} exited with code {code}")


class ProcessGarbledError(SupervisorError, RuntimeError):
    """The process of an actor has sent what the runtime did not write there, and was killed."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"process of {path!r} has sent what is no frame and was killed; "
            "something in it writes to a descriptor that is not its own"
        )


class ProcessHungError(SupervisorError, TimeoutError):
    """The process of an actor gave no sign of life for too long, and was killed."""

    def __init__(self, path: str, seconds: "Seconds") -> None:
        self.path, self.seconds = path, seconds
        super().__init__(f"process of {path!r} gave no sign of life for {seconds} s and was killed")


class ProcessSignalledError(SupervisorError, RuntimeError):
    """A signal ended the process of an actor.

    Attributes:
        signal: Its name, "SIGKILL"; "signal 77" where it has none.
    """

    def __init__(self, path: str, signal: str) -> None:
        self.path, self.signal = path, signal
        super().__init__(f"process of {path!r} was ended by {signal}")
