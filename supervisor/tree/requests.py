"""What can be asked of a running supervisor, as functions over its reference."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.tree.child_spec import ChildSpec


@dataclass(frozen=True, slots=True)
class StartChild:
    """Start a child and add it at the end."""

    spec: "ChildSpec"


@dataclass(frozen=True, slots=True)
class TerminateChild:
    """Stop a child and keep its spec, unless it is temporary."""

    id: str


@dataclass(frozen=True, slots=True)
class RestartChild:
    """Start a stopped child again."""

    id: str


@dataclass(frozen=True, slots=True)
class DeleteChild:
    """Forget a stopped child."""

    id: str


# Calls to a supervisor have no time limit, as in OTP: a start or a stop takes as long as it takes.


async def start_child(supervisor: "ActorRef", spec: "ChildSpec") -> "Pid | None":
    """Start a child under a running supervisor; it comes last in the order.

    Returns:
        Its handle, or None if its `init` declined.

    Raises:
        ChildStateError: A child of that id exists already.
        StartFailedError: It did not come up; nothing is kept of it.
    """
    return cast("Pid | None", _raised(await supervisor.call(StartChild(spec), timeout=None)))


async def terminate_child(supervisor: "ActorRef", child_id: str) -> None:
    """Stop a child and wait for its end; one that is stopped already is fine.

    Raises:
        ChildNotFoundError: No child of that id.
    """
    _raised(await supervisor.call(TerminateChild(child_id), timeout=None))


async def restart_child(supervisor: "ActorRef", child_id: str) -> "Pid | None":
    """Start a stopped child again, only that one whatever the strategy.

    Raises:
        ChildNotFoundError: No child of that id.
        ChildStateError: It runs, or is about to be restarted.
        StartFailedError: It did not come up.
    """
    return cast("Pid | None", _raised(await supervisor.call(RestartChild(child_id), timeout=None)))


async def delete_child(supervisor: "ActorRef", child_id: str) -> None:
    """Forget a stopped child.

    Raises:
        ChildNotFoundError: No child of that id.
        ChildStateError: It runs, or is about to be restarted.
    """
    _raised(await supervisor.call(DeleteChild(child_id), timeout=None))


def _raised(reply: object) -> object:
    """A refusal travels as a value, so that it does not end the supervisor; here it becomes an error."""
    if isinstance(reply, Exception):
        raise reply
    return reply
