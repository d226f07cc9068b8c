"""Which series a request's prediction goes to: known beforehand, or found out by its end."""

from typing import TYPE_CHECKING

from actors.recording.asgi.account import Account
from actors.recording.asgi.templates import Templates
from actors.recording.requests import targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from actors.recording.requests.rules import Rules
    from supervisor.clock import Seconds


class Known:
    """The series of a path that has been counted before.

    Args:
        model: Whose it is.
        rules: What the statuses mean.
    """

    __slots__ = ("_model", "_ok", "_outcomes", "_successes", "key")

    def __init__(self, model: "Model", rules: "Rules[Scope]") -> None:
        self._model, self.key = model, model.key
        self._ok = model.buffers.ok.append
        self._outcomes, self._successes = rules.outcomes, rules.successes

    def answered(self, status: int, seconds: "Seconds") -> None:
        """Count one whose answer is whole."""
        if status in self._successes:
            count = self._ok
            count(seconds)
        else:
            self.account().answered(status, seconds)

    def account(self) -> Account:
        """The same, for one of which more is to be told."""
        return Account(self, self._outcomes)

    def ended(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> "Model":
        """Count it."""
        self._model.count_stream(outcome, seconds, first)
        return self._model


class Declared(targets.Declared):
    """A path that a declared route has matched, and that may have no series of its own yet."""

    __slots__ = ("_outcomes",)

    def __init__(self, rules: "Rules[Scope]", labels: tuple[str, str, str]) -> None:
        super().__init__(rules.handles, labels)
        self._outcomes = rules.outcomes

    def answered(self, status: int, seconds: "Seconds") -> None:
        """Count one whose answer is whole."""
        self.account().answered(status, seconds)

    def account(self) -> Account:
        """The same, for one of which more is to be told."""
        return Account(self, self._outcomes)


class Router:
    """The application's own router, where every path may be a prediction.

    Args:
        rules: Which are, and what the statuses mean.

    Attributes:
        rules: As given.
        templates: Of the routes that it has left in the scopes of requests.
        known: By the template of a route, what takes the seconds of a success there.
    """

    __slots__ = ("known", "rules", "templates")

    def __init__(self, rules: "Rules[Scope]") -> None:
        self.rules = rules
        self.known: dict[str, Callable[[Seconds], object]] = {}
        self.templates = Templates()

    def learn(self, route: str) -> None:
        """Have successes of a route counted without more ado, if it has a series of its own."""
        handles = self.rules.handles
        model = handles.known(handles.labels(route, {}))
        if model is not None:
            self.known[route] = model.buffers.ok.append


class Routed(targets.Routed):
    """Any path, of which only the application's own router will tell the route.

    Args:
        router: That one.
        scope: Of the request; the router leaves the route in it.
        root_path: What the application lies below.
    """

    __slots__ = ("_root_path", "_router", "_scope")

    def __init__(self, router: Router, scope: "Scope", root_path: str) -> None:
        self._handles = router.rules.handles  # the base's only one, set without another call
        self._router = router
        self._scope = scope
        self._root_path = root_path

    def answered(self, status: int, seconds: "Seconds") -> None:
        """Count one whose answer is whole."""
        router = self._router
        count = router.known.get(router.templates.of(self._scope, self._root_path))
        if count is not None and status in router.rules.successes:
            count(seconds)
        else:
            self.account().answered(status, seconds)

    def account(self) -> Account:
        """The same, for one of which more is to be told."""
        return Account(self, self._router.rules.outcomes)

    def ended(self, outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> "Model":
        """Count it under the route that was found."""
        model = super().ended(outcome, seconds, first)
        self._router.learn(self.route())
        return model

    def route(self) -> str:
        """What its router has left in the scope."""
        return self._router.templates.of(self._scope, self._root_path)
