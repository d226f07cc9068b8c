"""The list of a dynamic supervisor's children: addressed by handle or by key, and stopped all at once."""

from typing import TYPE_CHECKING

from supervisor.process.ref import Pid
from supervisor.tree.children import ROOT, Children
from supervisor.tree.stopping_together import stop_together

if TYPE_CHECKING:
    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process
    from supervisor.tree.child import Child
    from supervisor.tree.child_spec import ChildSpec


class DynamicChildren(Children):
    """The children of one dynamic supervisor.

    The id of each, and the last part of its path, is its key; or `#` and a number that was never used
    before, so that an old reference never reaches a stranger. Whoever has ended for good leaves the list.
    """

    __slots__ = ()

    def enter(
        self, spec: "ChildSpec", args: "tuple[object, ...]", key: str | None, parent: "Process"
    ) -> "Child":
        """Put a new child last in the list, without starting it.

        Raises:
            AlreadyStartedError: There is one of that key, and it runs.
            AlreadyPresentError: There is one of that key, and it does not run at the moment.
        """
        child_id = f"#{parent.system.next_number()}" if key is None else key
        return self.insert(spec, parent, child_id=child_id, args=args)

    def find(self, wanted: "str | Pid | None") -> "Child | None":
        """The child of that key, or whose present or last incarnation has that handle."""
        if not isinstance(wanted, Pid):
            return None if wanted is None else self.get(wanted)
        child = self.get(wanted.path.rpartition("/")[2])
        return child if child is not None and child.number == wanted.number else None

    def holds(self, child: "Child") -> bool:
        """Whether it is still in the list."""
        return self.get(child.id) is child

    def let_go(self, child: "Child", reason: "ExitReason") -> None:
        """It has ended and is not restarted: there is nothing to keep of it."""
        self.forget(child, reason)

    async def stop_all(self, reason: "ExitReason") -> None:
        """Stop all at once, and wait for them together; who is being stopped already is not asked again."""
        await stop_together([one for one in self if one.process is not None and one.state != "stopping"])
        for child in self:
            if child.process is None:
                child.close_mailbox(reason)


def was_below(pid: Pid, supervisor: "Process") -> bool:
    """Whether a handle is one that the supervisor of that path has given out."""
    above = pid.path.rpartition("/")[0]
    return above == ("" if supervisor.path == ROOT else supervisor.path)
