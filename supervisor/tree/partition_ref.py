"""References to whatever partition a key leads to."""

from typing import TYPE_CHECKING, TypeVar, overload

from supervisor.errors import NoPartitionsError, RequestRefusedError
from supervisor.process.ref import ActorRef, Address, Pid
from supervisor.tree.partition_routing import hash_of
from supervisor.tree.partition_supervisor import PartitionSupervisor

if TYPE_CHECKING:
    from supervisor.process.actor import Actor
    from supervisor.process.mailbox import Mailbox
    from supervisor.process.process import Process

A = TypeVar("A", bound="Actor")


class _PartitionAddress(Address):
    """The partition that a key leads to at the moment: looked up anew each time."""

    __slots__ = ("_hash", "_supervisor")

    def __init__(self, supervisor: "ActorRef[Actor]", key: object) -> None:
        self.name = f"{supervisor.name}[{key!r}]"
        self._supervisor, self._hash = supervisor, hash_of(_plain(key))

    @property
    def _route(self) -> Address | None:
        routes = _routes_of(self._supervisor._running())  # noqa: SLF001  as a reference does
        return routes[self._hash % len(routes)] if routes else None

    @property
    def process(self) -> "Process | None":  # type: ignore[override]  # nobody sets it
        """Who runs there."""
        route = self._route
        return None if route is None else route.process

    @property
    def mailbox(self) -> "Mailbox | None":  # type: ignore[override]  # nobody sets it
        """Where messages to it go."""
        route = self._route
        return None if route is None else route.mailbox


@overload
def partition_ref(supervisor: "ActorRef[Actor]", key: object) -> "ActorRef[Actor]": ...


@overload
def partition_ref(supervisor: "ActorRef[Actor]", key: object, actor: type[A]) -> ActorRef[A]: ...


def partition_ref(
    supervisor: "ActorRef[Actor]", key: object, actor: "type[Actor] | None" = None
) -> "ActorRef[Actor]":
    """A reference to the partition that a key leads to, stable over restarts and over `resize`.

    Args:
        supervisor: The partition supervisor's; it need not run yet.
        key: A whole number leads to the partition of its absolute value modulo their number; a string,
            bytes, float, None, `Enum`, `UUID`, or a tuple of such, by a checksum that is the same in every
            run; a reference or a handle as its name or number does.
        actor: Which class is expected there; for type checkers, nothing checks it at run time.

    Raises:
        BadNameError: No partition can be told from that key.
        NoPartitionsError: It has been resized to none.
        RequestRefusedError: Whoever runs there is no partition supervisor.
    """
    del actor
    address = _PartitionAddress(supervisor, key)
    process = supervisor._running()  # noqa: SLF001  as a reference does
    if process is not None and process.has_started:
        if not isinstance(process.actor, PartitionSupervisor):
            raise RequestRefusedError("partition_ref", process.path, "it is no partition supervisor")
        if not process.actor.routes:
            raise NoPartitionsError(process.path, key)
    return ActorRef(address, supervisor._arrivals)  # noqa: SLF001


def _routes_of(process: "Process | None") -> tuple[Address, ...]:
    actor = None if process is None or not process.has_actor else process.actor
    return actor.routes if isinstance(actor, PartitionSupervisor) else ()


def _plain(key: object) -> object:
    match key:
        case Pid():
            return key.number
        case ActorRef():
            return key.name
        case _:
            return key
