"""Which requests are predictions, by their path; values in, values out."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOT_PREDICTIONS: Final = (
    "/health",
    "/healthz",
    "/live",
    "/livez",
    "/ready",
    "/readyz",
    "/ping",
    "/metrics",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/favicon.ico",
)
"""What services answer beside predictions: probes, metrics, their documentation; and all that lies below."""

_PARAMETER: Final = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*)(?::([a-z]+))?\}")
_CONVERTORS: Final = {
    "str": "[^/]+",
    "path": ".*",
    "int": "[0-9]+",
    "float": r"[0-9]+(?:\.[0-9]+)?",
    "uuid": "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}",
}


class Template:
    """A path with parameters, as Starlette and FastAPI write them: `/predict/{model}`, `/files/{name:path}`.

    Args:
        text: The path, as it is declared to the framework.

    Attributes:
        label: The path without convertors: what its predictions are labelled with.
        parameters: The names in braces.

    Raises:
        ValueError: It is no path, names a parameter twice or a convertor that Starlette does not have.
    """

    __slots__ = ("_pattern", "label", "parameters")

    def __init__(self, text: str) -> None:
        if not text.startswith("/"):
            raise ValueError(f"route {text!r} must be a path that begins with '/'")
        self.parameters = tuple(found[1] for found in _PARAMETER.finditer(text))
        if len(set(self.parameters)) != len(self.parameters):
            raise ValueError(f"route {text!r} names a parameter twice")
        self.label = _PARAMETER.sub(r"{\1}", text)
        self._pattern = re.compile(_pattern(text), re.DOTALL)

    def match(self, path: str) -> "dict[str, str] | None":
        """The parameters in a path; None if it is another one."""
        found = self._pattern.fullmatch(path)
        return None if found is None else found.groupdict()


class Routes:
    """The declared templates of predictions; the first that matches a path is taken.

    Args:
        templates: In the order in which the framework tries its routes.
    """

    __slots__ = ("_literal", "_with_parameters", "templates")

    def __init__(self, templates: "Iterable[str]") -> None:
        self.templates = tuple(Template(text) for text in templates)
        self._literal: dict[str, tuple[str, Mapping[str, str]]] = {}
        for one in self.templates:
            if not one.parameters:
                self._literal[one.label] = (one.label, {})
        self._with_parameters = tuple(one for one in self.templates if one.parameters)

    def match(self, path: str) -> "tuple[str, Mapping[str, str]] | None":
        """Label and parameters of the template that a path fits; None if it fits none.

        A template without parameters goes before all others.
        """
        literal = self._literal.get(path)
        if literal is not None:
            return literal
        for one in self._with_parameters:
            parameters = one.match(path)
            if parameters is not None:
                return one.label, parameters
        return None


class Exclusions:
    """Paths that are no predictions, and all below them.

    Args:
        places: The paths; a slash at the end says the same as none, and "/" alone has nothing below it.
    """

    __slots__ = ("_below", "_places")

    def __init__(self, places: "Iterable[str]") -> None:
        self._places = frozenset(place.rstrip("/") or "/" for place in places)
        self._below = tuple(f"{place}/" for place in self._places - {"/"})

    def __contains__(self, path: str) -> bool:
        return path in self._places or path.startswith(self._below)


def path_in_app(path: str, root_path: str) -> str:
    """The path as the application's routes see it: without what a proxy or a mount has put before it."""
    if root_path and path.startswith(root_path) and path[len(root_path) :][:1] in {"", "/"}:
        return path[len(root_path) :]
    return path


def _pattern(text: str) -> str:
    parts, end = [], 0
    for found in _PARAMETER.finditer(text):
        convertor = _CONVERTORS.get(found[2] or "str")
        if convertor is None:
            raise ValueError(
                f"route {text!r}: {found[2]!r} is no convertor; one of {', '.join(map(repr, _CONVERTORS))} is"
            )
        parts += [re.escape(text[end : found.start()]), f"(?P<{found[1]}>{convertor})"]
        end = found.end()
    return "".join([*parts, re.escape(text[end:])])
