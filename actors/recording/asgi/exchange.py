"""One request and its answer, seen from between the server and the application.

It is written for the answer that is one success in one piece. What is kept in an attribute is called by a
local name: CPython 3.11 takes `self._send(message)` for the call of a method first, and finds out slowly, at
each call, that it is none.
"""

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Send

    from actors.recording.asgi.account import Account
    from actors.recording.outcome import Outcome
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds

log = structlog.get_logger(__name__)

_CANCELLED: Final = (asyncio.CancelledError, GeneratorExit)


class Counting(Protocol):
    """Where one prediction is counted, once."""

    @property
    def key(self) -> "SeriesKey":
        """The series, as far as it is known at the start."""
        ...

    def answered(self, status: int, seconds: "Seconds") -> None:
        """Count one whose answer is whole."""

    def account(self) -> "Account":
        """The same, for one of which more is to be told."""
        ...


class Exchange:
    """Times one answer, from the request to the last byte of its body, and counts it once.

    What passes through is passed on unchanged, and whatever is raised is raised on. That the client has left
    is seen in what passes: the server says so to an application that waits for more of the request, or
    refuses what is sent. Nobody else is asked: a question to the server could take a part of the request's
    body away from the application.

    Args:
        receive: The server's.
        send: The server's.
        counting: Where it is counted; what that raises is logged.

    Attributes:
        counting: As given at first; None once it has ended.
    """

    __slots__ = ("_began", "_receive", "_send", "_status", "counting")

    def __init__(self, receive: "Receive", send: "Send", counting: Counting) -> None:
        self._receive = receive
        self._send = send
        self._status = 0
        self.counting: Counting | None = counting
        self._began = perf_counter()

    async def receive(self) -> "Message":
        """Pass on what the server has, and note that the client has left."""
        receive = self._receive
        message = await receive()
        if message["type"] == "http.disconnect":
            self._left()
        return message

    async def send(self, message: "Message") -> None:
        """Pass on a part of the answer, and note how far it has come."""
        send = self._send
        try:
            await send(message)
        except OSError:  # ASGI's word for a client that has left
            self._left()
            raise
        kind = message["type"]
        if kind == "http.response.start":
            self._status = message["status"]
        elif kind == "http.response.body" and not message.get("more_body"):
            counting = self.counting
            if counting is not None:
                self.counting = None
                try:
                    counting.answered(self._status, perf_counter() - self._began)
                except Exception as error:  # noqa: BLE001  the answer must go on
                    _not_counted(error)
        else:
            self._part(kind, message)

    def returned(self) -> None:
        """The application is done; an answer that is not whole then is none."""
        self._over("error")

    def raised(self, error: BaseException) -> None:
        """The application has failed; after the last byte that is no matter of the prediction's."""
        self._over("cancelled" if isinstance(error, _CANCELLED) else "error")

    def _part(self, kind: str, message: "Message") -> None:
        if kind == "http.response.pathsend":  # the whole body at once, as the name of a file
            self._over(None)
        elif kind in {"http.response.body", "http.response.zerocopysend"}:
            if not message.get("more_body"):
                self._over(None)
            elif self.counting is not None and message.get("body", True):
                self.counting = account = self.counting.account()
                if account.first is None:
                    account.first = perf_counter() - self._began

    def _left(self) -> None:
        if self.counting is not None:
            self.counting = account = self.counting.account()
            account.is_gone = True

    def _over(self, outcome: "Outcome | None") -> None:
        """Count it; without an outcome, as its status says."""
        seconds = perf_counter() - self._began
        counting, self.counting = self.counting, None
        if counting is None:
            return
        try:
            if outcome is None:
                counting.answered(self._status, seconds)
            else:
                counting.account().ended(outcome, self._status, seconds)
        except Exception as error:  # noqa: BLE001  the answer must go on
            _not_counted(error)


def _not_counted(error: Exception) -> None:
    log.warning("prediction is not counted", **facts_of_error(error))
