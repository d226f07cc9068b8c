"""What did not go well when a tree was stopped."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from supervisor.clock import Seconds
    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process


@dataclass(frozen=True, slots=True)
class StopIncident:
    """One actor that did not stop as it should have.

    Attributes:
        path: Its place in the tree.
        seconds: How long it was waited for; 0 for one that had been abandoned before.
        happened: "overdue", "abandoned" or "failed".
        reason: Its exit reason, where it had ended by then.
    """

    path: str
    seconds: "Seconds"
    happened: str
    reason: "ExitReason | None" = None

    def __str__(self) -> str:
        return f"{self.path} {self.happened} after {self.seconds:.3g} s"


@dataclass(frozen=True, slots=True)
class StopReport:
    """What did not go well when a tree was stopped; false if all did.

    Attributes:
        would_not_stop: Those that were abandoned, and still run.
        overdue: Those that took longer than their limit, in the order of the stop.
        failed: Those whose cleanup raised, or that ended otherwise than they were asked to.
    """

    would_not_stop: tuple[StopIncident, ...] = ()
    overdue: tuple[StopIncident, ...] = ()
    failed: tuple[StopIncident, ...] = ()

    def __iter__(self) -> "Iterator[StopIncident]":
        yield from (*self.would_not_stop, *self.overdue, *self.failed)

    def __bool__(self) -> bool:
        return any(True for _ in self)

    def __str__(self) -> str:
        return "; ".join(map(str, self)) or "all stopped in order"


def report_of(incidents: "Collection[StopIncident]", zombies: "Collection[Process]") -> StopReport:
    """Put together what was noted, and who still runs."""
    waited = {one.path: one for one in incidents if one.happened == "abandoned"}
    paths = sorted(zombie.path for zombie in zombies)
    return StopReport(
        would_not_stop=tuple(waited.get(path) or StopIncident(path, 0.0, "abandoned") for path in paths),
        overdue=tuple(one for one in incidents if one.happened == "overdue"),
        failed=tuple(one for one in incidents if one.happened == "failed"),
    )
