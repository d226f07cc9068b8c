"""The predictions of a web application, counted between its server and itself."""

from typing import TYPE_CHECKING, Final, Protocol

import structlog

from actors.recording.asgi.exchange import Exchange
from actors.recording.asgi.handles import Handles, Models, check_parameters
from actors.recording.asgi.paths import NOT_PREDICTIONS, Exclusions, Routes, path_in_app
from actors.recording.asgi.startup import MonitorNotRunningError, start_watched
from actors.recording.asgi.targets import Declared, Known, Routed
from actors.recording.asgi.templates import Templates
from actors.recording.asgi.watch import Watch, content_length
from actors.recording.predict.events import HEARD
from actors.recording.request_trace import belonging
from actors.recording.statuses import outcome_of_status
from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from actors.recording.asgi.targets import Target
    from actors.recording.outcome import Outcome

log = structlog.get_logger(__name__)

MAX_SERIES: Final = 200
MAX_KNOWN: Final = 1000
"""So many paths are recognised without being matched."""


class Watching(Models, Protocol):
    """What the middleware needs of a monitor."""

    @property
    def is_running(self) -> bool:
        """Whether what is counted is judged."""
        ...


class PredictionMiddleware:
    """Counts every request that is a prediction, from its start to the last byte of the answer's body.

    Pure ASGI, for Starlette, FastAPI and whatever else speaks it; bodies pass through as they are, and
    websockets are not looked at. A prediction is labelled with the template of its route.

    | it ended so | outcome |
    |---|---|
    | the last byte was sent, by the status | `ok` below 400, `invalid` 4xx, `error` 5xx |
    | the application raised, or returned without a whole answer | `error` |
    | the client left before the last byte, or the task was cancelled; also status 499 | `cancelled` |

    What happens after the last byte, in a background task for instance, is no part of the prediction. While a
    body is streamed, its first part is the first item.

    Args:
        app: The application.
        monitor: Whose models these are. Unless it runs when the application has started, the start fails.
        model: The model's name; or a parameter of the route, `"{model}"`.
        version: Likewise.
        routes: The paths that are predictions, as they are declared to the framework, `"/predict/{model}"`.
            None takes every path but those of `exclude`, under the template that the framework found.
        exclude: Paths that are no predictions, with all below them; probes, metrics and the documentation by
            default. For `routes=None` only.
        is_prediction: Tells it from the scope, of what the above leave; what it raises is logged, and the
            request is not counted. `OPTIONS` is never a prediction.
        statuses: The outcome of HTTP statuses that mean something else here than above: `{429: "error"}`.
        max_series: How many (model, version, route) are told apart, > 0; what comes beyond is counted under
            the label `"__overflow__"`.

    Raises:
        ValueError: A route is none, or lacks the parameter that the model is taken from.
    """

    def __init__(
        self,
        app: "ASGIApp",
        *,
        monitor: Watching,
        model: str,
        version: str = "",
        routes: "Iterable[str] | None" = None,
        exclude: "Iterable[str]" = NOT_PREDICTIONS,
        is_prediction: "Callable[[Scope], bool] | None" = None,
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
        self._outcomes = {status: outcome_of_status(status) for status in range(100, 600)} | dict(
            statuses or {}
        )
        self._templates = Templates()
        self._known: dict[str, Known] = {}
        self._is_checked = False

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, and count it if it is a prediction."""
        if scope["type"] == "http" and (target := self._target(scope)) is not None:
            exchange = Exchange(self._outcomes, receive, send, target)
            if HEARD.is_on or self._handles.tracing is not None:
                await self._watched(scope, exchange, target)
                return
            try:
                await self.app(scope, exchange.receive, exchange.send)
            except BaseException as error:
                exchange.raised(error)
                raise
            if not exchange.is_over:
                exchange.returned()
        elif scope["type"] == "lifespan":
            await start_watched(self.app, scope, receive, send, lambda: self._monitor.is_running)
        else:
            await self.app(scope, receive, send)

    async def _watched(self, scope: "Scope", exchange: Exchange, target: "Target") -> None:
        """The same for a prediction that others want to hear of."""
        with belonging(self._handles.tracing, _headers(scope)):
            await self._told(scope, exchange, Watch(target.key, self._handles.tracing, content_length(scope)))

    async def _told(self, scope: "Scope", exchange: Exchange, watch: Watch) -> None:
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except BaseException as error:
            was_over = exchange.is_over
            exchange.raised(error)
            watch.ended(exchange, None if was_over else error)
            raise
        exchange.returned()
        watch.ended(exchange, None)

    def _target(self, scope: "Scope") -> "Target | None":
        """Where a request is counted; None if it is no prediction."""
        if scope["method"] == "OPTIONS":
            return None
        path, root_path = scope["path"], scope.get("root_path", "")
        if not root_path and (known := self._known.get(path)) is not None:
            return known
        inside = path_in_app(path, root_path)
        if self._routes is None:
            is_meant = inside not in self._exclude and self._is_meant(scope)
            return Routed(self._handles, self._templates, scope, root_path) if is_meant else None
        found = self._routes.match(inside)
        if found is None or not self._is_meant(scope):
            return None
        labels = self._handles.labels(*found)
        handle = self._handles.known(labels)
        if handle is None or root_path or self._is_prediction is not None or len(self._known) >= MAX_KNOWN:
            return Declared(self._handles, labels)
        # The next one need not be matched, as long as clients do not send ever new paths.
        target = self._known[path] = Known(handle)
        return target

    def _is_meant(self, scope: "Scope") -> bool:
        if not self._is_checked:
            self._check()
        if self._is_prediction is None:
            return True
        try:
            return self._is_prediction(scope)
        except Exception as error:  # noqa: BLE001  the request must go on
            log.warning("is_prediction failed, request is not counted", **facts_of_error(error))
            return False

    def _check(self) -> None:
        # A server may have no lifespan, and a mounted application never hears of it.
        self._is_checked = True
        if not self._monitor.is_running:
            log.error("predictions are counted and not judged", why=str(MonitorNotRunningError()))


def _headers(scope: "Scope") -> "Iterator[tuple[str, str]]":
    return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
