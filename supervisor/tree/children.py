"""The list of a supervisor's children, in start order: who joins, leaves, or waits for a restart."""

from typing import TYPE_CHECKING

from supervisor import telemetry
from supervisor.errors import ChildNotFoundError, ChildStateError, StartFailedError
from supervisor.process.exits import NORMAL, SHUTDOWN, ExitReason
from supervisor.tree.child import Child

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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

    @property
    def ids(self) -> tuple[str, ...]:
        """In start order."""
        return tuple(self._by_id)

    def find(self, pid: "Pid | None") -> Child | None:
        """The child whose present incarnation has that handle."""
        return next((one for one in self if one.process is not None and one.process.pid is pid), None)

    def named(self, child_id: str, parent: "Process") -> Child:
        """The child of that id.

        Raises:
            ChildNotFoundError: There is none; the message lists those that there are.
        """
        child = self._by_id.get(child_id)
        if child is None:
            raise ChildNotFoundError(child_id, parent.path, self.ids)
        return child

    async def add(self, spec: "ChildSpec", parent: "Process") -> Child:
        """Start a new child, which comes last in the order.

        Raises:
            ChildStateError: There is one of that id.
            StartFailedError: It did not come up; nothing is kept of it.

        Emits:
            ("supervisor", "child", "start_failed").
        """
        if spec.id in self._by_id:
            raise ChildStateError(spec.id, f"already present ({self._by_id[spec.id].state})", "start it")
        path = spec.id if parent.path == ROOT else f"{parent.path}/{spec.id}"
        child = self._by_id[spec.id] = Child(spec, path, parent)
        try:
            await child.start()
        except StartFailedError as error:
            self.forget(child, SHUTDOWN)
            if not parent.stop_asked.done():  # else we have broken it off ourselves
                telemetry.execute(
                    ("supervisor", "child", "start_failed"), {"count": 1}, child.facts(reason=error.reason)
                )
            raise
        if child.process is None:  # it declined
            self.let_go(child, NORMAL)
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
        del self._by_id[child.spec.id]

    # --- restarts -----------------------------------------------------------------------------------------

    def expect(self, ids: "Sequence[str]") -> object:
        """Have these children wait for one restart.

        Returns:
            What stands for that restart. Whoever is stopped or started meanwhile drops out of it.
        """
        retry = object()
        for child in self:
            if child.spec.id in ids:
                child.retry, child.state = retry, "restarting"
        return retry

    def expecting(self, retry: object) -> list[Child]:
        """Those who wait for that restart, in start order."""
        return [child for child in self if child.retry is retry]

    # --- stopping -----------------------------------------------------------------------------------------

    async def stop_group(self, ids: "Sequence[str]") -> None:
        """Stop some, newest first, before they are started anew; temporary ones are not coming back."""
        for child in reversed(tuple(self)):
            if child.spec.id in ids:
                await child.stop()
                if child.spec.restart == "temporary":
                    self.forget(child, SHUTDOWN)

    async def stop_all(self, reason: ExitReason) -> None:
        """Stop all, newest first, each gone before the next is asked."""
        for child in reversed(tuple(self)):
            await child.stop()
            child.close_mailbox(reason)
