"""Which of the application's routes answered a request, told from what its router left in the scope."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Scope

UNMATCHED: Final = "unmatched"
"""The label of all requests that no route took: raw paths would make a series of whatever a client sends."""


def template_of(scope: "Scope", root_path: str) -> str:
    """The template of the route that took a request, `/predict/{model}`; never the raw path.

    Args:
        scope: As the router left it.
        root_path: As it was before the router: what a mount adds stands before its routes' own paths. Of a
            mount with parameters only "*" is shown, for they were replaced by what the client sent.

    Source:
        Starlette puts `route` into the scope; FastAPI its own routes, and for those of an included router,
        whose prefix they do not know, an effective context. Routes that neither names are found by their
        endpoint.
    """
    endpoint = scope.get("endpoint")
    if endpoint is None:
        return UNMATCHED
    route = _route(scope, endpoint)
    template = _path(route)
    if template is None:
        return UNMATCHED
    below = str(scope.get("root_path", ""))[len(root_path) :]
    if not below or getattr(route, "app", None) is endpoint:  # a mount's own path stands in both
        return template
    parameters: Mapping[str, object] = scope.get("path_params", {})
    is_literal = all(f"{{{name}}}" in template for name in parameters)
    return f"{below if is_literal else '*'}{template}"


def _route(scope: "Scope", endpoint: object) -> object:
    included = scope.get("fastapi")
    context = included.get("effective_route_context") if isinstance(included, dict) else None
    for route in (context, getattr(context, "starlette_route", None), scope.get("route")):
        # What a router further out has left may be of a mount that another router stands in.
        if _leads_to(route, endpoint):
            return route
    return _route_to(getattr(scope.get("router"), "routes", ()), endpoint)


def _route_to(routes: "Iterable[object]", endpoint: object) -> object:
    for route in routes:
        if _leads_to(route, endpoint):
            return route
        found = _route_to(getattr(route, "routes", None) or (), endpoint)
        if found is not None:
            return found
    return None


def _leads_to(route: object, endpoint: object) -> bool:
    return endpoint in (getattr(route, "endpoint", None), getattr(route, "app", None))


def _path(route: object) -> str | None:
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    return path if isinstance(path, str) and path else None
