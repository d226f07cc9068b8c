"""The predictions of a WSGI application, counted between its server and itself."""

from functools import partial
from typing import TYPE_CHECKING, Final

from actors.recording.predict.events import HEARD
from actors.recording.requests.paths import NOT_PREDICTIONS
from actors.recording.requests.rules import MAX_SERIES, Rules, Watching
from actors.recording.requests.targets import Declared
from actors.recording.wsgi.answer import Answer
from actors.recording.wsgi.targets import Routed
from actors.recording.wsgi.templates import template_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from actors.recording.outcome import Outcome
    from actors.recording.requests.targets import Target

_ADVICE: Final = "the monitor does not run in this process: start it here, or take process_monitor()"


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
        monitor: Watching,
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
        self._rules: Rules[WSGIEnvironment] = Rules(
            monitor,
            model,
            version,
            routes=routes,
            exclude=exclude,
            is_prediction=is_prediction,
            statuses=statuses,
            max_series=max_series,
            advice=_ADVICE,
        )
        self._handles = self._rules.handles
        self._route = partial(_at, route) if isinstance(route, str) else route

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        """Pass a request on, and count it if it is a prediction."""
        target = self._target(environ)
        if target is None:
            return self.app(environ, start_response)
        answer = Answer(self._rules.outcomes, target)
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
        if self._rules.is_any:
            is_one = self._rules.takes(path, environ)
            return Routed(self._handles, environ, self._route) if is_one else None
        labels = self._rules.labels(path, environ)
        return None if labels is None else Declared(self._handles, labels)


def _at(key: str, environ: "WSGIEnvironment") -> str | None:
    template = environ.get(key)
    return template if isinstance(template, str) else None
