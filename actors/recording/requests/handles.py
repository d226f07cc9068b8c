"""Whose predictions a web application's answers are: one model's, or that of a model the path names."""

from typing import TYPE_CHECKING, Protocol

from actors.recording.predict.labels import OVERFLOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from actors.recording.predict.trace import SeriesTracing
    from actors.recording.requests.paths import Template
    from supervisor.clock import Seconds


class Models(Protocol):
    """Gives handles of series, as a monitor does."""

    def model(self, name: str, version: str = "", *, route: str) -> "Model":
        """The handle of one series; the same one for the same labels."""
        ...


class Handles:
    """The models behind the routes, made when they are first needed.

    A client may write whatever it likes into a path. So a value from a path becomes a label only once it was
    answered as a prediction, and of such series there are at most `max_series`; the rest is counted under
    `__overflow__`.

    Args:
        models: Where handles come from.
        model: The model's name, or a parameter of the route in braces: `"{model}"`.
        version: Likewise.
        max_series: How many series may be told apart, > 0.

    Attributes:
        tracing: Which of these models' predictions are traced; None while none is known, or if none is.

    Raises:
        ValueError: A name is empty, or the limit is not above 0.
    """

    __slots__ = ("_is_named", "_known", "_max_series", "_model", "_models", "_version", "tracing")

    def __init__(self, models: Models, model: str, version: str, *, max_series: int) -> None:
        if not model:
            raise ValueError("a model's name must not be empty")
        if max_series < 1:
            raise ValueError(f"max_series must be above 0, got {max_series!r}")
        self._models, self._max_series = models, max_series
        self._model, self._version = model, version
        self._is_named = any(map(parameter_in, (model, version)))
        self._known: dict[tuple[str, str, str], Model] = {}
        self.tracing: SeriesTracing | None = None

    def labels(self, route: str, parameters: "Mapping[str, str]") -> tuple[str, str, str]:
        """Model, version and route of a prediction, as the request says."""
        if not self._is_named:
            return self._model, self._version, route
        return _filled(self._model, parameters), _filled(self._version, parameters), route

    def of(self, labels: tuple[str, str, str], outcome: "Outcome") -> "Model":
        """The handle that such a prediction is counted with."""
        known = self._known.get(labels)
        return self._new(labels, outcome) if known is None else known

    def count(
        self,
        labels: tuple[str, str, str],
        outcome: "Outcome",
        seconds: "Seconds",
        first: "Seconds | None",
    ) -> "Model":
        """Count a prediction; gives the model that it was counted with.

        Args:
            labels: Its model, version and route.
            outcome: How it ended.
            seconds: From the request to the end.
            first: Seconds to the first item of a stream; None if it was none.
        """
        model = self.of(labels, outcome)
        model.count_stream(outcome, seconds, first)
        return model

    def known(self, labels: tuple[str, str, str]) -> "Model | None":
        """The handle of such predictions, if they have a series of their own by now."""
        return self._known.get(labels)

    def _new(self, labels: tuple[str, str, str], outcome: "Outcome") -> "Model":
        is_answered = outcome in {"ok", "error"} or not self._is_named
        if not is_answered or len(self._known) >= self._max_series:
            model, version, _ = self.labels(OVERFLOW, _Overflow())
            return self._models.model(model, version, route=labels[2] if self._is_named else OVERFLOW)
        handle = self._known[labels] = self._models.model(labels[0], labels[1], route=labels[2])
        self.tracing = self.tracing or handle.tracing
        return handle


def parameter_in(value: str) -> str | None:
    """The name of the route's parameter that a value stands for; None if it stands for itself."""
    name = value[1:-1]
    return name if value == f"{{{name}}}" and name.isidentifier() else None


def check_parameters(values: "Iterable[str]", templates: "Iterable[Template]") -> None:
    """Make sure that every route has the parameters that a model or version is taken from.

    Raises:
        ValueError: One has not, or none are declared.
    """
    wanted = [name for value in values if (name := parameter_in(value)) is not None]
    declared = tuple(templates)
    for name in wanted:
        if not declared:
            raise ValueError(f"'{{{name}}}' is a route's parameter: declare routes that have it")
        for one in declared:
            if name not in one.parameters:
                raise ValueError(f"route {one.label!r} has no parameter {name!r} to name the model with")


class _Overflow(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return OVERFLOW


def _filled(value: str, parameters: "Mapping[str, str]") -> str:
    name = parameter_in(value)
    # An empty one is of a `{name:path}` that took nothing.
    return value if name is None else parameters[name] or OVERFLOW
