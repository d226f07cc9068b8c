"""Supervision: specs and decisions (pure), the supervisor, and the tree as a whole."""

from supervisor.tree.backoff import Backoff
from supervisor.tree.check import check_tree
from supervisor.tree.child_info import ChildCounts, ChildInfo
from supervisor.tree.child_spec import ChildSpec
from supervisor.tree.dynamic_supervisor import DynamicSupervisor
from supervisor.tree.introspection import TreeNode, render
from supervisor.tree.many_tasks import await_many, yield_many
from supervisor.tree.options import SupervisorOptions
from supervisor.tree.outcome import Exited, Ok, Outcome, TaskDone
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
from supervisor.tree.stream_options import StreamOptions
from supervisor.tree.supervisor import Supervisor
from supervisor.tree.task import Task
from supervisor.tree.task_run import callers
from supervisor.tree.task_stream import async_stream
from supervisor.tree.task_supervisor import TaskSupervisor, start_background_task, start_task, task_spec
from supervisor.tree.tree import Tree, start, start_tree

__all__ = [
    "AutoShutdown",
    "Backoff",
    "ChildCounts",
    "ChildInfo",
    "ChildSpec",
    "DynamicSupervisor",
    "Exited",
    "Ok",
    "Outcome",
    "Pace",
    "PartitionSupervisor",
    "Registry",
    "RestartIntensity",
    "RestartType",
    "StopIncident",
    "StopReport",
    "Strategy",
    "StreamOptions",
    "Supervisor",
    "SupervisorOptions",
    "Task",
    "TaskDone",
    "TaskSupervisor",
    "Tree",
    "TreeNode",
    "WhenLimitHit",
    "async_stream",
    "await_many",
    "callers",
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
    "start_background_task",
    "start_child",
    "start_instance",
    "start_task",
    "start_tree",
    "task_spec",
    "terminate_child",
    "update_supervisor",
    "which_child",
    "which_children",
    "yield_many",
]
