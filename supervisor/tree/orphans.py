"""Those whose supervisor was killed before it could stop them."""

from typing import TYPE_CHECKING, Final

from supervisor.tree.children import children_of
from supervisor.tree.stopping import stop_process

if TYPE_CHECKING:
    from supervisor.process.process import Process
    from supervisor.process.system import ActorSystem
    from supervisor.tree.child_spec import Shutdown

OTHERWISE: "Final[Shutdown]" = 5.0
"""Limit of one that no child spec speaks of, seconds."""


async def stop_orphans(system: "ActorSystem") -> None:
    """Stop everybody who is left when the root has ended, newest first, each within its own limit.

    They have been asked already, by the end of their parent; but nobody waits for them any more. Those who
    had no parent are stopped here, too.
    """
    while orphans := system.processes:
        for orphan in reversed(orphans):
            await stop_process(orphan, _limit_of(orphan))


def _limit_of(orphan: "Process") -> "Shutdown":
    siblings = children_of(orphan.parent)
    child = None if siblings is None else siblings.get(orphan.path.rpartition("/")[2])
    return OTHERWISE if child is None or child.path != orphan.path else child.spec.shutdown
