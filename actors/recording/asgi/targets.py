"""Which series a request's prediction goes to: known beforehand, or found out by its end."""

from typing import TYPE_CHECKING, Final, Protocol

from actors.recording.asgi.counting import count
from actors.recording.series import SeriesKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

    from actors.recording.asgi.handles import Handles
    from actors.recording.asgi.templates import Templates
    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from supervisor.clock import Seconds

_NO_PARAMETERS: "Final[Mapping[str, str]]" = {}


class Target(Protocol):
    """Where one request is counted."""

    @property
    def key(self) -> SeriesKey:
        """The series, as far as it is known at the start."""
        ...

    def ended(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> "Model":
        """Count it; gives the model that it was counted with."""
        ...


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
            count(self._model, outcome, seconds, first)
        return self._model


class Declared:
    """A path that a declared route has matched.

    Args:
        handles: Where the series comes from.
        labels: Model, version and route.
    """

    __slots__ = ("_handles", "_labels")

    def __init__(self, handles: "Handles", labels: tuple[str, str, str]) -> None:
        self._handles, self._labels = handles, labels

    @property
    def key(self) -> SeriesKey:
        """The series that the path names."""
        model, version, route = self._labels
        return SeriesKey(model, version, (("route", route),))

    def ended(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> "Model":
        """Count it in a series of its own if it may have one."""
        model = self._handles.of(self._labels, outcome)
        count(model, outcome, seconds, first)
        return model


class Routed:
    """Any path, of which only the application's own router will tell the route.

    Args:
        handles: Where the series comes from.
        templates: Where its route's template comes from.
        scope: Of the request; the router leaves the route in it.
        root_path: What the application lies below.
    """

    __slots__ = ("_handles", "_root_path", "_scope", "_templates")

    def __init__(self, handles: "Handles", templates: "Templates", scope: "Scope", root_path: str) -> None:
        self._handles, self._templates, self._scope, self._root_path = handles, templates, scope, root_path

    @property
    def key(self) -> SeriesKey:
        """The model; its route is not known yet."""
        model, version, _ = self._handles.labels("", _NO_PARAMETERS)
        return SeriesKey(model, version)

    def ended(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> "Model":
        """Count it under the route that was found."""
        route = self._templates.of(self._scope, self._root_path)
        labels = self._handles.labels(route, _NO_PARAMETERS)
        model = self._handles.of(labels, outcome)
        count(model, outcome, seconds, first)
        return model
