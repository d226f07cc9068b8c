"""Monitors and links of an isolated actor: those to actors of the tree are its stand-in's."""

from typing import TYPE_CHECKING

from supervisor.isolation.far import FarPid, FarRef
from supervisor.isolation.frames import Tie, Untie, Unwatch, Watch
from supervisor.process.ties import Ties

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.isolation.frames import Report
    from supervisor.process.process import Process
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.process.results import Down


class FarTies(Ties):
    """As `Ties`; what concerns the tree goes through the stand-in."""

    __slots__ = ("_process", "_report", "_watched_from_afar")

    def __init__(self, process: "Process", report: "Callable[[Report], None]") -> None:
        super().__init__(process)
        self._process, self._report = process, report
        self._watched_from_afar: set[int] = set()

    def monitor(self, target: "ActorRef | Pid") -> int:
        """See `Actor.monitor`."""
        if not isinstance(target, FarRef | FarPid):
            return super().monitor(target)
        number = self._process.system.next_number()
        self._watched_from_afar.add(number)
        self._report(Watch(target, number))
        return number

    def demonitor(self, number: int) -> None:
        """See `Actor.demonitor`."""
        if number in self._watched_from_afar:
            self._watched_from_afar.discard(number)
            self._report(Unwatch(number))
        super().demonitor(number)

    def link(self, target: "ActorRef | Pid") -> None:
        """See `Actor.link`."""
        if isinstance(target, FarRef | FarPid):
            self._report(Tie(target))
        else:
            super().link(target)

    def unlink(self, target: "ActorRef | Pid") -> None:
        """See `Actor.unlink`."""
        if isinstance(target, FarRef | FarPid):
            self._report(Untie(target))
        else:
            super().unlink(target)

    def went_down(self, down: "Down") -> None:
        """The stand-in was told of the end of somebody whom this actor watches."""
        if down.monitor in self._watched_from_afar:
            self._watched_from_afar.discard(down.monitor)
            self._process.mailbox.put_signal(down)
