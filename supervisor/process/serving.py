"""The loop in which an actor handles its messages, one at a time."""

import asyncio
from types import CoroutineType
from typing import TYPE_CHECKING, Final, cast

from supervisor.process.actor import NO_REPLY, Actor, Continue, Reply, Stop
from supervisor.process.mailbox import CALL, CAST

if TYPE_CHECKING:
    from supervisor.process.caller import Caller, OpenCalls
    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process

BATCH: Final = 256
"""Messages handled before the loop is let breathe."""


async def serve(process: "Process", actor: Actor, first: object) -> "ExitReason":
    """Handle messages until a handler or the parent says to stop.

    Args:
        process: The actor's, with its mailbox.
        actor: Whose handlers are called.
        first: What `init` returned: it may ask for a `Continue`, which runs before any message.

    Raises:
        CancelledError: It was cancelled; also when a handler has swallowed that.
        Exception: Whatever a handler raised.
    """
    mailbox, calls = process.mailbox, process.calls
    messages, urgent = mailbox.messages, mailbox.urgent
    reason = await _follow(process, actor, first)
    handled = 0
    while reason is None:
        if urgent or process.cancelled_for is not None:
            return _told_to_stop(process)
        if not messages:
            message = caller = result = None  # an idle actor holds on to nothing
            await mailbox.wait()
            continue
        kind, message, caller, _ = messages.popleft()
        if kind == CAST:
            result = actor.handle_cast(message)
        elif kind == CALL:
            calls.in_hand = caller
            result = actor.handle_call(message, cast("Caller", caller))
        else:
            result = actor.handle_info(message)
        if result.__class__ is CoroutineType:
            result = await cast("CoroutineType[object, object, object]", result)
        if kind == CALL:
            result = _answer(calls, cast("Caller", caller), result)
        if result is not None:
            reason = await _follow(process, actor, result)
        handled += 1
        if handled % BATCH == 0:
            await asyncio.sleep(0)
    return reason


def _told_to_stop(process: "Process") -> "ExitReason":
    if process.cancelled_for is not None:  # and a handler has swallowed it
        raise asyncio.CancelledError
    return process.mailbox.urgent.popleft()


def _answer(calls: "OpenCalls", caller: "Caller", result: object) -> object:
    """Send the reply and return what is to be done next."""
    calls.in_hand = None
    if isinstance(result, Reply):
        caller.reply(result.value)
        return result.then
    if result is NO_REPLY or isinstance(result, Stop | Continue):
        calls.park(caller)
        return None if result is NO_REPLY else result
    caller.reply(result)
    return None


async def _follow(process: "Process", actor: Actor, result: object) -> "ExitReason | None":
    """Do what a handler's result asks for; anything else is nobody's business."""
    while isinstance(result, Continue) and process.cancelled_for is None:
        result = await result_of(actor.handle_continue(result.argument))
    return result.reason if isinstance(result, Stop) else None


async def result_of(value: object) -> object:
    """A handler's result, whether the handler was plain or async."""
    if isinstance(value, CoroutineType):
        return await value
    return value
