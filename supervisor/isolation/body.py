"""What a stand-in stands for: a thread or a process, seen from the tree's loop."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from supervisor.isolation.frames import Order, Report
    from supervisor.process.exits import ExitReason
    from supervisor.process.system import ActorSystem


class Body(Protocol):
    """A thread or a process, seen from the tree's loop.

    Attributes:
        gone: Resolves with the exit reason once it has really ended.
    """

    gone: "asyncio.Future[ExitReason]"

    async def start(
        self, system: "ActorSystem", path: str, number: int, take: "Callable[[Report], None]"
    ) -> None:
        """Start it; `take` is called on the tree's loop with every report of the actor in it."""

    def order(self, order: "Order") -> None:
        """Send an order; does nothing if it has ended.

        Raises:
            CannotCrossError: It is a message that cannot be sent.
        """

    def kill(self) -> None:
        """End it as brutally as can be; may be repeated."""
