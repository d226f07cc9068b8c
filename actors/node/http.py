"""The actor that serves the application."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import structlog

from actors.node.serving import GuestServer
from supervisor.process import Actor

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from actors.node.listen import ListenAddress
    from supervisor.clock import Seconds
    from supervisor.process import ExitReason

log = structlog.get_logger(__name__)


class HttpServerEndedError(RuntimeError):
    """The server under the actor ended though nobody had asked it to."""


@dataclass(frozen=True, slots=True)
class _Ended:
    why: BaseException | None


class HttpServer(Actor):
    """Serves an ASGI application on this loop; it is up when `init` is done.

    Its port stands in `address.port`. A stop lets answers under way finish; a kill closes listener and
    connections at once, so that the next incarnation finds its port free.

    Args:
        address: Where to listen; shared by all incarnations, so a port of 0 is drawn once.
        app: The application.
        grace_seconds: How long answers under way may take at a stop, >= 0; less than the child's
            shutdown limit.

    Raises:
        ListenError: From `init`; names the setting and what would be right.
    """

    trap_exit: ClassVar[bool] = True

    def __init__(self, address: "ListenAddress", app: "ASGIApp", grace_seconds: "Seconds" = 3.0) -> None:
        self._address = address
        self._server = GuestServer(app, grace_seconds)
        self._is_stopping = False

    async def init(self) -> None:
        """Bind, and wait until requests are accepted."""
        listener = self._address.bind()
        process = asyncio.current_task()
        if process is not None:
            # A killed actor runs no `terminate`; its task's end is the only thing that is sure to come.
            process.add_done_callback(lambda _: self._server.abort())
        serving = await self._server.start(listener)
        serving.add_done_callback(self._ended)
        log.info("HTTP server listens", address=self._address.text, url=self._address.url)

    def handle_info(self, message: object) -> None:
        """End with the server.

        Raises:
            HttpServerEndedError: It has ended; its error, if any, is the cause.
        """
        if isinstance(message, _Ended):
            raise HttpServerEndedError(
                f"HTTP server on {self._address.text!r} ended by itself"
            ) from message.why

    async def terminate(self, reason: "ExitReason") -> None:
        """Stop accepting, let answers under way finish, close."""
        self._is_stopping = True
        log.debug("HTTP server stops", reason=str(reason))
        await self._server.stop()

    def _ended(self, serving: "asyncio.Task[None]") -> None:
        # Reading the exception also keeps the loop from reporting it as never looked at.
        why = None if serving.cancelled() else serving.exception()
        if not self._is_stopping and self.pid.is_alive:
            self.pid.send(_Ended(why))
