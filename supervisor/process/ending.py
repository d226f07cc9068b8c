"""What is done at the end of a process: nothing of it is left, and everybody concerned is told, once."""

from typing import TYPE_CHECKING

from supervisor import telemetry
from supervisor.process.exits import SHUTDOWN, Crashed, ExitReason, clear_dead_frames, is_abnormal
from supervisor.process.mailbox import IS_BOUND, SIGNAL
from supervisor.process.results import IGNORE
from supervisor.process.system_request import SystemRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supervisor.process.mailbox import Envelope
    from supervisor.process.process import Process


def finish(process: "Process", reason: ExitReason) -> None:
    """End a process, whose actor runs no more or was given up; only once.

    Emits:
        ("actor", "crashed") for one that had come up and has crashed.
    """
    process.reason = reason
    process.system.forget(process)
    if process.timers:
        for timer in tuple(process.timers):
            timer.cancel()
    process.fail_calls(reason)
    _release_mailbox(process, reason)
    was_up = process.has_started
    if was_up:
        if isinstance(reason, Crashed):
            _report(process, reason)
    else:
        process.tell_start(IGNORE if process.has_declined else reason)
    if process.has_ties:
        process.ties.end(reason)
    _end_family(process, reason, was_up=was_up)
    if isinstance(reason, Crashed):
        process.system.loop.call_soon(clear_dead_frames, reason.exception)  # nobody need wait for it
    process.in_hand = None
    process.tell_end(reason)


def _release_mailbox(process: "Process", reason: ExitReason) -> None:
    mailbox, process.mailbox = process.mailbox, process.system.no_mailbox
    if mailbox.urgent:
        for request in mailbox.take_urgent():
            if isinstance(request, SystemRequest):
                request.fail(reason)
    address, kept = process.address, False
    if address is not None:
        address.process, kept = None, process.keeps_mailbox
        process.system.keep(address) if kept else address.clear()
    if len(mailbox):
        mailbox.retry_postponed()
        unread = mailbox.take_where(IS_BOUND) if kept else mailbox.close()
        drop_messages(unread, process.pid, reason)


def drop_messages(envelopes: "Sequence[Envelope]", target: object, reason: ExitReason) -> None:
    """Let go of messages that nobody will read: calls fail, what others had sent is counted and reported."""
    if not envelopes:
        return
    for _, _, caller, _ in envelopes:
        if caller is not None:
            caller.fail(reason)
    count = sum(kind != SIGNAL for kind, _, _, _ in envelopes)
    if count:
        telemetry.execute(("actor", "mailbox", "dropped"), {"count": count}, {"target": repr(target)})


def _report(process: "Process", reason: Crashed) -> None:
    if telemetry.has_handlers(("actor", "crashed")):
        telemetry.execute(
            ("actor", "crashed"),
            {"uptime_seconds": process.system.loop.time() - process.spawned_at},
            {
                "path": process.path,
                "pid": process.pid.number,
                "reason": reason,
                "message": None if process.in_hand is None else type(process.in_hand).__name__,
                "state": _shown(process),
            },
        )


def _shown(process: "Process") -> object:
    """What the actor shows of its state; a report must not fail over it."""
    try:
        return process.actor.format_state() if process.has_actor else None
    except BaseException as error:  # noqa: BLE001  it has crashed once already, and others are yet to be told
        process.crashed(error)
        return f"format_state raised {type(error).__name__}"


def _end_family(process: "Process", reason: ExitReason, *, was_up: bool) -> None:
    """Ask the children to go along, and tell the parent, who knows of a failed start by other means."""
    for child in reversed(process.children):
        child.exit(reason if is_abnormal(reason) else SHUTDOWN, from_parent=True)
    if process.parent is not None:
        process.parent.lose_child(process)
        if was_up:
            process.parent.exit(reason, sender=process.pid)
