"""uvicorn as a guest: it serves on this loop and touches neither signals nor the program's logging."""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import structlog
import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator

    from starlette.types import ASGIApp

    from supervisor.clock import Seconds

log = structlog.get_logger(__name__)


class _Config(uvicorn.Config):
    """Settings that leave the program's loggers as they are: it may have a uvicorn of its own."""

    def configure_logging(self) -> None:
        pass


class GuestServer(uvicorn.Server):
    """One uvicorn server that lives and dies with whoever started it.

    Args:
        app: The ASGI application.
        grace_seconds: How long answers that are under way may still take after `stop`, >= 0.
    """

    def __init__(self, app: "ASGIApp", grace_seconds: "Seconds") -> None:
        super().__init__(_Config(app, lifespan="off", ws="none", http="h11", server_header=False))
        self._grace_seconds = grace_seconds
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> "Generator[None, None, None]":
        """Take no signals: they belong to the program."""
        yield

    async def startup(self, sockets: "list[socket.socket] | None" = None) -> None:
        """Start to accept, and say so."""
        await super().startup(sockets)
        self._up.set()

    async def start(self, listener: "socket.socket") -> "asyncio.Task[None]":
        """Serve on a bound socket; returns once it accepts, with the task that serves.

        Raises:
            Exception: Whatever kept it from starting.
        """
        route_uvicorn_logs()
        task = self._task = asyncio.get_running_loop().create_task(self.serve([listener]), name="uvicorn")
        up = asyncio.ensure_future(self._up.wait())
        try:
            await asyncio.wait({task, up}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self.abort()
            _close(listener)
            raise
        finally:
            up.cancel()
        if task.done():
            _close(listener)
            task.result()
        return task

    async def stop(self) -> None:
        """Accept nothing more, let answers under way finish within the grace, then end."""
        self._close_listeners()
        self.should_exit = True
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=self._grace_seconds)
        self.abort()

    def abort(self) -> None:
        """End now, without waiting: no listener, no connection and no task is left."""
        self._close_listeners()
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        for task in tuple(self.server_state.tasks):
            task.cancel()
        if self._task is not None:
            self._task.cancel()

    def _close_listeners(self) -> None:
        for server in getattr(self, "servers", ()):
            server.close()


def _close(listener: "socket.socket") -> None:
    # asyncio may watch it already, on behalf of a server that nobody got to see.
    if listener.fileno() >= 0:
        asyncio.get_running_loop().remove_reader(listener.fileno())
        listener.close()


class _ToStructlog(logging.Handler):
    """Hands uvicorn's log lines on to ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        # An answer cut off at a stop; uvicorn takes its cancellation for an error of the application.
        return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))

    def emit(self, record: logging.LogRecord) -> None:
        log.log(record.levelno, "HTTP server", said=record.getMessage(), exc_info=record.exc_info)


def route_uvicorn_logs() -> None:
    """Send what uvicorn has to complain about to structlog, unless the program has set its loggers up."""
    logger = logging.getLogger("uvicorn")
    if logger.handlers or logging.getLogger("uvicorn.error").handlers:
        return
    logger.addHandler(_ToStructlog(logging.WARNING))
    logger.propagate = False
