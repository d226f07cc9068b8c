"""What can be asked of a running supervisor, as functions over its reference."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from supervisor.process.caller import Caller
from supervisor.tree.child_spec import as_child_spec
from supervisor.tree.dynamic_options import checked_key

if TYPE_CHECKING:
    from supervisor.process.actor import Actor
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.tree.child_info import ChildCounts, ChildInfo
    from supervisor.tree.child_spec import ChildSpec, Startable


@dataclass(frozen=True, slots=True)
class StartChild:
    """Start a child and add it at the end; under a dynamic supervisor, with that key."""

    spec: "ChildSpec"
    key: str | None = None


@dataclass(frozen=True, slots=True)
class StartInstance:
    """Start a child from a dynamic supervisor's template, with these arguments after those that it has."""

    args: "tuple[object, ...]" = ()
    key: str | None = None


@dataclass(frozen=True, slots=True)
class TerminateChild:
    """Stop a child and keep its spec, unless it is temporary."""

    id: "str | Pid"


@dataclass(frozen=True, slots=True)
class RestartChild:
    """Start a stopped child again."""

    id: str


@dataclass(frozen=True, slots=True)
class DeleteChild:
    """Forget a stopped child."""

    id: str


@dataclass(frozen=True, slots=True)
class WhichChildren:
    """List the children."""


@dataclass(frozen=True, slots=True)
class WhichChild:
    """Tell how one child stands."""

    id: "str | Pid"


@dataclass(frozen=True, slots=True)
class CountChildren:
    """Count the children."""


@dataclass(frozen=True, slots=True)
class GetChildSpec:
    """Tell how one child is started."""

    id: "str | Pid"


@dataclass(frozen=True, slots=True)
class UpdateSupervisor:
    """Take over the children and the options of another spec."""

    spec: "ChildSpec"


# Calls to a supervisor have no time limit, as in OTP: a start or a stop takes as long as it takes.


async def start_child(
    supervisor: "ActorRef[Actor] | Pid", child: "Startable", *, key: str | None = None
) -> "Pid | None":
    """Start a child under a running supervisor; it comes last in the order.

    Args:
        supervisor: Who is to start it.
        child: A child spec; or an actor's class, or a tuple of that and its arguments.
        key: Under a `DynamicSupervisor`, what it is addressed by over all its restarts, and the last part of
            its path; a non-empty string without "/" that does not begin with "#".

    Returns:
        Its handle, or None if its `init` declined.

    Raises:
        BadChildSpecError: It cannot be a child, or not one of this supervisor's.
        AlreadyStartedError: A child of that id runs, or somebody else has its name.
        AlreadyPresentError: A child of that id does not run, but its place is kept.
        StartFailedError: It did not come up; nothing is kept of it.
        MaxChildrenError: The dynamic supervisor has as many as it may.
        RequestRefusedError: The dynamic supervisor has a template.
        NoProcessError: The supervisor does not run.
    """
    request = StartChild(as_child_spec(child), checked_key(key))
    return cast("Pid | None", raised(await reply_of(supervisor, request)))


async def start_instance(
    supervisor: "ActorRef[Actor] | Pid", *args: object, key: str | None = None
) -> "Pid | None":
    """Start a child from the template of a dynamic supervisor.

    Args:
        supervisor: Who is to start it.
        args: Positional arguments of its start, after those of the template.
        key: As in `start_child`.

    Returns:
        Its handle, or None if its `init` declined.

    Raises:
        AlreadyStartedError: A child of that key runs, or somebody else has its name.
        AlreadyPresentError: A child of that key is about to run.
        StartFailedError: It did not come up; nothing is kept of it.
        MaxChildrenError: The supervisor has as many as it may.
        RequestRefusedError: It has no template.
        NoProcessError: The supervisor does not run.
    """
    request = StartInstance(args, checked_key(key))
    return cast("Pid | None", raised(await reply_of(supervisor, request)))


async def terminate_child(supervisor: "ActorRef[Actor] | Pid", child_id: "str | Pid") -> None:
    """Stop a child and wait for its end; one that is stopped already is fine.

    A restart that it waits for is off, for good; those of its group that wait with it come back without it.

    A `Supervisor` takes the id of the child, a `DynamicSupervisor` its handle, also the last one of a child
    that waits for its restart, or its key.

    Raises:
        ChildNotFoundError: No such child. Under a template, one that has ended already is fine.
        NoProcessError: The supervisor does not run.
    """
    raised(await supervisor.call(TerminateChild(child_id), timeout=None))


async def restart_child(supervisor: "ActorRef[Actor] | Pid", child_id: str) -> "Pid | None":
    """Start a child again that is stopped or has failed, only that one whatever the strategy.

    Returns:
        Its handle, or None if its `init` declined.

    Raises:
        ChildNotFoundError: No child of that id.
        ChildStateError: It runs, or is about to be restarted.
        RequestRefusedError: The supervisor is a dynamic one.
        StartFailedError: It did not come up; it stays stopped.
        NoProcessError: The supervisor does not run.
    """
    return cast("Pid | None", raised(await supervisor.call(RestartChild(child_id), timeout=None)))


async def delete_child(supervisor: "ActorRef[Actor] | Pid", child_id: str) -> None:
    """Forget a child that is stopped or has failed.

    Raises:
        ChildNotFoundError: No child of that id.
        ChildStateError: It runs, or is about to be restarted.
        RequestRefusedError: The supervisor is a dynamic one.
        NoProcessError: The supervisor does not run.
    """
    raised(await supervisor.call(DeleteChild(child_id), timeout=None))


async def which_children(supervisor: "ActorRef[Actor] | Pid") -> "tuple[ChildInfo, ...]":
    """List a supervisor's children, in start order.

    Raises:
        NoProcessError: The supervisor does not run.

    Source:
        OTP's `which_children/1`. Differs: it lists the newest first.
    """
    return cast("tuple[ChildInfo, ...]", await supervisor.call(WhichChildren(), timeout=None))


async def which_child(supervisor: "ActorRef[Actor] | Pid", child_id: "str | Pid") -> "ChildInfo":
    """How one child stands, by its id or its handle.

    Raises:
        ChildNotFoundError: No such child.
        NoProcessError: The supervisor does not run.
    """
    return cast("ChildInfo", raised(await supervisor.call(WhichChild(child_id), timeout=None)))


async def count_children(supervisor: "ActorRef[Actor] | Pid") -> "ChildCounts":
    """Count a supervisor's children.

    Raises:
        NoProcessError: The supervisor does not run.
    """
    return cast("ChildCounts", await supervisor.call(CountChildren(), timeout=None))


async def get_childspec(supervisor: "ActorRef[Actor] | Pid", child_id: "str | Pid") -> "ChildSpec":
    """The spec of one child, by its id or its handle; that of a temporary one has no arguments any more.

    Raises:
        ChildNotFoundError: No such child.
        NoProcessError: The supervisor does not run.
    """
    return cast("ChildSpec", raised(await supervisor.call(GetChildSpec(child_id), timeout=None)))


async def update_supervisor(supervisor: "ActorRef[Actor] | Pid", spec: "ChildSpec") -> None:
    """Give a running supervisor the options and child specs of another, as `Supervisor.spec` makes it.

    Children go on running, and what is new in their specs counts from their next end; those that are not in
    the new spec stay; new ones are added at the end, stopped. Its own supervisor still starts it as before.

    Raises:
        BadChildSpecError: It is not the spec of a supervisor of the same class, or not one that this can
            follow; nothing has changed.
        NoProcessError: The supervisor does not run.

    Source:
        `code_change/3` in OTP's `supervisor.erl`.
    """
    raised(await supervisor.call(UpdateSupervisor(spec), timeout=None))


async def reply_of(supervisor: "ActorRef[Actor] | Pid", request: object) -> object:
    """The reply to a request that a supervisor may deal with there and then, with no turn of the loop.

    Raises:
        NoProcessError: The supervisor does not run.
    """
    process = supervisor._running()  # noqa: SLF001  as a reference does
    if process is not None:
        caller = Caller(supervisor, process.mailbox)
        if process.takes_call(request, caller):
            return await caller.future
    return await supervisor.call(request, timeout=None)


def name_of(request: object) -> str:
    """The function that sends such a request."""
    return type(request).__name__.replace("Child", "_child").lower()


def raised(reply: object) -> object:
    """A refusal travels as a value, so that it does not end the supervisor; here it becomes an error."""
    if isinstance(reply, Exception):
        raise reply
    return reply
