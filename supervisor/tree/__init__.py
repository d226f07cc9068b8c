"""Supervision: specs and decisions (pure), the supervisor, and the tree as a whole."""

from supervisor.tree.backoff import Backoff
from supervisor.tree.child_spec import ChildSpec
from supervisor.tree.introspection import TreeNode
from supervisor.tree.requests import delete_child, restart_child, start_child, terminate_child
from supervisor.tree.restart_intensity import RestartIntensity
from supervisor.tree.strategy import RestartType, Strategy
from supervisor.tree.supervisor import Supervisor
from supervisor.tree.tree import Tree, start, start_tree

__all__ = [
    "Backoff",
    "ChildSpec",
    "RestartIntensity",
    "RestartType",
    "Strategy",
    "Supervisor",
    "Tree",
    "TreeNode",
    "delete_child",
    "restart_child",
    "start",
    "start_child",
    "start_tree",
    "terminate_child",
]
