"""What is asked of an actor's runtime, and not of the actor."""

from typing import TYPE_CHECKING

from supervisor.process.exits import Crashed

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.process.caller import Caller
    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process


class SystemRequest:
    """A function of the process, run between two messages, ahead of all that wait."""

    __slots__ = ("_caller", "_function")

    def __init__(self, caller: "Caller", function: "Callable[[Process], object]") -> None:
        self._caller, self._function = caller, function

    def serve(self, process: "Process") -> None:
        """Run it and reply; what it raises is the caller's.

        Raises:
            BaseException: It raised what is no `Exception`, and ends the actor.
        """
        try:
            self._caller.reply(self._function(process))
        except Exception as error:  # noqa: BLE001  it must not end the actor
            self._caller.refuse(error)
        except BaseException as error:
            self.fail(Crashed(error))
            raise

    def fail(self, reason: "ExitReason") -> None:
        """Tell that the process has ended."""
        self._caller.fail(reason)
