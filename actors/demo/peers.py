"""Which peers the node hears, as it tells on the telemetry bus."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from actors.demo.bell import Bell
from supervisor import telemetry

if TYPE_CHECKING:
    from supervisor.clock import Seconds

EVENT: Final = ("peer", "state")
_HANDLER: Final = "slokeeper-demo-peers"


class PeersNotHeardError(RuntimeError):
    """The node did not hear a peer in time."""

    def __init__(self, names: Iterable[str], within: "Seconds") -> None:
        super().__init__(f"the node did not hear {', '.join(names)} within {within:.0f} s")


class PeerLog:
    """The last state of every peer in this process; written by the node's thread, read by anyone."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self._bell = Bell()

    @contextmanager
    def attached(self) -> Iterator["PeerLog"]:
        """Listen while the block runs."""
        telemetry.attach(_HANDLER, EVENT, self._hear)
        try:
            yield self
        finally:
            telemetry.detach(_HANDLER)

    async def wait_for(self, names: Iterable[str], within: "Seconds") -> None:
        """Wait until all of some peers are up.

        Raises:
            PeersNotHeardError: One was not, `within` so many seconds.
        """
        wanted = tuple(names)

        def missing() -> list[str]:
            return [name for name in wanted if self.states.get(name) != "up"]

        if not await self._bell.wait_for(lambda: not missing(), within):
            raise PeersNotHeardError(missing(), within)

    def _hear(
        self,
        event_name: "telemetry.EventName",
        measurements: Mapping[str, object],
        metadata: Mapping[str, object],
        config: object,
    ) -> None:
        del event_name, measurements, config
        self.states[str(metadata["peer"])] = str(metadata["state"])
        self._bell.ring()
