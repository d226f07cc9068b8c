"""The list of a supervisor's children, in start order: who joins, and who leaves."""

from typing import TYPE_CHECKING

from supervisor import telemetry
from supervisor.errors import AlreadyPresentError, AlreadyStartedError, ChildNotFoundError, StartFailedError
from supervisor.process.exits import NORMAL, SHUTDOWN, ExitReason, clear_dead_frames
from supervisor.tree.child import Child

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from supervisor.process.process import Process
    from supervisor.process.ref import Pid
    from supervisor.tree.child_spec import ChildSpec

ROOT = "root"


class Children:
    """The children of one supervisor.

    A child that is let go answers nobody any more, so those who still wait in its mailbox are told; a
    temporary one leaves the list as well.
    """

    __slots__ = ("_by_id",)

    def __init__(self) -> None:
        self._by_id: dict[str, Child] = {}

    def __iter__(self) -> "Iterator[Child]":
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def ids(self) -> "Collection[str]":
        """In start order; it changes with the list."""
        return self._by_id.keys()

    def find(self, pid: "Pid | None") -> Child | None:
        """The child whose present incarnation has that handle."""
        child = None if pid is None else self._by_id.get(pid.path.rpartition("/")[2])
        if child is None or child.process is None or child.process.pid is not pid:
            return None
        return child

    def get(self, child_id: str) -> Child | None:
        """The child of that id; None if there is none."""
        return self._by_id.get(child_id)

    def named(self, child_id: object, parent: "Process") -> Child:
        """The child of that id.

        Raises:
            ChildNotFoundError: There is none; the message lists those that there are.
        """
        child = self._by_id.get(child_id) if isinstance(child_id, str) else None
        if child is None:
            raise ChildNotFoundError(child_id, parent.path, tuple(self._by_id))
        return child

    async def add(self, spec: "ChildSpec", parent: "Process") -> Child:
        """Start a new child, which comes last in the order.

        Raises:
            AlreadyStartedError: There is one of that id, and it runs.
            AlreadyPresentError: There is one of that id, and it does not.
            StartFailedError: It did not come up; nothing is kept of it.

        Emits:
            ("supervisor", "child", "start_failed").
        """
        child = self.insert(spec, parent)
        try:
            await child.start()
        except StartFailedError as error:
            self.start_failed(child, error, parent)
            raise
        if child.process is None:  # it declined
            self.let_go(child, NORMAL)
        return child

    async def start_again(self, child: Child) -> None:
        """Start a child that is at rest; what it was sent meanwhile fails unless it comes up.

        Raises:
            StartFailedError: It did not come up; it stays in the list.
        """
        child.forgive()
        child.failure = None
        try:
            await child.start()
        except StartFailedError:
            child.close_mailbox(SHUTDOWN)
            raise
        if child.process is None:  # it declined
            self.let_go(child, NORMAL)

    def start_failed(self, child: Child, error: StartFailedError, parent: "Process") -> None:
        """A new child did not come up: nothing is kept of it.

        Emits:
            ("supervisor", "child", "start_failed").
        """
        self.forget(child, SHUTDOWN)
        parent.system.loop.call_soon(clear_dead_frames, error)  # it is the caller's now
        if parent.stop_reason is None:  # else we have broken it off ourselves
            telemetry.execute(
                ("supervisor", "child", "start_failed"), {"count": 1}, child.facts(reason=error.reason)
            )

    def insert(
        self,
        spec: "ChildSpec",
        parent: "Process",
        *,
        child_id: str | None = None,
        args: "tuple[object, ...] | None" = None,
    ) -> Child:
        """Put a new child last in the list, without starting it.

        Args:
            spec: How it is started.
            parent: Its supervisor's process.
            child_id: Its name among its siblings, if it is not that of the spec.
            args: Positional arguments of its start, if they are not those of the spec.

        Raises:
            AlreadyStartedError: There is one of that id, and it runs.
            AlreadyPresentError: There is one of that id, and it does not.
        """
        child_id = spec.id if child_id is None else child_id
        present = self._by_id.get(child_id)
        if present is not None:
            if present.pid is not None:
                raise AlreadyStartedError(present.path, present.pid)
            raise AlreadyPresentError(child_id, present.state)
        child = self._by_id[child_id] = Child(spec, path_below(parent.path, child_id), parent, args)
        return child

    def let_go(self, child: Child, reason: ExitReason) -> None:
        """It has ended and is not restarted."""
        if child.spec.restart == "temporary":
            self.forget(child, reason)
        else:
            child.close_mailbox(reason)

    def forget(self, child: Child, reason: ExitReason) -> None:
        """It leaves the list."""
        child.close_mailbox(reason)
        del self._by_id[child.id]

    # --- groups -------------------------------------------------------------------------------------------

    def present(self, ids: "Sequence[str]") -> list[Child]:
        """Those of these ids that are still in the list, in the order of the ids."""
        return [child for one in ids if (child := self._by_id.get(one)) is not None]

    async def stop_group(self, group: "Sequence[Child]") -> list[Child]:
        """Stop some, newest first, before they are started anew.

        Returns:
            Those that are coming back, in the same order: temporary ones are not.
        """
        for child in reversed(group):
            await child.stop()
            if child.spec.restart == "temporary":
                self.forget(child, SHUTDOWN)
        return [child for child in group if child.spec.restart != "temporary"]

    async def stop_all(self, reason: ExitReason) -> None:
        """Stop all, newest first, each gone before the next is asked."""
        for child in reversed(tuple(self)):
            await child.stop()
            child.close_mailbox(reason)


def path_below(supervisor: str, child_id: str) -> str:
    """The path of a child, from its supervisor's."""
    return child_id if supervisor == ROOT else f"{supervisor}/{child_id}"


def children_of(process: "Process | None") -> Children | None:
    """The list of whatever supervisor runs there; None if it is none."""
    if process is None or not process.has_actor:
        return None
    children = getattr(process.actor, "children", None)
    return children if isinstance(children, Children) else None
