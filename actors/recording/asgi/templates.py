"""Which of the application's routes answered a request, told from what its router left in the scope."""

from typing import TYPE_CHECKING, Final

from actors.recording.requests.targets import UNMATCHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Scope

MAX_REMEMBERED: Final = 1000


class Templates:
    """The templates of the routes that have answered so far."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], tuple[str, object]] = {}

    def of(self, scope: "Scope", root_path: str) -> str:
        """What `template_of` says, found out once for each route that no mount lies before."""
        included = _included(scope) if "fastapi" in scope else None
        left = scope.get("endpoint"), scope.get("route"), included
        key = (id(left[0]), id(left[1]), id(left[2]))
        known = self._known.get(key)
        is_plain = scope.get("root_path", "") == root_path
        if known is not None and is_plain:
            return known[0]
        template = template_of(scope, root_path)
        if is_plain and len(self._known) < MAX_REMEMBERED:
            # What is told by its id must live as long.
            self._known[key] = template, left
        return template


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
    context = _included(scope)
    for route in (context, getattr(context, "starlette_route", None), scope.get("route")):
        # What a router further out has left may be of a mount that another router stands in.
        if _leads_to(route, endpoint):
            return route
    return _route_to(getattr(scope.get("router"), "routes", ()), endpoint)


def _included(scope: "Scope") -> object:
    left = scope.get("fastapi")
    return left.get("effective_route_context") if isinstance(left, dict) else None


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
