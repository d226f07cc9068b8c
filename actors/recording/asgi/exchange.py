"""One request and its answer, seen from between the server and the application."""

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Message, Receive, Send

    from actors.recording.outcome import Outcome
    from supervisor.clock import Seconds

    Ended = Callable[[Outcome, Seconds, Seconds | None], None]

log = structlog.get_logger(__name__)

_CANCELLED: Final = (asyncio.CancelledError, GeneratorExit)
_BODY: Final = frozenset({"http.response.body", "http.response.zerocopysend"})


class Exchange:
    """Times one answer, from the request to the last byte of its body, and tells once how it ended.

    What passes through is passed on unchanged, and whatever is raised is raised on. That the client has left
    is seen in what passes: the server says so to an application that waits for more of the request, or
    refuses what is sent. Nobody else is asked: a question to the server could take a part of the request's
    body away from the application.

    Args:
        outcomes: What each HTTP status means; one that is missing is an error.
        receive: The server's.
        send: The server's.
        ended: Told the outcome, the seconds until then, and the seconds to the first part of a streamed
            body; what it raises is logged.
    """

    __slots__ = (
        "_began",
        "_ended",
        "_first",
        "_is_gone",
        "_is_over",
        "_outcomes",
        "_receive",
        "_send",
        "_status",
    )

    def __init__(
        self, outcomes: "Mapping[int, Outcome]", receive: "Receive", send: "Send", ended: "Ended"
    ) -> None:
        self._outcomes, self._receive, self._send, self._ended = outcomes, receive, send, ended
        self._status = 0
        self._first: Seconds | None = None
        self._is_gone = self._is_over = False
        self._began = perf_counter()

    async def receive(self) -> "Message":
        """Pass on what the server has, and note that the client has left."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._is_gone = True
        return message

    async def send(self, message: "Message") -> None:
        """Pass on a part of the answer, and note how far it has come."""
        try:
            await self._send(message)
        except OSError:  # ASGI's word for a client that has left
            self._is_gone = True
            raise
        kind = message["type"]
        if kind == "http.response.start":
            self._status = message["status"]
        elif kind in _BODY:
            if not message.get("more_body", False):
                self._answered()
            elif self._first is None and message.get("body", True):
                self._first = perf_counter() - self._began
        elif kind == "http.response.pathsend":  # the whole body at once, as the name of a file
            self._answered()

    def returned(self) -> None:
        """The application is done; an answer that is not whole then is none."""
        if not self._is_over:
            self._over("error")

    def raised(self, error: BaseException) -> None:
        """The application has failed; after the last byte that is no matter of the prediction's."""
        if not self._is_over:
            self._over("cancelled" if isinstance(error, _CANCELLED) else "error")

    def _answered(self) -> None:
        if not self._is_over:
            self._over(self._outcomes.get(self._status, "error"))

    def _over(self, outcome: "Outcome") -> None:
        seconds = perf_counter() - self._began
        self._is_over = True
        try:
            self._ended("cancelled" if self._is_gone else outcome, seconds, self._first)
        except Exception as error:  # noqa: BLE001  the answer must go on
            log.warning("prediction is not counted", error=str(error))
