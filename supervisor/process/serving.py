"""The loop in which an actor handles its messages, one at a time."""

import asyncio
from types import CoroutineType
from typing import TYPE_CHECKING, cast

from supervisor.errors import BadReturnError
from supervisor.process.exits import Crashed
from supervisor.process.mailbox import CALL, CAST
from supervisor.process.results import IDLE, NO_REPLY, POSTPONE, Continue, Idle, Info, Reply, Stop
from supervisor.process.system_request import SystemRequest
from supervisor.process.turn import LONG

if TYPE_CHECKING:
    from supervisor.process.caller import Caller, OpenCalls
    from supervisor.process.exits import ExitReason
    from supervisor.process.mailbox import Envelope
    from supervisor.process.process import Process


async def serve(process: "Process", first: object) -> "ExitReason":  # noqa: C901, PLR0912  a call saved is saved often
    """Handle messages until a handler or somebody else says to stop.

    Args:
        process: The actor's, with its mailbox.
        first: What `init` returned: it may ask for a `Continue`, which runs before any message.

    Returns:
        Why it ends; a crash, too, is a reason.
    """
    mailbox, actor = process.mailbox, process.actor
    messages, turn = mailbox.messages, mailbox.turn
    envelope: Envelope | None = None
    message: object = first
    try:
        if isinstance(first, Info):
            first = first.then
        reason = None if first is None else await _follow(process, first, envelope)
        left = turn.begin()
        while reason is None:
            if mailbox.urgent or process.cancelled_for is not None:
                process.in_hand = None
                reason, actor = await _serve_urgent(process), process.actor
                continue
            if not messages:
                # An idle actor holds on to nothing.
                envelope = message = caller = result = process.in_hand = None
                await (mailbox.sleep() if process.idle_after is None else _idle(process))
                left = LONG
                continue
            envelope = messages.popleft()
            kind, message, caller, _ = envelope
            if kind == CAST:
                result = actor.handle_cast(message)
            elif kind == CALL:
                process.calls.in_hand = caller
                result = actor.handle_call(message, cast("Caller", caller))
            else:
                result = actor.handle_info(message)
            if result.__class__ is CoroutineType:
                process.in_hand, process.in_hand_since = message, process.system.loop.time()
                result = await cast("CoroutineType[object, object, object]", result)
            if kind == CALL:
                result = _answer(process.calls, cast("Caller", caller), result)
            if result is not None:
                reason = await _follow(process, result, envelope)
            left -= 1
            if not left:
                process.in_hand = None
                await asyncio.sleep(0)
                left = turn.begin()
    except asyncio.CancelledError as error:
        # If nobody asked for it, something that a handler awaited was cancelled.
        return process.cancelled_for or Crashed(error)
    except BaseException as error:  # noqa: BLE001  a crash is data
        process.in_hand = message  # for whoever reports it
        return process.crashed(error)
    return reason


async def _idle(process: "Process") -> None:
    """Wait for the next message for as long as a handler has said; a request of the system begins it anew."""
    mailbox = process.mailbox
    timer = process.system.loop.call_later(process.idle_after or 0.0, mailbox.put_signal, IDLE)
    try:
        await mailbox.sleep()
    finally:
        timer.cancel()
    if mailbox.messages:
        process.idle_after = None


async def _serve_urgent(process: "Process") -> "ExitReason | None":
    """Serve what passes the queue, and nothing else while suspended.

    Returns:
        The reason of a request to stop; None to go on.
    """
    mailbox = process.mailbox
    while True:
        if process.cancelled_for is not None:  # and a handler has swallowed it
            raise asyncio.CancelledError
        while mailbox.urgent:
            request = mailbox.urgent.pop(0)
            if not isinstance(request, SystemRequest):
                return request
            request.serve(process)
        if not process.is_suspended:
            if mailbox.messages:  # they may have come meanwhile
                process.idle_after = None
            return None
        await mailbox.sleep()


def _answer(calls: "OpenCalls", caller: "Caller", result: object) -> object:
    """Send the reply and return what is to be done next."""
    calls.in_hand = None
    if isinstance(result, Reply):
        caller.reply(result.value)
        return result.then
    if result is NO_REPLY or isinstance(result, Stop | Continue | Idle):
        calls.park(caller)
        return None if result is NO_REPLY else result
    if result is POSTPONE:
        return result
    caller.reply(result)
    return None


async def _follow(process: "Process", result: object, envelope: "Envelope | None") -> "ExitReason | None":
    """Do what a handler's result asks for.

    Raises:
        BadReturnError: It asks for nothing that there is.
    """
    if isinstance(result, Continue):
        result = await _go_on(process, result)
    if isinstance(result, Stop):
        return result.reason
    mailbox = process.mailbox
    if isinstance(result, Idle):
        process.idle_after = None if mailbox.messages else result.seconds
    elif result is POSTPONE and envelope is not None:
        mailbox.postpone(envelope)
    elif result is not None and process.cancelled_for is None:
        raise BadReturnError(process.path, result)
    return None


async def _go_on(process: "Process", result: object) -> object:
    """Run the continues that follow each other; in a long chain, others get their turn as between messages.

    Returns:
        What the last one has asked for.
    """
    turn, loop = process.mailbox.turn, process.system.loop
    left = turn.begin()
    while isinstance(result, Continue) and process.cancelled_for is None:
        process.in_hand, process.in_hand_since = result, loop.time()
        result = await result_of(process.actor.handle_continue(result.argument))
        left -= 1
        if not left:
            await asyncio.sleep(0)
            left = turn.begin()
    return result


async def result_of(value: object) -> object:
    """A handler's result, whether the handler was plain or async."""
    if isinstance(value, CoroutineType):
        return await value
    return value
