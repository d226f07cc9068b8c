"""What a supervisor says of its children, as data."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from supervisor.errors import MaxRestartsExceededError
    from supervisor.process.actor import Actor
    from supervisor.process.ref import Pid
    from supervisor.tree.child import Child, ChildState
    from supervisor.tree.child_spec import Kind


@dataclass(frozen=True, slots=True)
class ChildInfo:
    """One child as it stands at the moment.

    Attributes:
        id: Its id among its siblings.
        path: Its place in the tree, and the name it is found by.
        pid: Its handle; None while it does not run.
        state: "running", "restarting", "stopped" or "failed"; "starting" and "stopping" only from inside.
        kind: Whether it has children.
        start: What makes it: the actor's class, as a rule.
        restarts: How often its supervisor has started it anew.
        is_ready: Whether its present incarnation has reported ready.
        zombies: Incarnations that would not stop, were abandoned, and still run.
        failure: Why it is "failed": the limit that it hit; None otherwise.
    """

    id: str
    path: str
    pid: "Pid | None"
    state: "ChildState"
    kind: "Kind"
    start: "Callable[..., Actor]"
    restarts: int = 0
    is_ready: bool = False
    zombies: int = 0
    failure: "MaxRestartsExceededError | None" = None


@dataclass(frozen=True, slots=True)
class ChildCounts:
    """How many children a supervisor has.

    Attributes:
        specs: All in its list, running or not.
        active: Those that really run.
        supervisors: Those that have children themselves, running or not.
        workers: The others, running or not.
    """

    specs: int
    active: int
    supervisors: int
    workers: int


def info_of(child: "Child") -> ChildInfo:
    """What is said of one child."""
    process = child.process
    return ChildInfo(
        id=child.id,
        path=child.path,
        pid=child.pid,
        state=child.state,
        kind=child.spec.kind,
        start=child.spec.start,
        restarts=child.restarts,
        is_ready=process is not None and process.is_alive and process.is_ready,
        zombies=child.zombies,
        failure=child.failure,
    )


def counts_of(children: "Iterable[Child]") -> ChildCounts:
    """How many there are of each kind."""
    everybody = tuple(children)
    supervisors = sum(child.spec.kind == "supervisor" for child in everybody)
    return ChildCounts(
        specs=len(everybody),
        active=sum(child.is_running for child in everybody),
        supervisors=supervisors,
        workers=len(everybody) - supervisors,
    )
