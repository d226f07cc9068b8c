"""`/api/v1/slos/{name}/explain`: why an objective burns, in words."""

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

from actors.node.posted import json_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from actors.node.view import Rows

Explains: TypeAlias = "Callable[[str, Mapping[str, str]], Rows | None]"
"""One row for each group of an objective that has the labels; None where there is no such objective."""


class ExplainEndpoint:
    """`GET` tells of each group, or of those that have the labels in the query.

    Args:
        explains: Who knows.
    """

    def __init__(self, explains: Explains) -> None:
        self._explains = explains

    def told(self, request: "Request") -> "Response":
        """404 where there is no such objective."""
        name = request.path_params["name"]
        rows = self._explains(name, dict(request.query_params))
        if rows is None:
            return json_response({"error": f"there is no objective {name[:80]!r}"}, HTTPStatus.NOT_FOUND)
        return json_response({"explanations": rows})
