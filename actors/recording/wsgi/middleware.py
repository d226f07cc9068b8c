"""The predictions of a WSGI application, counted between its server and itself."""

from functools import partial
from typing import TYPE_CHECKING

import structlog

from actors.recording.asgi.handles import Handles, check_parameters
from actors.recording.asgi.middleware import MAX_SERIES
from actors.recording.asgi.paths import NOT_PREDICTIONS, Exclusions, Routes
from actors.recording.asgi.targets import Declared
from actors.recording.predict.events import HEARD
from actors.recording.statuses import outcome_of_status
from actors.recording.wsgi.answer import Answer
from actors.recording.wsgi.targets import Routed
from actors.recording.wsgi.templates import template_of
from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from actors.recording.asgi.middleware import Watching
    from actors.recording.asgi.targets import Target
    from actors.recording.outcome import Outcome

log = structlog.get_logger(__name__)


class PredictionWSGIMiddleware:
    """Counts every request that is a prediction, from its start to the close of its response.

    Pure PEP 3333, for Flask, Django, Bottle and whatever else speaks it; responses pass through as they are,
    and a file of the server's own `wsgi.file_wrapper` stays one. A prediction is labelled with the template
    of its route.

    | it ended so | outcome |
    |---|---|
    | the whole response was taken, by the status | `ok` below 400, `invalid` 4xx, `error` 5xx |
    | the application raised, gave an error to `start_response`, or did not answer | `error` |
    | the response was closed early, or the server failed to send it; also status 499 | `cancelled` |

    The first part of a response whose length is not known is its first item.

    Args:
        app: The application.
        monitor: Whose models these are; it has to run for what is counted to be judged.
        model: The model's name; or a parameter of the route, `"{model}"`.
        version: Likewise.
        routes: The paths that are predictions, `"/predict/{model}"`. None takes every path but those of
            `exclude`, under the template that `route` tells.
        exclude: Paths that are no predictions, with all below them; probes, metrics and the documentation by
            default. For `routes=None` only.
        is_prediction: Tells it from the environ, of what is left of the above; what it raises is logged, and
            the request is not counted. `OPTIONS` is never a prediction.
        route: Tells the template when the application has answered: a key of the environ that it is put into,
            or a function of the environ. By default what Flask and Bottle leave there.
        statuses: The outcome of HTTP statuses that mean something else here than above: `{429: "error"}`.
        max_series: How many (model, version, route) are told apart, > 0; what comes beyond is counted under
            the label `"__overflow__"`.

    Raises:
        ValueError: A route is none, or lacks the parameter that the model is taken from.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        monitor: "Watching",
        model: str,
        version: str = "",
        routes: "Iterable[str] | None" = None,
        exclude: "Iterable[str]" = NOT_PREDICTIONS,
        is_prediction: "Callable[[WSGIEnvironment], bool] | None" = None,
        route: "str | Callable[[WSGIEnvironment], str | None]" = template_of,
        statuses: "Mapping[int, Outcome] | None" = None,
        max_series: int = MAX_SERIES,
    ) -> None:
        self.app = app
        self._monitor = monitor
        self._routes = None if routes is None else Routes(routes)
        check_parameters((model, version), () if self._routes is None else self._routes.templates)
        self._handles = Handles(monitor, model, version, max_series=max_series)
        self._exclude = Exclusions(exclude)
        self._is_prediction = is_prediction
        self._route = partial(_at, route) if isinstance(route, str) else route
        self._outcomes = {status: outcome_of_status(status) for status in range(100, 600)} | dict(
            statuses or {}
        )
        self._is_checked = False

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        """Pass a request on, and count it if it is a prediction."""
        target = self._target(environ)
        if target is None:
            return self.app(environ, start_response)
        answer = Answer(self._outcomes, target)
        if HEARD.is_on or self._handles.tracing is not None:
            answer.watch(environ, self._handles.tracing)
        try:
            return answer.body(self.app(environ, answer.starts(start_response)), environ)
        except BaseException as error:
            answer.raised(error)
            raise

    def _target(self, environ: "WSGIEnvironment") -> "Target | None":
        """Where a request is counted; None if it is no prediction."""
        path = environ.get("PATH_INFO", "") or "/"
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return None
        if self._routes is None:
            is_any = path not in self._exclude and self._is_meant(environ)
            return Routed(self._handles, environ, self._route) if is_any else None
        found = self._routes.match(path)
        if found is None or not self._is_meant(environ):
            return None
        return Declared(self._handles, self._handles.labels(*found))

    def _is_meant(self, environ: "WSGIEnvironment") -> bool:
        if not self._is_checked:
            self._check()
        if self._is_prediction is None:
            return True
        try:
            return self._is_prediction(environ)
        except Exception as error:  # noqa: BLE001  the request must go on
            log.warning("is_prediction failed, request is not counted", **facts_of_error(error))
            return False

    def _check(self) -> None:
        # WSGI has no start at which to refuse: the first prediction is the earliest that can be looked at.
        self._is_checked = True
        if not self._monitor.is_running:
            log.error(
                "predictions are counted and not judged",
                why="the monitor does not run in this process: start it here, or take process_monitor()",
            )


def _at(key: str, environ: "WSGIEnvironment") -> str | None:
    template = environ.get(key)
    return template if isinstance(template, str) else None
