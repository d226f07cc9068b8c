"""The tree as data, and as a picture in text.

Nothing here calls itself: a tree may be deeper than calls can be nested.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from supervisor.tree.children import ROOT, children_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from supervisor.process.process import Process
    from supervisor.tree.child import Child
    from supervisor.tree.child_spec import Kind


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One actor as it stands at the moment.

    Attributes:
        id: Its id among its siblings.
        path: Its place in the tree, and the name it is found by.
        kind: Whether it has children.
        state: "starting", "running", "restarting", "stopping", "stopped" or "failed", as `Child` has it; or
            "zombie": it would not stop, was abandoned, and still runs.
        pid: Number of its handle; None while it does not run.
        restarts: How often its supervisor has started it anew.
        mailbox: Messages that wait; also between two incarnations, where the child spec keeps them.
        children: Those below it, in start order.
    """

    id: str
    path: str
    kind: "Kind"
    state: str
    pid: int | None
    restarts: int
    mailbox: int
    children: "tuple[TreeNode, ...]" = ()

    def walk(self) -> "Iterator[TreeNode]":
        """This node and all below it, depth first, in start order."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo += reversed(node.children)


def describe(root: "Process") -> TreeNode:
    """The tree below a supervisor's process; zombies stand last, under the nearest that is left of theirs."""
    children = _everybody_below(root)
    # By the path of each: the nodes of those below it, the last first.
    below: dict[str, list[TreeNode]] = {path: [] for path in (root.path, *(one.path for one in children))}
    for zombie in sorted(root.system.zombies, key=lambda one: -one.pid.number):
        if zombie is not root:
            below[_nearest(zombie.path, below, root.path)].append(_node_of_zombie(zombie))
    for child in reversed(children):
        below[_path_above(child.path)].append(_node(child, tuple(reversed(below[child.path]))))
    return TreeNode(
        id=root.path,
        path=root.path,
        kind="supervisor",
        state="running" if root.reason is None else "stopped",
        pid=root.pid.number if root.reason is None else None,
        restarts=0,
        mailbox=len(root.mailbox),
        children=tuple(reversed(below[root.path])),
    )


def _everybody_below(root: "Process") -> "list[Child]":
    """Parents before their children, siblings in start order."""
    found: list[Child] = []
    todo = [root]
    for process in todo:  # it grows meanwhile
        for child in children_of(process) or ():
            found.append(child)
            if child.process is not None:
                todo.append(child.process)
    return found


def _path_above(path: str) -> str:
    return path.rpartition("/")[0] or ROOT


def _nearest(path: str, present: "Mapping[str, object]", root: str) -> str:
    while path != ROOT:
        path = _path_above(path)
        if path in present:
            return path
    return root


def _node(child: "Child", below: "tuple[TreeNode, ...]") -> TreeNode:
    return TreeNode(
        id=child.id,
        path=child.path,
        kind=child.spec.kind,
        state=child.state,
        pid=None if child.pid is None else child.pid.number,
        restarts=child.restarts,
        mailbox=child.waiting,
        children=below,
    )


def _node_of_zombie(zombie: "Process") -> TreeNode:
    id_, number = zombie.path.rpartition("/")[2], zombie.pid.number
    return TreeNode(id_, zombie.path, "worker", "zombie", number, restarts=0, mailbox=0)


def render(node: TreeNode) -> str:
    """The tree in text, one actor a line."""
    return "\n".join(_lines(node))


def _lines(root: TreeNode) -> "Iterator[str]":
    todo = [(root, "", "")]
    while todo:
        node, before, below = todo.pop()
        yield f"{before}{node.id}  ({', '.join(_facts(node))})"
        branch, bar = "└── ", "    "
        for child in reversed(node.children):
            todo.append((child, below + branch, below + bar))
            branch, bar = "├── ", "│   "


def _facts(node: TreeNode) -> "Iterator[str]":
    yield node.state
    if node.pid is not None:
        yield f"pid {node.pid}"
    if node.restarts:
        yield f"{node.restarts} restarts"
    if node.mailbox:
        yield f"{node.mailbox} waiting"
