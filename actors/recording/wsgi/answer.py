"""One request and its answer, seen from between the server and the application."""

import sys
from time import perf_counter
from typing import TYPE_CHECKING

import structlog

from actors.recording.wsgi.body import Body, SizedBody, tells_its_close
from actors.recording.wsgi.ending import Seen, outcome_of, status_number
from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    from _typeshed import OptExcInfo

    from actors.recording.outcome import Outcome
    from supervisor.clock import Seconds

    Ended = Callable[[Outcome, Seconds, Seconds | None], None]

log = structlog.get_logger(__name__)


class Answer:
    """Times one answer, from the request to the close of its response, and tells once how it ended.

    What passes through is passed on unchanged, and whatever is raised is raised on.

    Args:
        outcomes: What each HTTP status means; one that is missing is an error.
        ended: Told the outcome, the seconds until then, and the seconds to the first part of a streamed
            response; what it raises is logged.
    """

    __slots__ = ("_began", "_ended", "_first", "_is_over", "_outcomes", "seen")

    def __init__(self, outcomes: "Mapping[int, Outcome]", ended: "Ended") -> None:
        self._outcomes, self._ended = outcomes, ended
        self.seen = Seen()
        self._first: Seconds | None = None
        self._is_over = False
        self._began = perf_counter()

    # --- what the application is handed, and what it gives ----------------------------------------------

    def starts(self, start_response: "StartResponse") -> "StartResponse":
        """The server's `start_response`, listened to."""

        def started(
            status: str, headers: list[tuple[str, str]], exc_info: "OptExcInfo | None" = None, /
        ) -> "Callable[[bytes], object]":
            self.seen.status = status_number(status)
            if exc_info is None:
                return self._writes(start_response(status, headers))
            self.seen.has_answered_error = True
            return self._writes(start_response(status, headers, exc_info))

        return started

    def body(self, parts: "Iterable[bytes]", environ: "WSGIEnvironment") -> "Iterable[bytes]":
        """The application's response, listened to.

        A file that the server can send by itself, `wsgi.file_wrapper`, must stay what it is; of that only the
        close is heard.
        """
        wrapper = environ.get("wsgi.file_wrapper")
        if isinstance(wrapper, type) and isinstance(parts, wrapper) and tells_its_close(parts, self):
            return parts
        return SizedBody(parts, self) if hasattr(parts, "__len__") else Body(parts, self)

    def _writes(self, write: "Callable[[bytes], object]") -> "Callable[[bytes], object]":
        def written(part: bytes, /) -> object:
            self.streams(part)
            try:
                return write(part)
            except OSError:
                self.seen.is_client_gone = True
                raise

        return written

    # --- what happens -----------------------------------------------------------------------------------

    def streams(self, part: bytes) -> None:
        """A part of a response of unknown length is on its way; the first that is not empty counts."""
        if self._first is None and part:
            self._first = perf_counter() - self._began

    def raised(self, error: BaseException) -> None:
        """The application has failed before its response was whole."""
        self.seen.raised = error
        self.over()

    def closes(self) -> None:
        """The server is about to close the response; it may be on its way out of a write that failed."""
        if isinstance(sys.exc_info()[1], OSError):
            self.seen.is_client_gone = True

    def over(self) -> None:
        """Tell how it ended, unless that has been told."""
        if self._is_over:
            return
        seconds = perf_counter() - self._began
        self._is_over = True
        try:
            self._ended(outcome_of(self.seen, self._outcomes), seconds, self._first)
        except Exception as error:  # noqa: BLE001  the answer must go on
            log.warning("prediction is not counted", **facts_of_error(error))
