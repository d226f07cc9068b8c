"""Where pushes go."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from actors.config import Secret
from actors.posting import Answer, NoAnswer, post
from actors.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from supervisor.clock import Seconds

_HEADERS: Final = {
    "Content-Type": "application/x-protobuf",
    "User-Agent": f"slokeeper/{__version__}",
}


@dataclass(frozen=True, slots=True)
class Destination:
    """One address that takes OTLP over HTTP.

    Attributes:
        url: The whole of it.
        timeout: For one request, seconds, > 0.
        client: Sends the requests; the application's, so that a kill leaves none open.
        is_packed: Whether requests are compressed with gzip.
        headers: Further ones; none of their values is logged.
    """

    url: str
    timeout: "Seconds"
    client: "httpx.AsyncClient"
    is_packed: bool = True
    headers: "Mapping[str, str]" = field(default_factory=dict, repr=False)

    async def send(self, body: bytes) -> Answer | NoAnswer:
        """Post one request, compressed as `is_packed` says."""
        encoding = {"Content-Encoding": "gzip"} if self.is_packed else {}
        return await post(
            self.client,
            Secret(self.url),
            body,
            timeout=self.timeout,
            headers={**self.headers, **_HEADERS, **encoding},
            keys=tuple(Secret(value) for value in self.headers.values()),
        )
