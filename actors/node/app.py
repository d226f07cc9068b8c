"""The HTTP application: health, metrics and the API, over a `NodeView`."""

import inspect
from typing import TYPE_CHECKING

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from actors.node.annotating import AnnotationsEndpoint
    from actors.node.explaining import ExplainEndpoint
    from actors.node.maintaining import MaintenanceEndpoint
    from actors.node.otlp import PushEndpoint
    from actors.node.view import NodeView

    Answer = Callable[[Request], Response | Awaitable[Response]]

log = structlog.get_logger(__name__)

_JSON = "application/json"
_NOT_STORED = {"Cache-Control": "no-store"}


def create_app(
    view: "NodeView",
    pushes: "PushEndpoint | None" = None,
    annotations: "AnnotationsEndpoint | None" = None,
    maintenance: "MaintenanceEndpoint | None" = None,
    explanations: "ExplainEndpoint | None" = None,
) -> Starlette:
    """Build the application of one node.

    `GET` and `HEAD` of `/health/live`, `/health/ready` (503 when not ready), `/metrics`, `/api/v1/tree`,
    `/api/v1/slos`, `/api/v1/alerts`, `/api/v1/peers` and `/api/v1/actions`; of
    `/api/v1/annotations` and `/api/v1/maintenance` `POST` too, and `DELETE` of a window of maintenance. Every
    error is a JSON object with one key, `error`; but those of `POST /v1/metrics` are as OTLP has them.

    Args:
        view: What is shown.
        pushes: Takes what is pushed; None has no such path.
        annotations: Tells and takes annotations; None has no such path.
        maintenance: Tells, takes and ends windows of maintenance; None has no such path.
        explanations: Says why an objective burns, at `/api/v1/slos/{name}/explain`; None has no such path.
    """
    pages = _Pages(view)
    answers: dict[str, Answer] = {
        "/health/live": pages.live,
        "/health/ready": pages.ready,
        "/metrics": pages.metrics,
        "/api/v1/tree": pages.tree,
        "/api/v1/slos": pages.slos,
        "/api/v1/alerts": pages.alerts,
        "/api/v1/peers": pages.peers,
        "/api/v1/actions": pages.actions,
    }
    routes = [Route(path, _guarded(answer), methods=["GET"]) for path, answer in answers.items()]
    if pushes is not None:
        routes.append(Route("/v1/metrics", _guarded(pushes), methods=["POST"]))
    if explanations is not None:
        path = "/api/v1/slos/{name:path}/explain"
        routes.append(Route(path, _guarded(explanations.told), methods=["GET"]))
    if annotations is not None:
        path = "/api/v1/annotations"
        routes.append(Route(path, _guarded(annotations.told), methods=["GET"]))
        routes.append(Route(path, _guarded(annotations.noted), methods=["POST"]))
    if maintenance is not None:
        path = "/api/v1/maintenance"
        routes.append(Route(path, _guarded(maintenance.told), methods=["GET"]))
        routes.append(Route(path, _guarded(maintenance.planned), methods=["POST"]))
        routes.append(Route(path + "/{name:path}", _guarded(maintenance.ended), methods=["DELETE"]))
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: _refuse},
    )
    app.router.redirect_slashes = False
    return app


class _Pages:
    """The answers, one method a path."""

    __slots__ = ("_view",)

    def __init__(self, view: "NodeView") -> None:
        self._view = view

    def live(self, _: "Request") -> Response:
        return _json({"status": "ok"})

    def ready(self, _: "Request") -> Response:
        is_ready = self._view.is_ready()
        return _json({"status": "ready" if is_ready else "not_ready"}, 200 if is_ready else 503)

    async def metrics(self, request: "Request") -> Response:
        # Several Accept headers are one list (RFC 9110, 5.3).
        exposition = self._view.exposition(", ".join(request.headers.getlist("accept")))
        page, content_type = await exposition if inspect.isawaitable(exposition) else exposition
        return Response(page, headers={"Content-Type": content_type, **_NOT_STORED})

    def tree(self, _: "Request") -> Response:
        return _json({"tree": self._view.tree()})

    async def slos(self, _: "Request") -> Response:
        slos = self._view.slos()
        return _json({"slos": await slos if inspect.isawaitable(slos) else slos})

    async def alerts(self, _: "Request") -> Response:
        alerts = self._view.alerts()
        return _json({"alerts": await alerts if inspect.isawaitable(alerts) else alerts})

    def peers(self, _: "Request") -> Response:
        return _json({"peers": self._view.peers()})

    async def actions(self, _: "Request") -> Response:
        actions = self._view.actions()
        return _json({"actions": await actions if inspect.isawaitable(actions) else actions})


def _guarded(answer: "Answer") -> "Callable[[Request], Awaitable[Response]]":
    """Make an answer that fails say so: all of it to the log, nothing of the inside to the client."""

    async def endpoint(request: "Request") -> Response:
        try:
            response = answer(request)
            return await response if inspect.isawaitable(response) else response
        except Exception:
            log.exception("HTTP answer failed", method=request.method, path=request.scope["path"])
            return _json({"error": "internal error; the node's log says more"}, 500)

    return endpoint


def _refuse(request: "Request", error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    match error.status_code:
        case 404:
            message = f"nothing at {request.scope['path']!r}"
        case 405:
            right = "POST" if request.scope["path"].startswith("/v1/") else "GET or HEAD"
            message = f"method must be {right}, got {request.method!r}"
        case _:
            message = error.detail
    return _json({"error": message}, error.status_code, error.headers)


def _json(content: object, status: int = 200, headers: "Mapping[str, str] | None" = None) -> Response:
    return Response(
        msgspec.json.encode(content), status, headers={**(headers or {}), **_NOT_STORED}, media_type=_JSON
    )
