"""Which series a request's prediction goes to, where only the application's own router tells the route."""

from typing import TYPE_CHECKING

from actors.recording.requests import targets
from actors.recording.requests.targets import UNMATCHED

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIEnvironment

    from actors.recording.requests.handles import Handles


class Routed(targets.Routed):
    """Any path; its route is asked for when the application has answered.

    Args:
        handles: Where the series comes from.
        environ: Of the request; the router may have left something in it by then.
        route: Tells the template from it, None if there is none.
    """

    __slots__ = ("_ask", "_environ")

    def __init__(
        self,
        handles: "Handles",
        environ: "WSGIEnvironment",
        route: "Callable[[WSGIEnvironment], str | None]",
    ) -> None:
        super().__init__(handles)
        self._environ, self._ask = environ, route

    def route(self) -> str:
        """What it tells."""
        return self._ask(self._environ) or UNMATCHED
