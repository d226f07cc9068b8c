"""The predictions of a web application, counted between its server and itself."""

from typing import TYPE_CHECKING, Final

from actors.recording.asgi.exchange import Exchange
from actors.recording.asgi.startup import MonitorNotRunningError, start_watched
from actors.recording.asgi.targets import Declared, Known, Routed, Router
from actors.recording.predict.events import HEARD
from actors.recording.requests.paths import NOT_PREDICTIONS, path_in_app
from actors.recording.requests.rules import MAX_SERIES, Rules, Watching
from actors.recording.requests.trace import belonging
from actors.recording.requests.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from actors.recording.asgi.account import Account
    from actors.recording.asgi.exchange import Counting
    from actors.recording.outcome import Outcome

MAX_KNOWN: Final = 1000
"""So many paths are recognised without being matched."""


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
        self._rules: Rules[Scope] = Rules(
            monitor,
            model,
            version,
            routes=routes,
            exclude=exclude,
            is_prediction=is_prediction,
            statuses=statuses,
            max_series=max_series,
            advice=str(MonitorNotRunningError()),
        )
        self._handles = self._rules.handles
        self._router = Router(self._rules)
        self._known: dict[str, Known] = {}

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, and count it if it is a prediction."""
        app = self.app
        if scope["type"] == "http":
            counting: Counting | None = self._known.get(scope["path"])
            is_watched = HEARD.is_on or self._handles.tracing is not None
            if counting is None or is_watched or scope["method"] == "OPTIONS" or scope.get("root_path"):
                counting = self._counting(scope)
                if counting is None:
                    await app(scope, receive, send)
                    return
                if is_watched:
                    await self._watched(scope, receive, send, counting.account())
                    return
            exchange = Exchange(receive, send, counting)
            try:
                await app(scope, exchange.receive, exchange.send)
            except BaseException as error:
                exchange.raised(error)
                raise
            if exchange.counting is not None:
                exchange.returned()
        elif scope["type"] == "lifespan":
            await start_watched(app, scope, receive, send, lambda: self._monitor.is_running)
        else:
            await app(scope, receive, send)

    async def _watched(self, scope: "Scope", receive: "Receive", send: "Send", account: "Account") -> None:
        """The same for a prediction that others want to hear of."""
        exchange = Exchange(receive, send, account)
        with belonging(self._handles.tracing, _headers(scope)):
            watch = Watch(account.key, self._handles.tracing, _content_length(scope))
            try:
                await self.app(scope, exchange.receive, exchange.send)
            except BaseException as error:
                was_over = exchange.counting is None
                exchange.raised(error)
                watch.ended(account, None if was_over else error)
                raise
            exchange.returned()
            watch.ended(account, None)

    def _counting(self, scope: "Scope") -> "Counting | None":
        """Where a request is counted; None if it is no prediction."""
        if scope["method"] == "OPTIONS":
            return None
        path, root_path = scope["path"], scope.get("root_path", "")
        if not root_path and (known := self._known.get(path)) is not None:
            return known
        inside, rules = path_in_app(path, root_path), self._rules
        if rules.is_any:
            return Routed(self._router, scope, root_path) if rules.takes(inside, scope) else None
        labels = rules.labels(inside, scope)
        if labels is None:
            return None
        handle = self._handles.known(labels)
        if handle is None or root_path or rules.is_prediction is not None or len(self._known) >= MAX_KNOWN:
            return Declared(rules, labels)
        # The next one need not be matched, as long as clients do not send ever new paths.
        known = self._known[path] = Known(handle, rules)
        return known


def _headers(scope: "Scope") -> "Iterator[tuple[str, str]]":
    return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])


def _content_length(scope: "Scope") -> int | None:
    """What the request's headers say of its body's size; None if they say nothing."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None
