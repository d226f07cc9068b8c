"""A buffer for builds of Python whose threads run at once.

There a list that all of them append to would have them wait for each other, so each has a list of its own.
"""

import sys
import threading
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

IS_NEEDED: Final = not getattr(sys, "_is_gil_enabled", lambda: True)()
"""Whether this interpreter's threads run at once; the one switch between lists and these."""


class PerThreadList(Generic[T]):
    """A list for each thread that appends; whoever takes out goes over them all.

    What a thread has left behind when it ends is taken out like the rest. No lock: what is shared is changed
    in steps that are atomic.
    """

    __slots__ = ("_all", "_own")

    def __init__(self) -> None:
        self._own = threading.local()
        self._all: list[tuple[ref[_Life], list[T]]] = []

    def __len__(self) -> int:
        return sum(len(one) for _, one in tuple(self._all))

    def append(self, value: T) -> None:
        """Add one."""
        self._mine().append(value)

    def extend(self, values: "Iterable[T]") -> None:
        """Add several, of this thread's one after the other."""
        self._mine().extend(values)

    def lists(self) -> "tuple[list[T], ...]":
        """Each thread's own; the lists of those that have ended, and left nothing, are forgotten.

        Only one thread at a time may ask.
        """
        for entry in tuple(self._all):
            life, one = entry
            # In this order: once it has ended, it appends no more.
            if life() is None and not one:
                self._all.remove(entry)
        return tuple(one for _, one in tuple(self._all))

    def _mine(self) -> "list[T]":
        try:
            mine: list[T] = self._own.list
        except AttributeError:
            mine, life = [], _Life()
            self._own.list, self._own.life = mine, life
            self._all.append((ref(life), mine))
        return mine


class _Life:
    """Ends with the thread that has it, whoever started that."""

    __slots__ = ("__weakref__",)
