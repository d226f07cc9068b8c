"""Those whose supervisor was killed before it could stop them."""

from typing import TYPE_CHECKING, Final

from supervisor.tree.children import children_of
from supervisor.tree.stopping import stop_process

if TYPE_CHECKING:
    from supervisor.process.process import Process
    from supervisor.tree.child_spec import Shutdown

OTHERWISE: "Final[Shutdown]" = 5.0
"""Limit of one that no child spec speaks of, seconds."""


async def stop_orphans(root: "Process") -> None:
    """Stop everybody below a root that has ended, newest first, each within its own limit.

    They have been asked already, by the end of their parent; but nobody waits for them any more.
    """
    while orphans := [one for one in root.system.processes if _is_below(one, root)]:
        await stop_process(orphans[-1], _limit_of(orphans[-1]))


def _is_below(process: "Process", root: "Process") -> bool:
    """Whether somebody below the root has started it, or nobody at all."""
    parent = process.parent
    return process is not root and (parent is None or parent is root or _is_below(parent, root))


def _limit_of(orphan: "Process") -> "Shutdown":
    for child in children_of(orphan.parent) or ():
        if child.path == orphan.path:
            return child.spec.shutdown
    return OTHERWISE
