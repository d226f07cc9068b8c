"""The life of a process: its start, its task, and how that comes to an end.

The task's wrapper never raises: however the actor ends, the end becomes an exit reason, and that is made
known from one place, exactly once, also for a task that would not stop and was abandoned.
"""

import asyncio
from contextvars import copy_context
from types import CoroutineType, coroutine
from typing import TYPE_CHECKING

from supervisor.errors import BadReturnError
from supervisor.process.actor import Actor
from supervisor.process.ending import finish
from supervisor.process.exits import KILLED, NORMAL, Crashed, ExitReason, Killed, cause_of
from supervisor.process.results import IGNORE, Continue, Idle, Info, Stop
from supervisor.process.run_as import run_as
from supervisor.process.serving import result_of, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from supervisor.process.process import Process


def begin(process: "Process", factory: "Callable[[], Actor]") -> None:
    """Make the actor and call its `init`; a plain one has finished when this returns.

    So whoever starts an actor with a plain `init` does not wait for the loop to come round.
    """
    process.context = context = copy_context()  # what `init` binds there is the actor's own
    life = _live(process, factory)
    # Not by the loop, whose factory of tasks may begin it at once, before there is an actor.
    process.task = asyncio.Task(life, loop=process.system.loop, name=process.path, context=context)
    process.system.remember(process)
    run_as(process, life.send, None)


async def _live(process: "Process", factory: "Callable[[], Actor]") -> None:
    first = _make(process, factory)
    del factory  # which may hold much
    try:
        await _next_turn()  # so far it is run by `begin`, and from here on by its task
        process.has_begun = True
        if isinstance(first, CoroutineType):
            first = await first
            failed = _come_up(process, first)
        else:
            failed = process.reason
        reason = await serve(process, first) if failed is None else failed
        if failed is None and process.cancelled_for is None and _cleans_up(process.actor):
            await _clean_up(process.actor, reason)
    except asyncio.CancelledError as error:
        reason = process.cancelled_for or (Crashed(error) if process.has_begun else KILLED)
    except BaseException as error:  # noqa: BLE001  every end is data; nothing runs on into the loop
        reason = process.crashed(error)
    # Here, and not once the task is done: that would be a turn of the loop later.
    if process.is_alive:
        # Whatever a killed one says in its `finally` blocks: it was killed.
        finish(process, process.cancelled_for if isinstance(process.cancelled_for, Killed) else reason)
    if isinstance(first, CoroutineType):
        first.close()  # it may not have been begun
    process.is_over = True
    process.system.zombies.discard(process)
    process.drop_actor()


@coroutine
def _next_turn() -> "Generator[None, None, None]":
    yield


def _make(process: "Process", factory: "Callable[[], Actor]") -> object:
    """Make the actor, and take the first step of its `init`.

    Returns:
        What `init` has returned: a coroutine, if it is async.
    """
    # An abandoned parent may still ask for it.
    first, failed = None, None if process.parent is None else process.parent.reason
    try:
        if failed is None:
            process.adopt(factory())
            first = process.actor.init()
            failed = None if isinstance(first, CoroutineType) else _come_up(process, first)
    except BaseException as error:  # noqa: BLE001  every end is data
        failed = process.crashed(error)
    if failed is not None:
        finish(process, failed)
    return first


def _come_up(process: "Process", first: object) -> ExitReason | None:
    """Take the result of `init`; if it is not to run, tell why it ends.

    Raises:
        BadReturnError: It is none that `init` may have.
    """
    if process.cancelled_for is not None:  # and `init` has swallowed it
        return process.cancelled_for
    if first is IGNORE:
        process.has_declined = True
        return NORMAL
    if isinstance(first, Stop):
        return first.reason
    if isinstance(first, Info):
        process.pid.info, first = first.value, first.then
    if first is not None and not isinstance(first, Continue | Idle):
        raise BadReturnError(process.path, first, is_init=True)
    process.tell_start(None)
    process.system.arrivals.look()
    return None


def _cleans_up(actor: Actor) -> bool:
    return type(actor).terminate is not Actor.terminate


async def _clean_up(actor: Actor, reason: ExitReason) -> None:
    try:
        await result_of(actor.terminate(reason))
    except BaseException as error:
        # It replaces the reason, as in OTP; the crash that led to it must not be lost.
        if error is not (crash := cause_of(reason)):
            error.__context__ = error.__context__ or crash
        raise
