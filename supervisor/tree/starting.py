"""The two things that a start is made of: one that runs, and the waiting for it."""

import asyncio
from typing import TYPE_CHECKING, Any

from supervisor.errors import (
    AlreadyRegisteredError,
    AlreadyStartedError,
    RegistryKeysError,
    RegistryNotFoundError,
    StartFailedError,
    StartTimeoutError,
)
from supervisor.process.exits import cause_of
from supervisor.tree.stopping import stop_process

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.process.actor import Actor
    from supervisor.process.process import Process
    from supervisor.process.ref import Address
    from supervisor.tree.child_spec import ChildSpec, Shutdown


def spawn_child(
    spec: "ChildSpec", make: "Callable[[], Actor]", address: "Address", path: str, parent: "Process"
) -> "Process":
    """Claim a child's names, and begin one incarnation of it.

    Raises:
        AlreadyStartedError: A name belongs to another.
        StartFailedError: The registry of its name does not run, or has no unique keys.
    """
    try:
        return parent.system.spawn(
            make,
            path=path,
            address=address,
            alias=spec.name,
            parent=parent,
            keeps_mailbox=spec.mailbox == "keep",
            limit=spec.mailbox_limit,
        )
    except AlreadyRegisteredError as error:
        raise AlreadyStartedError(path, error.owner) from error
    except (RegistryNotFoundError, RegistryKeysError) as error:
        raise StartFailedError(path, error) from error


async def wait_until_up(process: "Process", spec: "ChildSpec", parent: "Process") -> None:
    """Wait for the end of `init`; one that takes too long is killed.

    Raises:
        StartFailedError: It was ended before.
    """
    await _wait(process, process.started, "start_timeout", spec, parent)


async def wait_until_ready(process: "Process", spec: "ChildSpec", parent: "Process") -> None:
    """Wait for the report of readiness; one that takes too long is stopped.

    Raises:
        StartFailedError: It has ended before.
    """
    await _wait(process, process.ready, "ready_timeout", spec, parent)


async def _wait(
    process: "Process", for_what: "asyncio.Future[Any]", option: str, spec: "ChildSpec", parent: "Process"
) -> None:
    """Wait for a step of the start; a stop that arrives meanwhile must not wait for one that hangs."""
    timeout: Seconds | None = getattr(spec, option)
    waited_for: set[asyncio.Future[Any]] = {for_what, process.ended, parent.stop_asked}
    await asyncio.wait(waited_for, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    if for_what.done():
        return
    if process.is_alive:
        is_late = parent.stop_reason is None
        limit: Shutdown = "brutal_kill" if is_late and option == "start_timeout" else spec.shutdown
        await stop_process(process, limit)
        if timeout is not None and is_late:
            raise StartTimeoutError(process.path, option, timeout)
    reason = process.reason
    raise StartFailedError(process.path, reason) from cause_of(reason)
