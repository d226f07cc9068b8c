"""`[route]` and what is below it."""

from typing import TYPE_CHECKING, Final

from actors.config.matchers import as_matcher
from actors.config.settings import Matcher, RouteSettings
from actors.config.values import UnfitError, as_flag, as_text, nearest, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from actors.config.table import Table

DEEPEST: Final = 20


def read_route(table: "Table", receivers: "Sequence[str]") -> RouteSettings:
    """The tree of routes; its root takes every alert.

    Args:
        table: The root's.
        receivers: Names that exist.
    """
    for key in ("matchers", "continue"):
        if table.has(key):
            table.refuse(key, "must not be set: the root takes every alert; use [[route.routes]]")
    return _read(table, receivers, None, 1)


def _read(table: "Table", receivers: "Sequence[str]", parent: str | None, depth: int) -> RouteSettings:
    matchers: tuple[Matcher, ...] = ()
    routes: tuple[RouteSettings, ...] = ()
    continue_ = False
    if parent is None:
        receiver = table.needed("receiver", as_text, "", f'"{receivers[0] if receivers else "oncall"}"')
    else:
        receiver = table.optional("receiver", as_text, parent)
        matchers = table.optional("matchers", as_matchers, ())
        continue_ = table.optional("continue", as_flag, default=False)
    if table.has("receiver") and table.is_good("receiver") and receiver not in receivers:
        hint = nearest(receiver, receivers)
        table.refuse("receiver", f"must name a [[receiver]], got {shown(receiver)} ({hint})")
    if depth == DEEPEST and table.has("routes"):
        table.refuse("routes", f"must not lie deeper than {DEEPEST} levels")
    else:
        routes = tuple(_read(each, receivers, receiver, depth + 1) for each in table.tables("routes"))
    table.rest_is_unknown()
    return RouteSettings(receiver=receiver, matchers=matchers, continue_=continue_, routes=routes)


def as_matchers(value: object) -> tuple[Matcher, ...]:
    """Matchers that must all hold."""
    if not isinstance(value, list):
        raise UnfitError("must be an array of matchers such as ['severity=\"page\"']", value)
    return tuple(as_matcher(each) for each in value)


def receivers_of(route: RouteSettings) -> "Iterator[str]":
    """Every receiver that it or a route below it names."""
    yield route.receiver
    for each in route.routes:
        yield from receivers_of(each)
