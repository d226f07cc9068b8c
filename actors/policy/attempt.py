"""One attempt to run an action: a request, or a call in a thread; however it ends, the end is a value."""

import asyncio
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from actors.policy.ledger import iso
from actors.posting import Answer, post
from actors.receivers.outcome import Delivered, GivenUp
from actors.receivers.retry import describe, judge
from actors.receivers.wording import clean, cleaned
from supervisor.clock import unix_now
from supervisor.isolation import run_blocking

if TYPE_CHECKING:
    import httpx

    from actors.policy.action import Action, Hook
    from actors.policy.decision import Run
    from actors.policy.event import BudgetEvent
    from actors.receivers.outcome import Outcome


async def attempt(action: "Action", run: "Run", client: "httpx.AsyncClient") -> "tuple[Outcome, str]":
    """Make one attempt.

    Returns:
        What became of it, and what was answered, for people.
    """
    try:
        return await (called(action, run) if action.url is None else posted(action, run, client))
    except Exception as error:  # noqa: BLE001  a bug of ours would come back with every restart
        return GivenUp(why := _where(error)), why


async def posted(action: "Action", run: "Run", client: "httpx.AsyncClient") -> "tuple[Outcome, str]":
    """Post to an action's address; any 2xx means that it was taken."""
    assert action.url is not None
    body = msgspec.json.encode(payload(action, run))
    headers = {"Idempotency-Key": run.event.id}
    reply = await post(client, action.url, body, timeout=action.timeout, headers=headers)
    outcome = judge(reply, unix_now())
    if isinstance(outcome, Delivered):
        assert isinstance(reply, Answer)
        return outcome, describe(reply)
    return outcome, outcome.why


def payload(action: "Action", run: "Run") -> dict[str, object]:
    """What a webhook is sent; `text` is there for chats that show nothing else."""
    event = run.event
    return {
        "version": "1",
        "id": event.id,
        "action": run.action,
        "on": action.on,
        "slo": event.slo,
        "labels": cleaned(event.labels),
        "budget_left": event.budget_left,
        "burn_rates": dict(event.burn_rates),
        "at": iso(event.at),
        "text": clean(event.why),
    }


async def called(action: "Action", run: "Run") -> "tuple[Outcome, str]":
    """Call an action's function in a thread, and wait for as long as it has time.

    A thread cannot be killed: one that takes longer is left alone, and as long as it goes on the same
    function is not called again.
    """
    assert action.function is not None
    try:
        async with asyncio.timeout(action.timeout):
            why = await run_blocking(_call, action.function, run.event, limit=action.alone)
    except TimeoutError:
        why = f"it took longer than {action.timeout:g} s, and its thread was left alone"
    return (GivenUp(why), why) if why else (Delivered(), "returned")


def _call(function: "Hook", event: "BudgetEvent") -> str:
    """How a call failed; "" if it did not. Whatever it raises ends here, an exit of the program too."""
    try:
        function(event)
    except BaseException as error:  # noqa: BLE001  see above: it is somebody else's code in a thread of ours
        return _where(error)
    return ""


def _where(error: BaseException) -> str:
    """An error by its type and place; its text may hold a key."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"
