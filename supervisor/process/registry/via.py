"""A key of a registry as a name."""

from typing import TYPE_CHECKING, TypeAlias

from supervisor.errors import BadNameError
from supervisor.process.ref import Address
from supervisor.process.registry.strict_key import strict_key

if TYPE_CHECKING:
    from collections.abc import Hashable

    from supervisor.process.mailbox import Mailbox
    from supervisor.process.process import Process
    from supervisor.process.registry.tables import Registries


class Via:
    """A name that is a key of a registry, usable wherever a name is.

    An actor that is started under it claims the key before its `init` runs. A reference to it is stable: it
    finds whoever holds the key at the moment.

    Args:
        registry: The name of a registry with unique keys.
        key: The key.
        value: What is attached to it when an actor is started under it; two names that differ in that only
            are one name.

    Raises:
        BadNameError: Nothing can be found by it.
    """

    __slots__ = ("key", "registry", "token", "value")

    def __init__(self, registry: str, key: object, value: object = None) -> None:
        given: object = registry  # what a caller without a type checker may have put there
        if not isinstance(given, str) or not given:
            raise BadNameError("a registry's name", "be a non-empty string", given)
        self.registry, self.key, self.value = registry, key, value
        self.token: Hashable = strict_key(key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Via) and (other.registry, other.token) == (self.registry, self.token)

    def __hash__(self) -> int:
        return hash((self.registry, self.token))

    def __repr__(self) -> str:
        attached = "" if self.value is None else f", {self.value!r}"
        return f"Via({self.registry!r}, {self.key!r}{attached})"


Name: TypeAlias = str | Via
"""What an actor can be found by: its path, a name of its own, or a key of a registry."""


class ViaAddress(Address):
    """What a key of a registry stands for at the moment: looked up anew each time."""

    __slots__ = ("_registries", "via")

    def __init__(self, via: Via, registries: "Registries") -> None:
        self.name = repr(via)
        self.via, self._registries = via, registries

    @property
    def process(self) -> "Process | None":  # type: ignore[override]  # nobody sets it
        """Who holds the key."""
        tables = self._registries.get(self.via.registry)
        if tables is None or tables.keys != "unique":
            return None
        holders = tables.at(self.via.token)
        return holders[0].owner._running() if holders else None  # noqa: SLF001  as a reference does

    @property
    def mailbox(self) -> "Mailbox | None":  # type: ignore[override]  # nobody sets it
        """Where messages to the key's holder go."""
        process = self.process
        return None if process is None else process.mailbox


def is_name(name: object) -> bool:
    """Whether somebody can be found by it."""
    return name != "" if isinstance(name, str) else isinstance(name, Via)


def new_address(name: Name, registries: "Registries") -> Address:
    """The address of a name.

    Raises:
        BadNameError: It is none.
    """
    if not is_name(name):
        raise BadNameError("a name", "be a non-empty string or a Via", name)
    return ViaAddress(name, registries) if isinstance(name, Via) else Address(name)
