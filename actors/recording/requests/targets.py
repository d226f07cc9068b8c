"""Where one request's prediction is counted."""

from typing import TYPE_CHECKING, Final, Protocol

from actors.recording.series import SeriesKey

if TYPE_CHECKING:
    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from actors.recording.requests.handles import Handles
    from supervisor.clock import Seconds

UNMATCHED: Final = "unmatched"
"""The label of all requests that no route took: raw paths would make a series of whatever a client sends."""


class Target(Protocol):
    """Where one request is counted."""

    @property
    def key(self) -> SeriesKey:
        """The series, as far as it is known at the start."""
        ...

    def ended(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> "Model":
        """Count it; gives the model that it was counted with."""
        ...


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
        return self._handles.count(self._labels, outcome, seconds, first)


class Routed:
    """Any path, of which only the application's own router will tell the route.

    Args:
        handles: Where the series comes from.
    """

    __slots__ = ("_handles",)

    def __init__(self, handles: "Handles") -> None:
        self._handles = handles

    @property
    def key(self) -> SeriesKey:
        """The model; its route is not known yet."""
        model, version, _ = self._handles.labels("", {})
        return SeriesKey(model, version)

    def ended(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> "Model":
        """Count it under the route that was found."""
        return self._handles.count(self._handles.labels(self.route(), {}), outcome, seconds, first)

    def route(self) -> str:
        """The template of the route that took it, once the application has answered."""
        raise NotImplementedError
