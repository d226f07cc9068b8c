"""Who was restarted and when, heard on the telemetry bus."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from actors.demo.bell import Bell
from supervisor import telemetry
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from supervisor.clock import Seconds

EVENT: Final = ("supervisor", "child", "restarted")
_HANDLER: Final = "slokeeper-demo-restarts"


@dataclass(frozen=True, slots=True)
class Restart:
    """One actor that was started anew.

    Attributes:
        path: Its place in the tree.
        at: Monotonic time at which it ran again, seconds.
    """

    path: str
    at: "Seconds"


class RestartLog:
    """Every restart in this process; written by the trees' threads, read by anyone."""

    def __init__(self) -> None:
        self.restarts: list[Restart] = []
        self._bell = Bell()

    @contextmanager
    def attached(self) -> Iterator["RestartLog"]:
        """Listen while the block runs."""
        telemetry.attach(_HANDLER, EVENT, self._hear)
        try:
            yield self
        finally:
            telemetry.detach(_HANDLER)

    async def wait_for(self, path: str, since: "Seconds", within: "Seconds") -> "Seconds | None":
        """How long after `since` an actor ran again, seconds; None if it did not `within` so many."""
        await self._bell.wait_for(lambda: self.first(path, since) is not None, within)
        found = self.first(path, since)
        return None if found is None else found.at - since

    def first(self, path: str, since: "Seconds") -> Restart | None:
        """The first restart of an actor at or after an instant."""
        return next((one for one in self.restarts if one.path == path and one.at >= since), None)

    def _hear(
        self,
        event_name: "telemetry.EventName",
        measurements: Mapping[str, object],
        metadata: Mapping[str, object],
        config: object,
    ) -> None:
        del event_name, measurements, config
        self.restarts.append(Restart(str(metadata["path"]), monotonic()))
        self._bell.ring()
