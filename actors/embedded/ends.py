"""Ends of a process that run no exit handlers: what was predicted is counted and pushed at these, too."""

import os
import signal
import threading
from multiprocessing import util
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


class LastWord:
    """Calls a function before the process dies of SIGTERM, or ends as a forked child of `multiprocessing`.

    SIGTERM is taken only if nobody else has taken it by then, and kills the process afterwards as it would
    have done; a server that takes it later stops its workers in its own way. Forked children inherit it.

    Args:
        say: Called then; must be quick, and may be called more than once.
    """

    def __init__(self, say: "Callable[[], object]") -> None:
        self._say = say
        # Of what a child inherits to do at its end, `multiprocessing` has it forget everything.
        util.register_after_fork(self, LastWord._at_the_end_of_a_child)
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._die)

    def _at_the_end_of_a_child(self) -> None:
        util.Finalize(self, self._say, exitpriority=_FIRST)

    def _die(self, number: int, _: object) -> None:
        # Another one, sent by somebody impatient, kills at once.
        signal.signal(number, signal.SIG_DFL)
        try:
            self._say()
        finally:
            os.kill(os.getpid(), number)


_FIRST: Final = 1000
"""Before whatever else is finalized; the higher comes first."""
