"""All that a registry knows, apart from the actors that keep it, so that it survives them."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from supervisor.errors import (
    AlreadyRegisteredError,
    MailboxFullError,
    OwnerEndedError,
    RegistryKeysError,
    RegistryNotFoundError,
)
from supervisor.process.registry.lock import Locks
from supervisor.process.registry.messages import Registered, Unregistered
from supervisor.process.registry.strict_key import strict_key
from supervisor.process.registry.table import Entry, Table
from supervisor.process.registry.via import Via

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process
    from supervisor.process.ref import ActorRef, Pid

Keys: TypeAlias = Literal["unique", "duplicate"]


@dataclass(slots=True)
class Part:
    """One partition: a part of the keys, and the actor that watches over their owners.

    Attributes:
        table: The entries.
        keeper: To whom the owners are tied; None before there was one.
    """

    table: Table = field(default_factory=Table)
    keeper: "Pid | None" = None


class Tables:
    """The entries and locks of one registry, and who is told of them.

    Attributes:
        name: The registry's.
        keys: Whether a key has one owner, or any number of entries.
        parts: Its partitions.
        listeners: Who is told of entries that come and go.
        locks: Those of its keys.
    """

    __slots__ = ("keys", "listeners", "locks", "name", "parts")

    def __init__(self, name: str, keys: Keys, partitions: int) -> None:
        self.name, self.keys = name, keys
        self.parts = tuple(Part() for _ in range(partitions))
        self.listeners: tuple[ActorRef, ...] = ()
        self.locks = Locks()

    def __iter__(self) -> "Iterator[Entry]":
        """The entries of living owners, partition by partition."""
        return (entry for part in self.parts for entry in part.table)

    def at(self, token: "Hashable") -> tuple[Entry, ...]:
        """The entries of a key whose owners live."""
        return self._part(token).table.at(token)

    def of(self, owner: "Pid") -> tuple[Entry, ...]:
        """The entries of an owner; of a dead one none."""
        if not owner.is_alive:
            return ()
        return tuple(entry for part in self.parts for entry in part.table.of(owner))

    def need_unique(self, wanted: str) -> None:
        """Refuse what works with unique keys only.

        Raises:
            RegistryKeysError: They are not.
        """
        if self.keys != "unique":
            raise RegistryKeysError(self.name, wanted)

    # --- entries come and go ------------------------------------------------------------------------------

    def claim(self, process: "Process", key: object, value: object) -> Entry:
        """Add an entry, and tie its owner to the registry.

        Raises:
            AlreadyRegisteredError: The key is unique, and has a living owner; nothing has changed.
            OwnerEndedError: The actor has ended.
            RegistryNotFoundError: The registry does not run at the moment.
            BadNameError: Nothing can be found by such a key.
        """
        token = strict_key(key)
        if not process.is_alive:
            raise OwnerEndedError(process.pid, self.name)
        part, keeper = self.kept_part(token)
        if self.keys == "unique":
            for holder in part.table.at(token):
                raise AlreadyRegisteredError(Via(self.name, key), holder.owner)
            for dead in part.table.dead_at(token):
                self._remove(part, dead, _reason_of(dead.owner))
        entry = Entry(key, process.pid, value, token)
        part.table.add(entry)
        process.ties.link(keeper)
        self._tell(Registered(self.name, key, process.pid, value))
        return entry

    def give_back(self, process: "Process", entries: "Iterable[Entry]") -> None:
        """Remove entries of a living owner, and untie it from each partition where it has none left."""
        for entry in entries:
            part = self._part(entry.token)
            self._remove(part, entry, None)
            if process.pid not in part.table and part.keeper is not None:
                process.ties.unlink(part.keeper)

    def replace(self, entry: Entry, value: object) -> None:
        """Attach another value; nobody is told."""
        new = Entry(entry.key, entry.owner, value, entry.token)
        self._part(entry.token).table.replace(entry, new)

    def clear(self, part: Part, owner: "Pid", reason: "ExitReason | None") -> None:
        """Remove what a dead owner has left in one partition."""
        for entry in part.table.of(owner):
            self._remove(part, entry, reason)

    def keep(self, part: Part, process: "Process") -> None:
        """Have a new keeper watch over a partition: it ties the living to itself and removes the dead."""
        part.keeper = process.pid
        for owner in part.table.owners:
            if owner.is_alive:
                process.ties.link(owner)
            else:
                self.clear(part, owner, _reason_of(owner))

    def kept_part(self, token: "Hashable") -> "tuple[Part, Pid]":
        """The partition of a key, and its keeper.

        Raises:
            RegistryNotFoundError: The keeper does not run at the moment.
        """
        part = self._part(token)
        if part.keeper is None or not part.keeper.is_alive:
            raise RegistryNotFoundError(self.name)
        return part, part.keeper

    def _part(self, token: "Hashable") -> Part:
        return self.parts[hash(token) % len(self.parts)]

    def _remove(self, part: Part, entry: Entry, reason: "ExitReason | None") -> None:
        part.table.remove(entry)
        self._tell(Unregistered(self.name, entry.key, entry.owner, entry.value, reason))

    def _tell(self, message: Registered | Unregistered) -> None:
        for listener in self.listeners:
            with suppress(MailboxFullError):  # the claim is not the listener's to refuse
                listener.send(message)


Registries: TypeAlias = "Mapping[str, Tables]"


def tables_of(registries: Registries, name: str) -> Tables:
    """The tables of a registry.

    Raises:
        RegistryNotFoundError: There is none of that name; the message lists those that there are.
    """
    tables = registries.get(name)
    if tables is None:
        raise RegistryNotFoundError(name, tuple(registries))
    return tables


def _reason_of(owner: "Pid") -> "ExitReason | None":
    return owner._process.reason  # noqa: SLF001  the runtime may look behind a handle
