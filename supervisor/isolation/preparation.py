"""What a new interpreter needs to find what the old one finds, and how it is tied to its life."""

import ctypes
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from supervisor.isolation.main_module import MainModule, remember_main_module

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from supervisor.clock import Seconds

_PR_SET_PDEATHSIG: Final = 1
ORPHANED: Final = 70
"""Exit code of a process whose parent has gone."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """The first thing that a new interpreter reads, before any class of the program's.

    Attributes:
        sys_path: Where the program finds its modules.
        main: What the program was started as.
        path: The path of the actor's stand-in.
        number: The number of its stand-in's handle.
        beat_every: Seconds between two signs of life; None for none.
        max_memory_bytes: Limit of the address space; None for none.
        birth: What makes the actor, as a packed frame.
    """

    sys_path: tuple[str, ...]
    main: MainModule
    path: str
    number: int
    beat_every: "Seconds | None"
    max_memory_bytes: int | None
    birth: bytes

    def apply(self) -> None:
        """Look where the program looks, within the limit."""
        sys.path[:] = self.sys_path
        remember_main_module(self.main)
        if self.max_memory_bytes is not None and sys.platform != "win32":
            resource.setrlimit(resource.RLIMIT_AS, (self.max_memory_bytes, self.max_memory_bytes))


def die_with(parent: int) -> None:
    """Have this process end with the one that started it, whatever that dies of.

    On Linux the kernel sees to it. Elsewhere, the end of the socket does, as soon as the loop sees it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we could ask
        os._exit(ORPHANED)
