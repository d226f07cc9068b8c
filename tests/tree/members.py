"""Actors that do with a registry what they are told, for the tests of registries and names."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar, cast

from supervisor import (
    Actor,
    ActorRef,
    Caller,
    ChildSpec,
    Entry,
    Pid,
    Registrar,
    Registry,
    RegistryRef,
    Supervisor,
    SupervisorError,
    Tree,
    start_tree,
)
from supervisor.process.registry import Keys, Name

T = TypeVar("T")


class Member(Actor):
    """Calls what it is sent with its registry, and answers with the result, or the error."""

    def __init__(self, seen: list[object] | None = None) -> None:
        self.seen = [] if seen is None else seen

    def handle_call(self, request: object, caller: Caller) -> object:
        try:
            return cast("Callable[[Registrar], object]", request)(self.registry("names"))
        except SupervisorError as error:
            return error

    def handle_cast(self, message: object) -> object:
        return self.handle_info(message)

    def handle_info(self, message: object) -> object:
        if message == "crash":
            raise ZeroDivisionError("asked to")
        self.seen.append(message)
        return None


class TrappingMember(Member):
    trap_exit = True


async def ask(member: ActorRef, function: Callable[[Registrar], T]) -> T:
    """What `function` gives when the member calls it; what it raises is raised here."""
    reply = await member.call(function)
    if isinstance(reply, Exception):
        raise reply
    return cast("T", reply)


class House:
    """A tree with a registry, "names", and two members, "a" and "b"."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.system = tree, tree.system
        self.names: RegistryRef = tree.system.registry("names")
        self.a, self.b = tree.ref("a"), tree.ref("b")

    async def register(self, member: ActorRef, key: object, value: object = None) -> None:
        await ask(member, lambda names: names.register(key, value))

    async def unregister(self, member: ActorRef, key: object) -> None:
        await ask(member, lambda names: names.unregister(key))

    @property
    def left_over(self) -> int:
        """Entries in both indexes together, those of the dead included."""
        tables = [part.table for part in self.system.registries["names"].parts]
        by_key = sum(len(entries) for table in tables for entries in table._by_key.values())
        by_owner = sum(len(entries) for table in tables for entries in table._by_owner.values())
        return by_key + by_owner


@asynccontextmanager
async def house(
    *more: ChildSpec,
    keys: Keys = "unique",
    partitions: int = 1,
    listeners: tuple[Name, ...] = (),
    member: Callable[..., Actor] = Member,
) -> AsyncIterator[House]:
    """Run one; the members are temporary, so that what ends stays away."""
    children = [
        Registry.spec("names", keys=keys, partitions=partitions, listeners=listeners),
        ChildSpec("a", member, restart="temporary"),
        ChildSpec("b", member, restart="temporary"),
        *more,
    ]
    async with start_tree(Supervisor.spec("root", children, max_restarts=100)) as tree:
        yield House(tree)


def pid_of(ref: ActorRef) -> Pid:
    pid = ref.pid
    assert pid is not None
    return pid


def plain(entries: tuple[Entry, ...]) -> list[tuple[object, Pid, object]]:
    """Entries as what they hold."""
    return [(entry.key, entry.owner, entry.value) for entry in entries]
