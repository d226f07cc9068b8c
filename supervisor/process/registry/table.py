"""Who has claimed what: one table under two indexes, as values without a loop."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from supervisor.process.ref import Pid

K = TypeVar("K")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One claim. Two are never equal, since an owner may hold one key of one value twice.

    Attributes:
        key: As it was claimed.
        owner: Who has claimed it.
        value: What it has attached.
        token: What the key is compared by.
    """

    key: object
    owner: "Pid"
    value: object
    token: "Hashable" = field(repr=False)


class Table:
    """Entries by key and by owner, each in the order in which they were added.

    An owner's death is noticed later than it happens, so whoever reads by key sees the living only.
    """

    __slots__ = ("_by_key", "_by_owner")

    def __init__(self) -> None:
        self._by_key: dict[Hashable, dict[Entry, None]] = {}
        self._by_owner: dict[Pid, dict[Entry, None]] = {}

    def __iter__(self) -> "Iterator[Entry]":
        """Those of living owners."""
        return (entry for owner, owned in self._by_owner.items() if owner.is_alive for entry in tuple(owned))

    def __contains__(self, owner: object) -> bool:
        """Whether it has an entry, alive or not."""
        return owner in self._by_owner

    @property
    def owners(self) -> "tuple[Pid, ...]":
        """All who have an entry, alive or not."""
        return tuple(self._by_owner)

    def at(self, token: "Hashable") -> tuple[Entry, ...]:
        """The entries of a key whose owners live."""
        return tuple(entry for entry in self._by_key.get(token, ()) if entry.owner.is_alive)

    def dead_at(self, token: "Hashable") -> tuple[Entry, ...]:
        """The entries of a key whose owners have ended."""
        return tuple(entry for entry in self._by_key.get(token, ()) if not entry.owner.is_alive)

    def of(self, owner: "Pid") -> tuple[Entry, ...]:
        """The entries of an owner, alive or not."""
        return tuple(self._by_owner.get(owner, ()))

    def add(self, entry: Entry) -> None:
        """Put one in."""
        self._by_key.setdefault(entry.token, {})[entry] = None
        self._by_owner.setdefault(entry.owner, {})[entry] = None

    def remove(self, entry: Entry) -> None:
        """Take out that very entry, not what may have taken its place."""
        _discard(self._by_key, entry.token, entry)
        _discard(self._by_owner, entry.owner, entry)

    def replace(self, old: Entry, new: Entry) -> None:
        """Put one in another's place."""
        self.add(new)  # first, so that the owner keeps its place among the owners
        self.remove(old)


def _discard(index: dict[K, dict[Entry, None]], key: K, entry: Entry) -> None:
    entries = index[key]
    del entries[entry]
    if not entries:
        del index[key]
