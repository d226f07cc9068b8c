"""One request and its answer, seen from between the server and the application."""

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Final

import structlog

from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message, Receive, Send

    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from actors.recording.requests.targets import Target
    from supervisor.clock import Seconds

log = structlog.get_logger(__name__)

_CANCELLED: Final = (asyncio.CancelledError, GeneratorExit)
_BODY: Final = frozenset({"http.response.body", "http.response.zerocopysend"})


class Exchange:
    """Times one answer, from the request to the last byte of its body, and counts it once.

    What passes through is passed on unchanged, and whatever is raised is raised on. That the client has left
    is seen in what passes: the server says so to an application that waits for more of the request, or
    refuses what is sent. Nobody else is asked: a question to the server could take a part of the request's
    body away from the application.

    Args:
        outcomes: What each HTTP status means; one that is missing is an error.
        receive: The server's.
        send: The server's.
        target: Where it is counted; what that raises is logged.

    Attributes:
        status: As sent; 0 before.
        is_over: Whether it has ended.
        counted: How, the seconds until then, and with which model; None before, or if that failed.
    """

    # Defaults of the class: most of them are still true at the end of most requests.
    status = 0
    is_over = False
    counted: "tuple[Outcome, Seconds, Model] | None" = None
    _first: "Seconds | None" = None
    _is_gone = False

    def __init__(
        self, outcomes: "Mapping[int, Outcome]", receive: "Receive", send: "Send", target: "Target"
    ) -> None:
        self._outcomes = outcomes
        self._receive = receive
        self._send = send
        self._target = target
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
            self.status = message["status"]
        elif kind in _BODY:
            if not message.get("more_body", False):
                self._over(self._outcomes.get(self.status, "error"))
            elif self._first is None and message.get("body", True):
                self._first = perf_counter() - self._began
        elif kind == "http.response.pathsend":  # the whole body at once, as the name of a file
            self._over(self._outcomes.get(self.status, "error"))

    def returned(self) -> None:
        """The application is done; an answer that is not whole then is none."""
        self._over("error")

    def raised(self, error: BaseException) -> None:
        """The application has failed; after the last byte that is no matter of the prediction's."""
        self._over("cancelled" if isinstance(error, _CANCELLED) else "error")

    def _over(self, outcome: "Outcome") -> None:
        if self.is_over:
            return
        seconds = perf_counter() - self._began
        self.is_over = True
        if self._is_gone:
            outcome = "cancelled"
        try:
            self.counted = outcome, seconds, self._target.ended(outcome, seconds, self._first)
        except Exception as error:  # noqa: BLE001  the answer must go on
            log.warning("prediction is not counted", **facts_of_error(error))
