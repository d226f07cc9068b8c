"""Which series a request's prediction goes to: known beforehand, or found out by its end."""

from typing import TYPE_CHECKING

from actors.recording.requests import targets

if TYPE_CHECKING:
    from starlette.types import Scope

    from actors.recording.asgi.templates import Templates
    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from actors.recording.requests.handles import Handles
    from supervisor.clock import Seconds


class Known:
    """The series of a path that has been counted before."""

    __slots__ = ("_model", "_ok", "key")

    def __init__(self, model: "Model") -> None:
        self._model, self.key = model, model.key
        self._ok = model.buffers.ok.append

    def ended(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> "Model":
        """Count it."""
        if outcome == "ok" and first is None:  # nearly always, so without another call
            self._ok(seconds)
        else:
            self._model.count_stream(outcome, seconds, first)
        return self._model


class Routed(targets.Routed):
    """Any path, of which only the application's own router will tell the route.

    Args:
        handles: Where the series comes from.
        templates: Where its route's template comes from.
        scope: Of the request; the router leaves the route in it.
        root_path: What the application lies below.
    """

    __slots__ = ("_root_path", "_scope", "_templates")

    def __init__(self, handles: "Handles", templates: "Templates", scope: "Scope", root_path: str) -> None:
        super().__init__(handles)
        self._scope, self._templates, self._root_path = scope, templates, root_path

    def route(self) -> str:
        """What its router has left in the scope."""
        return self._templates.of(self._scope, self._root_path)
