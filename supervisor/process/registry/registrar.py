"""A registry in the hands of one actor: to claim keys, and to change and give back its own."""

from typing import TYPE_CHECKING

from supervisor.errors import KeyNotOwnedError
from supervisor.process.registry.registry_ref import RegistryRef

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from supervisor.process.process import Process
    from supervisor.process.registry.table import Entry


class Registrar(RegistryRef):
    """A registry as one actor has it, from `Actor.registry`: what is claimed here is that actor's.

    An actor that has a key is linked to the registry: a crash of the registry ends it, too, unless it traps
    exits. Its keys are free at its end.
    """

    __slots__ = ("_process",)

    def __init__(self, process: "Process", name: str) -> None:
        super().__init__(process.system, name)
        self._process = process

    def register(self, key: object, value: object = None) -> None:
        """Claim a key, with a value attached.

        Raises:
            AlreadyRegisteredError: The key is unique, and has an owner, this actor perhaps.
            OwnerEndedError: This actor has ended, and still runs.
        """
        self._tables.claim(self._process, key, value)
        self._process.system.arrivals.look()  # for who waits for that key's holder

    def unregister(self, key: object) -> None:
        """Give back all that this actor has under a key; nothing is fine."""
        self._tables.give_back(self._process, self._own(key))

    def unregister_match(self, key: object, predicate: "Callable[[object], bool]") -> None:
        """Give back what this actor has under a key where `predicate` is true for the value."""
        found = [entry for entry in self._own(key) if predicate(entry.value)]
        self._tables.give_back(self._process, found)

    def update_value(self, key: object, function: "Callable[[object], object]") -> tuple[object, object]:
        """Attach `function(value)` to a key of this actor's instead of `value`.

        Returns:
            The new value and the old one.

        Raises:
            RegistryKeysError: The keys are not unique; `function` was not called.
            KeyNotOwnedError: The key is not this actor's; `function` was not called.
        """
        tables = self._tables
        tables.need_unique("to update a value")
        own = self._own(key)
        if not own:
            raise KeyNotOwnedError(self.name, key, self._process.pid)
        new = function(own[0].value)
        tables.replace(own[0], new)
        return new, own[0].value

    def lock(self, key: object) -> "AbstractAsyncContextManager[None]":
        """As `RegistryRef.lock`; and the lock is free at this actor's end, also if it is abandoned."""
        return self._tables.locks.held(key, self._process)

    def _own(self, key: object) -> "list[Entry]":
        return [entry for entry in self.lookup(key) if entry.owner is self._process.pid]
