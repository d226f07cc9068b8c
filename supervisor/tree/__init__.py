"""Supervision: specs and decisions (pure), the supervisor, and the tree as a whole."""

from supervisor.tree.backoff import Backoff
from supervisor.tree.check import check_tree
from supervisor.tree.child_info import ChildCounts, ChildInfo
from supervisor.tree.child_spec import ChildSpec
from supervisor.tree.dynamic_supervisor import DynamicSupervisor
from supervisor.tree.introspection import TreeNode, render
from supervisor.tree.options import SupervisorOptions
from supervisor.tree.pace import Pace
from supervisor.tree.partition_ref import partition_ref
from supervisor.tree.partition_supervisor import PartitionSupervisor, partitions, resize
from supervisor.tree.registry import Registry
from supervisor.tree.requests import (
    count_children,
    delete_child,
    get_childspec,
    restart_child,
    start_child,
    start_instance,
    terminate_child,
    update_supervisor,
    which_child,
    which_children,
)
from supervisor.tree.restart_intensity import RestartIntensity
from supervisor.tree.stop_report import StopIncident, StopReport
from supervisor.tree.strategy import AutoShutdown, RestartType, Strategy, WhenLimitHit
from supervisor.tree.supervisor import Supervisor
from supervisor.tree.tree import Tree, start, start_tree

__all__ = [
    "AutoShutdown",
    "Backoff",
    "ChildCounts",
    "ChildInfo",
    "ChildSpec",
    "DynamicSupervisor",
    "Pace",
    "PartitionSupervisor",
    "Registry",
    "RestartIntensity",
    "RestartType",
    "StopIncident",
    "StopReport",
    "Strategy",
    "Supervisor",
    "SupervisorOptions",
    "Tree",
    "TreeNode",
    "WhenLimitHit",
    "check_tree",
    "count_children",
    "delete_child",
    "get_childspec",
    "partition_ref",
    "partitions",
    "render",
    "resize",
    "restart_child",
    "start",
    "start_child",
    "start_instance",
    "start_tree",
    "terminate_child",
    "update_supervisor",
    "which_child",
    "which_children",
]
