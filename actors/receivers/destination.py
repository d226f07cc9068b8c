"""What every destination can do."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import httpx

    from actors.alerting import Notification
    from actors.receivers.outcome import Outcome


class Destination(Protocol):
    """Somewhere notifications can be sent to."""

    async def send(self, notification: "Notification", client: "httpx.AsyncClient") -> "Outcome":
        """Make one attempt.

        Args:
            notification: What to send; the same one always makes the same request.
            client: Sends it, if it goes over HTTP.

        Returns:
            What became of it. Nothing that happens on the network is raised.
        """
        ...
