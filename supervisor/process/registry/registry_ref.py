"""A registry in the hands of anybody: to read it, and to lock its keys."""

from typing import TYPE_CHECKING

from supervisor.process.registry.strict_key import strict_key
from supervisor.process.registry.tables import Keys, Tables, tables_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from supervisor.process.ref import Pid
    from supervisor.process.registry.table import Entry
    from supervisor.process.system import ActorSystem


class RegistryRef:
    """A registry, by its name; stable over its restarts.

    All its functions are plain calls on the loop's thread, with no message to the registry. They see entries
    of living owners only, those of one key in the order in which they were claimed. Predicates take the place
    of Elixir's match patterns and guards.

    Each raises `RegistryNotFoundError` if no registry of that name runs, and `BadNameError` for a key that
    cannot be hashed.
    """

    __slots__ = ("_system", "name")

    def __init__(self, system: "ActorSystem", name: str) -> None:
        self._system, self.name = system, name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @property
    def _tables(self) -> Tables:
        return tables_of(self._system.registries, self.name)

    @property
    def kind(self) -> Keys:
        """Whether its keys are unique or duplicate."""
        return self._tables.keys

    # --- by key -------------------------------------------------------------------------------------------

    def lookup(self, key: object) -> "tuple[Entry, ...]":
        """The entries of a key."""
        return self._tables.at(strict_key(key))

    def whereis(self, key: object) -> "Pid | None":
        """The handle of a unique key's owner, or None; never a dead one.

        Raises:
            RegistryKeysError: Its keys are not unique.
        """
        self._tables.need_unique("to resolve a name")
        return next((entry.owner for entry in self.lookup(key)), None)

    def match(self, key: object, predicate: "Callable[[object], bool]") -> "tuple[Entry, ...]":
        """The entries of a key whose values `predicate` is true for."""
        return tuple(entry for entry in self.lookup(key) if predicate(entry.value))

    def count_match(self, key: object, predicate: "Callable[[object], bool]") -> int:
        """How many entries `match` finds."""
        return len(self.match(key, predicate))

    def dispatch(self, key: object, function: "Callable[[tuple[Entry, ...]], object]") -> None:
        """Call `function` once with all entries of a key; not at all if there are none.

        It runs in the caller, and what it raises is the caller's.
        """
        if entries := self.lookup(key):
            function(entries)

    def lock(self, key: object) -> "AbstractAsyncContextManager[None]":
        """Hold the lock of a key for the length of an `async with` block.

        Nobody else is in such a block of that key meanwhile; whether somebody has claimed the key is another
        matter. The lock is free again however the block ends.

        Raises:
            LockHeldError: When the block is entered by whoever holds the lock already.
        """
        return self._tables.locks.held(key, None)

    # --- by owner, and all --------------------------------------------------------------------------------

    def keys(self, owner: "Pid") -> "tuple[object, ...]":
        """The keys of an owner; one that it has claimed twice stands there twice."""
        return tuple(entry.key for entry in self._tables.of(owner))

    def values(self, key: object, owner: "Pid") -> "tuple[object, ...]":
        """What an owner has attached to a key."""
        return tuple(entry.value for entry in self.lookup(key) if entry.owner is owner)

    def count(self) -> int:
        """How many entries there are; it takes a look at each."""
        return sum(1 for _ in self._tables)

    def select(self, predicate: "Callable[[Entry], bool] | None" = None) -> "tuple[Entry, ...]":
        """All entries, or those that `predicate` is true for."""
        entries = tuple(self._tables)  # first, for `predicate` may claim keys and give them back
        return entries if predicate is None else tuple(entry for entry in entries if predicate(entry))

    def count_select(self, predicate: "Callable[[Entry], bool]") -> int:
        """How many entries `select` finds."""
        return len(self.select(predicate))
