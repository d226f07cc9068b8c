"""One request and its answer, seen from between the server and the application."""

import sys
from contextlib import ExitStack
from time import perf_counter
from typing import TYPE_CHECKING

import structlog

from actors.recording.requests.trace import belonging
from actors.recording.requests.watch import Watch
from actors.recording.wsgi.body import Body, SizedBody, tells_its_close
from actors.recording.wsgi.ending import Seen, outcome_of, status_number
from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    from _typeshed import OptExcInfo

    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from actors.recording.predict.trace import SeriesTracing
    from actors.recording.requests.targets import Target
    from supervisor.clock import Seconds

log = structlog.get_logger(__name__)


class Answer:
    """Times one answer, from the request to the close of its response, and counts it once.

    What passes through is passed on unchanged, and whatever is raised is raised on.

    Args:
        outcomes: What each HTTP status means; one that is missing is an error.
        target: Where it is counted; what that raises is logged.

    Attributes:
        seen: What has been seen of the response.
        counted: How it was counted, the seconds until then, and with which model; None before, or if that
            failed.
    """

    __slots__ = ("_began", "_first", "_is_over", "_outcomes", "_target", "_watch", "counted", "seen")

    def __init__(self, outcomes: "Mapping[int, Outcome]", target: "Target") -> None:
        self._outcomes, self._target = outcomes, target
        self.seen = Seen()
        self.counted: tuple[Outcome, Seconds, Model] | None = None
        self._watch: ExitStack | None = None
        self._first: Seconds | None = None
        self._is_over = False
        self._began = perf_counter()

    @property
    def status(self) -> int:
        """As sent; 0 before."""
        return self.seen.status or 0

    def watch(self, environ: "WSGIEnvironment", tracing: "SeriesTracing | None") -> None:
        """Have handlers and a trace hear of it, from here to its end."""
        self._watch = ExitStack()
        self._watch.enter_context(belonging(tracing, _headers(environ)))
        watch = Watch(self._target.key, tracing, _content_length(environ))
        self._watch.callback(lambda: watch.ended(self, self.seen.raised))

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
        if not self._is_over:
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
            outcome = outcome_of(self.seen, self._outcomes)
            self.counted = outcome, seconds, self._target.ended(outcome, seconds, self._first)
        except Exception as error:  # noqa: BLE001  the answer must go on
            log.warning("prediction is not counted", **facts_of_error(error))
        if self._watch is not None:
            self._watch.close()


def _headers(environ: "WSGIEnvironment") -> "Iterator[tuple[str, str]]":
    prefix = "HTTP_"
    return (
        (name.removeprefix(prefix).replace("_", "-").lower(), str(value))
        for name, value in environ.items()
        if name.startswith(prefix)
    )


def _content_length(environ: "WSGIEnvironment") -> int | None:
    length = str(environ.get("CONTENT_LENGTH", ""))
    return int(length) if length.isascii() and length.isdigit() else None
