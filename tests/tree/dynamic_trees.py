"""Trees of one dynamic supervisor, at "workers", and the actors that its tests start under it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Unpack

from supervisor import (
    IGNORE,
    Actor,
    ActorRef,
    ChildSpec,
    Down,
    DynamicSupervisor,
    Pid,
    Supervisor,
    Tree,
    start_child,
    start_instance,
    start_tree,
)
from tests.process.actors import Seen
from tests.tree.test_restart_matrix import Ends

if TYPE_CHECKING:
    from supervisor.process.exits import ExitReason
    from supervisor.tree.child_spec import Startable
    from supervisor.tree.options import Options


class Leaf(Actor):
    """Does nothing, for arguments that it does not keep."""

    def __init__(self, *arguments: object) -> None:
        del arguments


class Declines(Actor):
    def init(self) -> object:
        return IGNORE


class Refuses(Actor):
    def init(self) -> None:
        raise ZeroDivisionError("no disk")


class Watcher(Actor):
    """Notes how those whom it is told of end."""

    def __init__(self, seen: "list[ExitReason]") -> None:
        self.seen = seen

    def handle_call(self, request: object, caller: object) -> object:
        del caller
        assert isinstance(request, Pid)
        return self.monitor(request)

    def handle_info(self, message: object) -> None:
        assert isinstance(message, Down)
        self.seen.append(message.reason)


def ends(restart: str = "permanent", **options: object) -> ChildSpec:
    """A child that ends as it is told."""
    return ChildSpec("ends", Ends, (Seen(),), restart=restart, **options)  # type: ignore[arg-type]


@asynccontextmanager
async def workers(
    template: "Startable | None" = None,
    *,
    max_children: int | None = None,
    extra_args: tuple[object, ...] = (),
    **options: "Unpack[Options]",
) -> AsyncIterator[tuple[Tree, ActorRef]]:
    """A tree with one dynamic supervisor; the tree goes on if that ends."""
    spec = DynamicSupervisor.spec(
        "workers",
        template=template,
        max_children=max_children,
        extra_args=extra_args,
        restart="temporary",
        **options,
    )
    async with start_tree(Supervisor.spec("root", [spec])) as tree:
        yield tree, tree.ref("workers")


async def started(supervisor: ActorRef, child: "Startable", *, key: str | None = None) -> Pid:
    """The handle of a new child."""
    pid = await start_child(supervisor, child, key=key)
    assert pid is not None
    return pid


async def instance(supervisor: ActorRef, *args: object, key: str | None = None) -> Pid:
    """The handle of a new child from the template."""
    pid = await start_instance(supervisor, *args, key=key)
    assert pid is not None
    return pid
