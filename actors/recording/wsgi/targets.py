"""Which series a request's prediction goes to, where only the application's own router tells the route."""

from typing import TYPE_CHECKING

from actors.recording.asgi.counting import count
from actors.recording.asgi.templates import UNMATCHED
from actors.recording.series import SeriesKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIEnvironment

    from actors.recording.asgi.handles import Handles
    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from supervisor.clock import Seconds


class Routed:
    """Any path; its route is asked for when the application has answered.

    Args:
        handles: Where the series comes from.
        environ: Of the request; the router may have left something in it by then.
        route: Tells the template from it, None if there is none.
    """

    __slots__ = ("_environ", "_handles", "_route")

    def __init__(
        self,
        handles: "Handles",
        environ: "WSGIEnvironment",
        route: "Callable[[WSGIEnvironment], str | None]",
    ) -> None:
        self._handles, self._environ, self._route = handles, environ, route

    @property
    def key(self) -> SeriesKey:
        """The model; its route is not known yet."""
        model, version, _ = self._handles.labels("", {})
        return SeriesKey(model, version)

    def ended(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> "Model":
        """Count it under the route that was found."""
        labels = self._handles.labels(self._route(self._environ) or UNMATCHED, {})
        model = self._handles.of(labels, outcome)
        count(model, outcome, seconds, first)
        return model
