"""Who is concerned by the end of a process, beside its parent and its children."""

from typing import TYPE_CHECKING

from supervisor.process.exits import NO_PROCESS, ExitReason
from supervisor.process.mailbox import SIGNAL
from supervisor.process.ref import Pid
from supervisor.process.results import Down, Exit

if TYPE_CHECKING:
    from supervisor.process.process import Process
    from supervisor.process.ref import ActorRef


class Ties:
    """What ties one process to others, beside its parent and its children.

    Attributes:
        links: Those who end with it, and it with them.
        monitors: Those who watch it, by the monitor's number.
        watching: Those whom it watches, by the monitor's number.
    """

    __slots__ = ("_owner", "links", "monitors", "watching")

    def __init__(self, owner: "Process") -> None:
        self._owner = owner
        self.links: dict[Process, None] = {}
        self.monitors: dict[int, Process] = {}
        self.watching: dict[int, Process] = {}

    def monitor(self, target: "ActorRef | Pid") -> int:
        """See `Actor.monitor`."""
        number = self._owner.system.next_number()
        process = target._running()  # noqa: SLF001  a process may look behind an address
        if process is None:
            self._owner.mailbox.put_signal(Down(number, _pid_of(target), NO_PROCESS))
        elif self._owner.is_alive:
            process.ties.monitors[number] = self._owner
            self.watching[number] = process
        return number

    def demonitor(self, number: int) -> None:
        """See `Actor.demonitor`."""
        process = self.watching.pop(number, None)
        if process is not None:
            process.ties.monitors.pop(number, None)
        self._owner.mailbox.take_where(
            lambda envelope: isinstance(envelope[1], Down) and envelope[1].monitor == number
        )

    def link(self, target: "ActorRef | Pid") -> None:
        """See `Actor.link`."""
        owner = self._owner
        process = target._running()  # noqa: SLF001  a process may look behind an address
        if process is None:
            owner.exit(NO_PROCESS, sender=_pid_of(target))
        elif owner.is_alive and owner not in (process, process.parent) and process is not owner.parent:
            self.links[process] = None
            process.ties.links[owner] = None

    def unlink(self, target: "ActorRef | Pid") -> None:
        """See `Actor.unlink`."""
        process = target._running()  # noqa: SLF001  a process may look behind an address
        if process is not None:
            self.links.pop(process, None)
            process.ties.links.pop(self._owner, None)
        # By a name, also of an earlier incarnation: to that one the link was.
        self._owner.mailbox.take_where(
            lambda envelope: (
                envelope[0] == SIGNAL and isinstance(envelope[1], Exit) and target._stood_for(envelope[1].pid)  # noqa: SLF001  as above
            )
        )

    def end(self, reason: ExitReason) -> None:
        """The owner has ended: tell everybody concerned, once."""
        self._end_links(reason)
        self._end_monitors(reason)

    def _end_links(self, reason: ExitReason) -> None:
        for linked in self.links:
            linked.ties.links.pop(self._owner, None)
            linked.exit(reason, sender=self._owner.pid)
        self.links.clear()

    def _end_monitors(self, reason: ExitReason) -> None:
        for number, watched in self.watching.items():
            watched.ties.monitors.pop(number, None)
        for number, watcher in self.monitors.items():
            watcher.ties.watching.pop(number, None)
            watcher.mailbox.put_signal(Down(number, self._owner.pid, reason))
        self.watching.clear()
        self.monitors.clear()


def _pid_of(target: "ActorRef | Pid") -> "Pid | None":
    return target if isinstance(target, Pid) else target.pid
