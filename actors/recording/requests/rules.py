"""Which requests are predictions, whose they are, and what their answers mean."""

from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import structlog

from actors.recording.requests.handles import Handles, Models, check_parameters
from actors.recording.requests.paths import Exclusions, Routes
from actors.recording.requests.statuses import outcome_of_status
from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from actors.recording.outcome import Outcome

log = structlog.get_logger(__name__)

R = TypeVar("R")

MAX_SERIES: Final = 200


class Watching(Models, Protocol):
    """What a middleware needs of a monitor."""

    @property
    def is_running(self) -> bool:
        """Whether what is counted is judged."""
        ...


class Rules(Generic[R]):
    """What a middleware was told of the requests that it sees, `R`.

    The arguments are those of the middlewares.

    Args:
        monitor: Whose models these are.
        model: The model's name, or a parameter of the route.
        version: Likewise.
        routes: The paths that are predictions; None takes every path but those of `exclude`.
        exclude: Paths that are no predictions.
        is_prediction: Tells it of what the above leave; None takes all.
        statuses: What some statuses mean here.
        max_series: How many series are told apart, > 0.
        advice: What to do if the monitor does not run; logged at the first request that may be a prediction.

    Attributes:
        handles: The models behind the routes.
        outcomes: What each status means.
        successes: Those that mean `ok`.
        is_any: Whether every path may be a prediction, and only its router tells the route.

    Raises:
        ValueError: A route is none, or lacks the parameter that the model is taken from.
    """

    __slots__ = (
        "_advice",
        "_exclude",
        "_is_checked",
        "_monitor",
        "_routes",
        "handles",
        "is_any",
        "is_prediction",
        "outcomes",
        "successes",
    )

    def __init__(
        self,
        monitor: Watching,
        model: str,
        version: str,
        *,
        routes: "Iterable[str] | None",
        exclude: "Iterable[str]",
        is_prediction: "Callable[[R], bool] | None",
        statuses: "Mapping[int, Outcome] | None",
        max_series: int,
        advice: str,
    ) -> None:
        self._monitor, self._advice = monitor, advice
        self.is_any = routes is None
        self._routes = Routes(routes or ())
        check_parameters((model, version), self._routes.templates)
        self.handles = Handles(monitor, model, version, max_series=max_series)
        self._exclude = Exclusions(exclude)
        self.is_prediction = is_prediction
        self.outcomes: Mapping[int, Outcome] = {
            status: outcome_of_status(status) for status in range(100, 600)
        } | dict(statuses or {})
        self.successes = frozenset(status for status, outcome in self.outcomes.items() if outcome == "ok")
        self._is_checked = False

    def takes(self, path: str, request: R) -> bool:
        """Whether a request is a prediction, where every path may be one."""
        return path not in self._exclude and self._is_meant(request)

    def labels(self, path: str, request: R) -> tuple[str, str, str] | None:
        """Model, version and route of a request, where routes are declared; None if it is no prediction."""
        found = self._routes.match(path)
        return None if found is None or not self._is_meant(request) else self.handles.labels(*found)

    def _is_meant(self, request: R) -> bool:
        if not self._is_checked:
            self._check()
        if self.is_prediction is None:
            return True
        try:
            return self.is_prediction(request)
        except Exception as error:  # noqa: BLE001  the request must go on
            log.warning("is_prediction failed, request is not counted", **facts_of_error(error))
            return False

    def _check(self) -> None:
        # The first request is the earliest to look at: a server may have no start at which to refuse.
        self._is_checked = True
        if not self._monitor.is_running:
            log.error("predictions are counted and not judged", why=self._advice)
