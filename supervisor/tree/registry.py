"""The actors that keep a registry: a supervisor, and one keeper for each partition."""

from typing import TYPE_CHECKING, ClassVar, get_args

from supervisor.errors import BadChildSpecError
from supervisor.process.actor import Actor
from supervisor.process.registry import Keys, Name, Tables, is_name
from supervisor.process.results import Exit
from supervisor.tree.child_spec import ChildSpec
from supervisor.tree.dynamic_options import is_count
from supervisor.tree.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supervisor.process.exits import ExitReason
    from supervisor.tree.child_spec import Shutdown
    from supervisor.tree.strategy import RestartType


class Registry(Supervisor):
    """A place in the tree where actors claim keys, to be found by them.

    Actors use it through `Actor.registry`, everybody through `ActorSystem.registry`, and as a name by `Via`.
    Put it before its users, under `rest_for_one`: they are linked to it and end with it.

    Args:
        keys: `unique` for keys of one owner each, `duplicate` for keys of many.
        partitions: Number of actors that watch over the owners, >= 1. A key belongs to one of them; should
            that one crash, only the owners of its keys are concerned.
        listeners: Names of actors that are told, by `Registered` and `Unregistered`, what comes and goes.

    Source:
        Elixir's `Registry`. Differs: nobody sees the entry of a dead owner, not even for a moment; listeners
        are told of an owner's end; keys are spread by the key alone; entries of an owner that survives a
        crash of the registry survive it, too.
    """

    def __init__(
        self, *, keys: Keys = "unique", partitions: int = 1, listeners: "Sequence[Name]" = ()
    ) -> None:
        _check(keys, partitions, listeners)
        super().__init__([ChildSpec(str(number), _Keeper, (number,)) for number in range(partitions)])
        self.keys, self.partitions, self.listeners = keys, partitions, tuple(listeners)

    @classmethod
    def spec(  # type: ignore[override]  # it is made of other things than a supervisor
        cls,
        id: str,  # noqa: A002  the field's word
        *,
        keys: Keys = "unique",
        partitions: int = 1,
        listeners: "Sequence[Name]" = (),
        restart: "RestartType" = "permanent",
        shutdown: "Shutdown" = "infinity",
        name: Name | None = None,
    ) -> ChildSpec:
        """The child spec of a registry.

        Raises:
            BadChildSpecError: An option cannot work.
        """
        _check(keys, partitions, listeners)
        return ChildSpec(
            id,
            cls,
            kwargs={"keys": keys, "partitions": partitions, "listeners": tuple(listeners)},
            restart=restart,
            shutdown=shutdown,
            kind="supervisor",
            name=name,
        )

    async def init(self) -> object:
        """Lay out the tables, or take over those of an incarnation that was killed; start the keepers."""
        registries = self.system.registries
        tables = registries.get(self.path)
        if tables is None or (tables.keys, len(tables.parts)) != (self.keys, self.partitions):
            tables = Tables(self.path, self.keys, self.partitions)
        tables.listeners = tuple(map(self.ref, self.listeners))
        registries.update(dict.fromkeys(self.system.names_of(self._process), tables))
        return await super().init()

    def become(self, other: Supervisor) -> None:
        """Go on with other listeners; see `update_supervisor`."""
        if isinstance(other, Registry):
            if (other.keys, other.partitions) != (self.keys, self.partitions):
                raise BadChildSpecError(
                    f"an update must have {self.keys} keys in {self.partitions} partitions, "
                    f"got {other.keys} in {other.partitions}"
                )
            self.listeners = other.listeners
            self.system.registries[self.path].listeners = tuple(map(self.ref, self.listeners))
        super().become(other)

    async def terminate(self, reason: "ExitReason") -> None:
        """Stop the keepers, and the owners with them."""
        await super().terminate(reason)
        for name in self.system.names_of(self._process):
            self.system.registries.pop(name, None)


class _Keeper(Actor):
    """Watches over the owners of one partition's keys: they are linked to it."""

    trap_exit: ClassVar[bool] = True

    def __init__(self, number: int) -> None:
        self._number = number

    def init(self) -> None:
        """Take over what is there."""
        parent = self._process.parent
        assert parent is not None
        self._tables = self.system.registries[parent.path]
        self._part = self._tables.parts[self._number]
        self._tables.keep(self._part, self._process)

    def handle_info(self, message: object) -> None:
        """Remove what an owner leaves at its end."""
        if isinstance(message, Exit) and message.pid is not None:
            self._tables.clear(self._part, message.pid, message.reason)


def _check(keys: object, partitions: object, listeners: "Sequence[object]") -> None:
    """Refuse what cannot work, in the frame of whoever asks for it."""
    if keys not in get_args(Keys):
        raise BadChildSpecError(
            f"keys of a registry must be one of {', '.join(map(repr, get_args(Keys)))}, got {keys!r}"
        )
    if not is_count(partitions, at_least=1):
        raise BadChildSpecError(f"partitions of a registry must be a whole number >= 1, got {partitions!r}")
    for listener in listeners:
        if not is_name(listener):
            raise BadChildSpecError(f"a registry's listener must be a name, got {listener!r}")
