"""The tree as data, and as a picture in text."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from supervisor.tree.children import children_of

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        yield self
        for child in self.children:
            yield from child.walk()


def describe(root: "Process") -> TreeNode:
    """The tree below a supervisor's process; zombies stand last, under the nearest that is left of theirs."""
    whole = TreeNode(
        id=root.path,
        path=root.path,
        kind="supervisor",
        state="running" if root.reason is None else "stopped",
        pid=root.pid.number if root.reason is None else None,
        restarts=0,
        mailbox=len(root.mailbox),
        children=_children(root),
    )
    for zombie in sorted(root.system.zombies, key=lambda one: one.pid.number):
        if zombie is not root:
            whole = _with_zombie(whole, zombie)
    return whole


def _children(process: "Process | None") -> tuple[TreeNode, ...]:
    children = children_of(process)
    return () if children is None else tuple(map(_node, children))


def _node(child: "Child") -> TreeNode:
    return TreeNode(
        id=child.id,
        path=child.path,
        kind=child.spec.kind,
        state=child.state,
        pid=None if child.pid is None else child.pid.number,
        restarts=child.restarts,
        mailbox=child.waiting,
        children=_children(child.process),
    )


def _with_zombie(node: TreeNode, zombie: "Process") -> TreeNode:
    for position, child in enumerate(node.children):
        if child.state != "zombie" and zombie.path.startswith(f"{child.path}/"):
            inside = _with_zombie(child, zombie)
            return replace(node, children=(*node.children[:position], inside, *node.children[position + 1 :]))
    id_, number = zombie.path.rpartition("/")[2], zombie.pid.number
    as_node = TreeNode(id_, zombie.path, "worker", "zombie", number, restarts=0, mailbox=0)
    return replace(node, children=(*node.children, as_node))


def render(node: TreeNode) -> str:
    """The tree in text, one actor a line."""
    return "\n".join(_lines(node, "", ""))


def _lines(node: TreeNode, before: str, below: str) -> "Iterator[str]":
    facts = [node.state] if node.pid is None else [node.state, f"pid {node.pid}"]
    if node.restarts:
        facts.append(f"{node.restarts} restarts")
    if node.mailbox:
        facts.append(f"{node.mailbox} waiting")
    yield f"{before}{node.id}  ({', '.join(facts)})"
    for position, child in enumerate(node.children):
        is_last = position == len(node.children) - 1
        yield from _lines(
            child, below + ("└── " if is_last else "├── "), below + ("    " if is_last else "│   ")
        )
