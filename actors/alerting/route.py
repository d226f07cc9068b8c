"""Whom an alert concerns: the walk down the tree of routes."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from actors.config import Matcher, RouteSettings


def receivers_for(route: "RouteSettings", labels: "Mapping[str, str]") -> tuple[str, ...]:
    """The receivers that are to be told of an alert, each once, in the order of the tree.

    The root takes every alert. A child that matches takes it from its parent; its later siblings see it only
    if it says `continue`. Where no child matches, the parent's own receiver is told.

    Args:
        route: The root of the tree; its own matchers are not asked.
        labels: The alert's.

    Source:
        Alertmanager's `dispatch/route.go`. Differs: a receiver that several routes name is told once, since
        there are no groups yet by which the messages would differ.
    """
    return tuple(dict.fromkeys(node.receiver for node in matching(route, labels)))


def matching(route: "RouteSettings", labels: "Mapping[str, str]") -> "Iterator[RouteSettings]":
    """The routes that take an alert which has come as far as `route`, depth first."""
    is_taken = False
    for child in route.routes:
        if not all(matches(matcher, labels) for matcher in child.matchers):
            continue
        is_taken = True
        yield from matching(child, labels)
        if not child.continue_:
            break
    if not is_taken:
        yield route


def matches(matcher: "Matcher", labels: "Mapping[str, str]") -> bool:
    """Whether an alert satisfies one matcher; a label that it lacks is the empty string."""
    value = labels.get(matcher.name, "")
    match matcher.op:
        case "=":
            return value == matcher.value
        case "!=":
            return value != matcher.value
        case "=~":
            return _compiled(matcher.value).fullmatch(value) is not None
        case "!~":
            return _compiled(matcher.value).fullmatch(value) is None
    assert_never(matcher.op)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def walk(route: "RouteSettings") -> "Iterator[RouteSettings]":
    """A route and all below it, depth first."""
    yield route
    for child in route.routes:
        yield from walk(child)


def all_receivers(route: "RouteSettings | None") -> tuple[str, ...]:
    """Every receiver that a tree names, each once; none without a tree."""
    return () if route is None else tuple(dict.fromkeys(node.receiver for node in walk(route)))
