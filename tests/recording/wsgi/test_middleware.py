"""What a server gets from an application in the middleware, and what is counted of it."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import get_current_span
from structlog.testing import capture_logs

from actors.config import TracingSettings
from actors.recording import Model, Recordings, SeriesKey, Tables
from actors.recording.wsgi import PredictionWSGIMiddleware
from tests.recording.tracing.traced import Traced

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HEADERS = [("Content-Type", "text/plain")]
GET = {"REQUEST_METHOD": "GET"}


class Unfit(Exception):  # noqa: N818  a name for what went wrong in an application
    """The application's own error."""


@dataclass
class Server:
    """A server of one request; `fails_at` makes its so many-th write fail, as one to a closed socket does."""

    fails_at: int | None = None
    status: str = ""
    sent: list[bytes] = field(default_factory=list)
    reasons: list[object] = field(default_factory=list)
    extra: "dict[str, object]" = field(default_factory=dict)

    def answer(self, app: "WSGIApplication") -> "Iterable[bytes]":
        """Call the application, send what it gives, close it."""
        environ: WSGIEnvironment = {"QUERY_STRING": "", **self.extra}
        setup_testing_defaults(environ)
        body = app(environ, self._start_response)
        try:
            for part in body:
                self._write(part)
        finally:
            if hasattr(body, "close"):
                body.close()
        return body

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None:
            self.reasons.append(exc_info[1])
            if self.sent:
                raise exc_info[1]
        self.status = status
        return self._write

    def _write(self, part: bytes) -> None:
        if len(self.sent) == self.fails_at:
            raise BrokenPipeError(32, "Broken pipe")
        self.sent.append(part)


class Watched:
    """A monitor, as the middleware knows it: gives models, and whether it runs."""

    def __init__(self, *, is_running: bool = True) -> None:
        self.models: dict[SeriesKey, Model] = {}
        self.is_running = is_running
        self.first_items = 0

    def model(self, name: str, version: str = "", **labels: str) -> Model:
        key = SeriesKey(name, version, tuple(sorted(labels.items())))
        return self.models.setdefault(key, Model(key))

    def counted(self) -> list[tuple[str, str]]:
        """Route and outcome of each prediction since the last time."""
        found = []
        for key, model in self.models.items():
            taken = model.buffers.take(1_000)
            if taken is None:
                continue
            self.first_items += len(taken.first_item)
            for outcome, times in (
                ("ok", taken.ok),
                ("error", taken.errors),
                ("cancelled", taken.cancelled),
                ("invalid", taken.invalid),
            ):
                assert all(seconds >= 0 for seconds in times)
                found += [(dict(key.labels)["route"], outcome)] * len(times)
        return found

    def outcome(self) -> str:
        """That of the one prediction."""
        ((_, outcome),) = self.counted()
        return outcome


@pytest.fixture
def monitor() -> Watched:
    return Watched()


def answering(status: str, *parts: bytes | Exception) -> "WSGIApplication":
    """An application that answers so, part by part; an exception is raised where it stands."""

    def app(_environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterator[bytes]":
        start_response(status, HEADERS)
        for part in parts:
            if isinstance(part, Exception):
                raise part
            yield part

    return app


def test_response_passes_unchanged_and_is_counted_once(monitor: Watched) -> None:
    server = Server()
    server.answer(PredictionWSGIMiddleware(answering("200 OK", b"4", b"2"), monitor=monitor, model="digits"))
    assert (server.status, server.sent) == ("200 OK", [b"4", b"2"])
    assert monitor.outcome() == "ok"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("302 Found", "ok"), ("422 Unprocessable", "invalid"), ("500 Internal Server Error", "error")],
)
def test_status_decides(monitor: Watched, status: str, outcome: str) -> None:
    Server().answer(PredictionWSGIMiddleware(answering(status, b""), monitor=monitor, model="digits"))
    assert monitor.outcome() == outcome


def test_middleware_and_its_response_keep_the_rules_of_pep_3333(monitor: Watched) -> None:
    """The standard library's own validator stands on both sides of it."""

    def app(_environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", HEADERS)
        return [b"42"]

    server = Server()
    server.answer(validator(PredictionWSGIMiddleware(validator(app), monitor=monitor, model="digits")))
    assert server.sent == [b"42"]
    assert monitor.outcome() == "ok"


def test_error_at_the_call_goes_to_the_server_and_is_counted(monitor: Watched) -> None:
    error = Unfit()

    def app(_environ: "WSGIEnvironment", _start: "StartResponse") -> list[bytes]:
        raise error

    with pytest.raises(Unfit) as caught:
        Server().answer(PredictionWSGIMiddleware(app, monitor=monitor, model="digits"))
    assert caught.value is error
    assert monitor.outcome() == "error"


def test_error_in_the_middle_of_a_stream_goes_to_the_server_and_is_counted(monitor: Watched) -> None:
    server = Server()
    with pytest.raises(Unfit):
        server.answer(
            PredictionWSGIMiddleware(answering("200 OK", b"4", Unfit()), monitor=monitor, model="digits")
        )
    assert server.sent == [b"4"]
    assert monitor.outcome() == "error"


def test_error_in_the_close_goes_to_the_server_and_is_no_matter_of_the_predictions(monitor: Watched) -> None:
    class Parts(list[bytes]):
        def close(self) -> None:
            raise Unfit

    def app(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Parts:
        start_response("200 OK", HEADERS)
        return Parts([b"42"])

    with pytest.raises(Unfit):
        Server().answer(PredictionWSGIMiddleware(app, monitor=monitor, model="digits"))
    assert monitor.outcome() == "ok"


def failing_politely(status: str) -> "WSGIApplication":
    """An application that catches its error and answers it, as frameworks do."""

    def app(_environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        try:
            raise Unfit  # noqa: TRY301
        except Unfit:
            start_response(status, HEADERS, sys.exc_info())
        return [b"sorry"]

    return app


@pytest.mark.parametrize("status", ["500 Internal Server Error", "200 OK"])
def test_error_told_by_exc_info_is_counted(monitor: Watched, status: str) -> None:
    server = Server()
    server.answer(PredictionWSGIMiddleware(failing_politely(status), monitor=monitor, model="digits"))
    assert [type(reason) for reason in server.reasons] == [Unfit]
    assert server.sent == [b"sorry"]
    assert monitor.outcome() == "error"


def test_exc_info_after_the_first_part_comes_back_to_the_application(monitor: Watched) -> None:
    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterator[bytes]":
        start_response("200 OK", HEADERS)
        yield b"4"
        yield from failing_politely("500 Internal Server Error")(environ, start_response)

    with pytest.raises(Unfit):
        Server().answer(PredictionWSGIMiddleware(app, monitor=monitor, model="digits"))
    assert monitor.outcome() == "error"


# --- clients that go away ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fails_at", [0, 1])
def test_stream_that_cannot_be_sent_is_neither_good_nor_bad_and_is_closed(
    monitor: Watched, fails_at: int
) -> None:
    closed = []

    def app(_environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterator[bytes]":
        start_response("200 OK", HEADERS)
        try:
            yield b"4"
            yield b"2"
        finally:
            closed.append(True)

    with pytest.raises(BrokenPipeError):
        Server(fails_at).answer(PredictionWSGIMiddleware(app, monitor=monitor, model="digits"))
    assert closed == [True]
    assert monitor.outcome() == "cancelled"


def writing(_environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    """An application of the old kind."""
    write = start_response("200 OK", HEADERS)
    write(b"4")
    write(b"2")
    return []


def test_what_is_written_is_sent_and_counted(monitor: Watched) -> None:
    server = Server()
    server.answer(PredictionWSGIMiddleware(writing, monitor=monitor, model="digits"))
    assert server.sent == [b"4", b"2"]
    assert monitor.outcome() == "ok"


def test_write_that_fails_is_neither_good_nor_bad(monitor: Watched) -> None:
    with pytest.raises(BrokenPipeError):
        Server(fails_at=1).answer(PredictionWSGIMiddleware(writing, monitor=monitor, model="digits"))
    assert monitor.outcome() == "cancelled"


def test_error_of_the_application_after_a_failed_write_is_the_clients_doing(monitor: Watched) -> None:
    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        try:
            return writing(environ, start_response)
        except OSError as error:
            raise Unfit from error

    with pytest.raises(Unfit):
        Server(fails_at=0).answer(PredictionWSGIMiddleware(app, monitor=monitor, model="digits"))
    assert monitor.outcome() == "cancelled"


def test_response_of_a_server_that_forgets_to_close_is_counted_when_it_is_dropped(monitor: Watched) -> None:
    app = PredictionWSGIMiddleware(answering("200 OK", b"42"), monitor=monitor, model="digits")
    assert list(app(GET, Server()._start_response)) == [b"42"]
    assert monitor.outcome() == "ok"


# --- files ------------------------------------------------------------------------------------------------


def test_file_stays_what_the_server_can_send_by_itself_and_ends_with_its_close(monitor: Watched) -> None:
    file = io.BytesIO(b"42")

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        start_response("200 OK", HEADERS)
        return environ["wsgi.file_wrapper"](file)  # type: ignore[no-any-return]

    body = PredictionWSGIMiddleware(app, monitor=monitor, model="digits")(
        {**GET, "wsgi.file_wrapper": FileWrapper}, Server()._start_response
    )
    assert isinstance(body, FileWrapper)
    assert monitor.counted() == []
    body.close()
    assert file.closed
    assert monitor.outcome() == "ok"


def test_file_that_cannot_be_sent_is_neither_good_nor_bad(monitor: Watched) -> None:
    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        start_response("200 OK", HEADERS)
        return environ["wsgi.file_wrapper"](io.BytesIO(b"42"))  # type: ignore[no-any-return]

    with pytest.raises(BrokenPipeError):
        Server(fails_at=0, extra={"wsgi.file_wrapper": FileWrapper}).answer(
            PredictionWSGIMiddleware(app, monitor=monitor, model="digits")
        )
    assert monitor.outcome() == "cancelled"


def test_number_of_parts_stays_known(monitor: Watched) -> None:
    """A server makes a Content-Length of the only part."""

    def app(_environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("200 OK", HEADERS)
        return [b"42"]

    sized, stream = (
        PredictionWSGIMiddleware(one, monitor=monitor, model="digits")(GET, Server()._start_response)
        for one in (app, answering("200 OK"))
    )
    assert isinstance(sized, Sized)
    assert len(sized) == 1
    assert not isinstance(stream, Sized)


# --- which requests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("routes", [None, ["/predict"]])
def test_request_that_is_no_prediction_is_passed_on_uncounted(
    monitor: Watched, routes: list[str] | None
) -> None:
    app = PredictionWSGIMiddleware(
        answering("200 OK", b"42"),
        monitor=monitor,
        model="digits",
        routes=routes,
        is_prediction=lambda environ: "dry_run" not in environ["QUERY_STRING"],
    )
    server = Server(extra={"PATH_INFO": "/predict", "QUERY_STRING": "dry_run=1"})
    server.answer(app)
    assert server.sent == [b"42"]
    assert monitor.counted() == []
    Server(extra={"PATH_INFO": "/predict"}).answer(app)
    assert monitor.outcome() == "ok"


@pytest.mark.parametrize(
    ("path", "route"),
    [("/v1/digits/predict", "/v1/{name}/predict"), ("/health", None), ("/v1/digits", None)],
)
def test_declared_routes_are_predictions_and_no_others(
    monitor: Watched, path: str, route: str | None
) -> None:
    app = PredictionWSGIMiddleware(
        answering("200 OK", b"42"), monitor=monitor, model="digits", routes=["/v1/{name}/predict"]
    )
    server = Server(extra={"PATH_INFO": path})
    server.answer(app)
    assert server.sent == [b"42"]
    assert monitor.counted() == ([] if route is None else [(route, "ok")])


def test_model_may_be_a_parameter_of_the_route(monitor: Watched) -> None:
    app = PredictionWSGIMiddleware(
        answering("200 OK"), monitor=monitor, model="{name}", routes=["/v1/{name}/predict"]
    )
    Server(extra={"PATH_INFO": "/v1/digits/predict"}).answer(app)
    assert [key.model for key in monitor.models] == ["digits"]


@pytest.mark.parametrize("path", ["/health", "/metrics", "/health/live"])
def test_probes_are_no_predictions(monitor: Watched, path: str) -> None:
    app = PredictionWSGIMiddleware(answering("200 OK"), monitor=monitor, model="digits")
    Server(extra={"PATH_INFO": path}).answer(app)
    assert monitor.counted() == []


def routed(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    """An application with a router that says what it found."""
    environ["router.template"] = "/predict/<model>"
    start_response("200 OK", HEADERS)
    return [b"42"]


@pytest.mark.parametrize(
    "route", ["router.template", lambda environ: environ["router.template"]], ids=["key", "function"]
)
def test_template_is_asked_for_when_the_application_has_answered(
    monitor: Watched, route: "str | Callable[[WSGIEnvironment], str]"
) -> None:
    Server().answer(PredictionWSGIMiddleware(routed, monitor=monitor, model="digits", route=route))
    assert monitor.counted() == [("/predict/<model>", "ok")]


def test_path_that_no_route_took_is_no_label(monitor: Watched) -> None:
    """A client may write whatever it likes into a path."""
    app = PredictionWSGIMiddleware(answering("200 OK"), monitor=monitor, model="digits", route="nowhere")
    Server(extra={"PATH_INFO": "/wp-admin.php"}).answer(app)
    assert monitor.counted() == [("unmatched", "ok")]


@pytest.mark.parametrize("key", ["werkzeug.request", "bottle.route"])
def test_template_of_flask_and_of_bottle_is_found(monitor: Watched, key: str) -> None:
    holder = SimpleNamespace(rule="/predict/<model>", url_rule=SimpleNamespace(rule="/predict/<model>"))

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        environ[key] = holder
        start_response("200 OK", HEADERS)
        return []

    Server().answer(PredictionWSGIMiddleware(app, monitor=monitor, model="digits"))
    assert monitor.counted() == [("/predict/<model>", "ok")]


def test_function_that_fails_costs_the_count_and_not_the_answer(monitor: Watched) -> None:
    def broken(_environ: "WSGIEnvironment") -> bool:
        raise KeyError("broken")

    for app in (
        PredictionWSGIMiddleware(
            answering("200 OK", b"42"), monitor=monitor, model="digits", is_prediction=broken
        ),
        PredictionWSGIMiddleware(answering("200 OK", b"42"), monitor=monitor, model="digits", route=broken),  # type: ignore[arg-type]
    ):
        server = Server()
        with capture_logs() as logged:
            server.answer(app)
        assert server.sent == [b"42"]
        assert len(logged) == 1
    assert monitor.counted() == []


def test_monitor_that_does_not_run_is_told_of_once() -> None:
    monitor = Watched(is_running=False)
    app = PredictionWSGIMiddleware(answering("200 OK"), monitor=monitor, model="digits")
    with capture_logs() as logged:
        Server().answer(app)
        Server().answer(app)
    assert [line["event"] for line in logged] == ["predictions are counted and not judged"]
    assert len(monitor.counted()) == 2


@pytest.mark.parametrize(
    ("app", "items"),
    [
        pytest.param(answering("200 OK", b"", b"4", b"2"), 1, id="stream"),
        pytest.param(answering("200 OK", b"4", Unfit()), 0, id="stream-that-fails"),
        pytest.param(answering("200 OK", b""), 0, id="stream-of-nothing"),
        pytest.param(routed, 0, id="list"),
        pytest.param(writing, 1, id="written"),
    ],
)
def test_first_part_of_a_stream_is_its_first_item(
    monitor: Watched, app: "WSGIApplication", items: int
) -> None:
    with suppress(Unfit):
        Server().answer(PredictionWSGIMiddleware(app, monitor=monitor, model="digits"))
    assert len(monitor.counted()) == 1
    assert monitor.first_items == items


@given(
    status=st.sampled_from(["200 OK", "404 Not Found", "503 Service Unavailable", "rubbish"]),
    parts=st.lists(st.sampled_from([b"", b"4", Unfit()]), max_size=4),
    fails_at=st.none() | st.integers(0, 4),
)
def test_every_request_is_counted_exactly_once_whatever_happens(
    status: str, parts: list[bytes | Exception], fails_at: int | None
) -> None:
    monitor = Watched()
    bare, wrapped = Server(fails_at), Server(fails_at)
    raised = []
    for server, app in (
        (bare, answering(status, *parts)),
        (wrapped, PredictionWSGIMiddleware(answering(status, *parts), monitor=monitor, model="digits")),
    ):
        with suppress(Unfit, BrokenPipeError):
            server.answer(app)
            raised.append(server)
    assert (bare.sent, bare.status, bare in raised) == (wrapped.sent, wrapped.status, wrapped in raised)
    assert len(monitor.counted()) == 1


# --- traces -------------------------------------------------------------------------------------------------


def test_request_is_traced_below_its_caller_and_the_application_runs_within() -> None:
    traced, seen = Traced(TracingSettings(sample_rate=0.0)), []
    parent = "00f067aa0ba902b7"

    def app(_: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        seen.append(get_current_span().get_span_context().span_id)
        start_response("200 OK", HEADERS)
        return [b"x"]

    recordings = Recordings(Tables([]), tracing=traced.tracing)
    monitor = SimpleNamespace(model=recordings.model, is_running=True)
    watched = PredictionWSGIMiddleware(app, monitor=monitor, model="fraud", routes=["/"])
    headers = {"HTTP_TRACEPARENT": f"00-4bf92f3577b34da6a3ce929d0e0e4736-{parent}-01", "CONTENT_LENGTH": "7"}
    for _ in range(2):  # the first tells of which model the requests are
        Server(extra=dict(headers)).answer(watched)
    (span,) = traced.spans()
    assert f"{getattr(span.parent, 'span_id', 0):016x}" == parent
    assert (span.attributes or {})["input.size"] == 7
    assert seen[1] == getattr(span.context, "span_id", None)
    assert not get_current_span().get_span_context().is_valid
