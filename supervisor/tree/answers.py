"""A supervisor's side of `supervisor.tree.requests`."""

from typing import TYPE_CHECKING

from supervisor.errors import BadChildSpecError, ChildNotFoundError, ChildStateError, SupervisorError
from supervisor.process.exits import SHUTDOWN
from supervisor.process.ref import Pid
from supervisor.tree.child_info import counts_of, info_of
from supervisor.tree.options import significance_problems
from supervisor.tree.requests import (
    CountChildren,
    DeleteChild,
    GetChildSpec,
    RestartChild,
    StartChild,
    TerminateChild,
    UpdateSupervisor,
    WhichChild,
    WhichChildren,
)

if TYPE_CHECKING:
    from supervisor.tree.child import Child
    from supervisor.tree.child_spec import ChildSpec
    from supervisor.tree.supervisor import Supervisor


async def answer(supervisor: "Supervisor", request: object) -> object:
    """Do what is asked for.

    Raises:
        SupervisorError: A refusal, for whoever asks.
        NotImplementedError: It is no request to a supervisor.
    """
    children, process = supervisor.children, supervisor._process  # noqa: SLF001  its own actor's
    match request:
        case StartChild(_, str() as key):
            raise BadChildSpecError(f"a key is for children of a DynamicSupervisor, got {key!r}")
        case StartChild(spec):
            for problem in significance_problems(spec, supervisor.options.auto_shutdown):
                raise BadChildSpecError(problem)
            return (await children.add(spec, process)).handle
        case TerminateChild(child_id):
            child = children.named(child_id, process)
            await child.stop()
            children.let_go(child, SHUTDOWN)
        case RestartChild(child_id):
            child = _at_rest(supervisor, child_id, "restart it")
            await children.start_again(child)
            return child.handle
        case DeleteChild(child_id):
            children.forget(_at_rest(supervisor, child_id, "delete it"), SHUTDOWN)
        case UpdateSupervisor(spec):
            _update(supervisor, spec)
        case _:
            return _told(supervisor, request)
    return None


def _told(supervisor: "Supervisor", request: object) -> object:
    match request:
        case WhichChildren():
            return tuple(map(info_of, supervisor.children))
        case WhichChild(child_id):
            return info_of(_found(supervisor, child_id))
        case CountChildren():
            return counts_of(supervisor.children)
        case GetChildSpec(child_id):
            return _found(supervisor, child_id).spec
        case _:
            raise NotImplementedError


def _found(supervisor: "Supervisor", wanted: "str | Pid") -> "Child":
    children, process = supervisor.children, supervisor._process  # noqa: SLF001  its own actor's
    if not isinstance(wanted, Pid):
        return children.named(wanted, process)
    child = children.find(wanted)
    if child is None:
        raise ChildNotFoundError(wanted, process.path, tuple(children.ids))
    return child


def _at_rest(supervisor: "Supervisor", child_id: str, wanted: str) -> "Child":
    child = supervisor.children.named(child_id, supervisor._process)  # noqa: SLF001  its own actor's
    if child.state not in {"stopped", "failed"}:
        raise ChildStateError(child_id, child.state, wanted)
    return child


def _update(supervisor: "Supervisor", spec: "ChildSpec") -> None:
    """Build the other supervisor first: if that fails, nothing has changed."""
    try:
        other = spec.start(*spec.args, **spec.kwargs)
    except SupervisorError:
        raise
    except Exception as error:
        raise BadChildSpecError(f"an update cannot be made from {spec!r}: {error!r}") from error
    if type(other) is not type(supervisor):
        raise BadChildSpecError(f"an update must be the spec of a {type(supervisor).__name__}, got {spec!r}")
    supervisor.become(other)
