"""A buffer for builds of Python whose threads run at once.

There a list that all of them append to would have them wait for each other, so each has a list of its own.
"""

import sys
import threading
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

IS_NEEDED: Final = not getattr(sys, "_is_gil_enabled", lambda: True)()
"""Whether this interpreter's threads run at once."""


class PerThreadList(Generic[T]):
    """A list for each thread that appends; whoever takes out goes over them all.

    What a thread has left behind when it ends is taken out like the rest.
    """

    __slots__ = ("_all", "_lock", "_own")

    def __init__(self) -> None:
        self._own = threading.local()
        self._lock = threading.Lock()
        self._all: list[tuple[threading.Thread, list[T]]] = []

    def __len__(self) -> int:
        return sum(len(one) for _, one in tuple(self._all))

    def append(self, value: T) -> None:
        """Add one."""
        self._mine().append(value)

    def extend(self, values: "Iterable[T]") -> None:
        """Add several, of this thread's one after the other."""
        self._mine().extend(values)

    def lists(self) -> "tuple[list[T], ...]":
        """Each thread's own; the lists of those that have ended, and left nothing, are forgotten."""
        with self._lock:
            self._all = [(thread, one) for thread, one in self._all if one or thread.is_alive()]
            return tuple(one for _, one in self._all)

    def _mine(self) -> "list[T]":
        try:
            mine: list[T] = self._own.list
        except AttributeError:
            mine = self._own.list = []
            with self._lock:
                self._all.append((threading.current_thread(), mine))
        return mine
