"""What can be done about a budget, and on which occasion."""

import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from actors.config import ConfigError
from actors.config.values import nearest
from actors.policy.event import BudgetEvent
from supervisor.isolation import BlockingLimit

if TYPE_CHECKING:
    from actors.config import ActionSettings, Occasion, Secret
    from supervisor.clock import Seconds

HOUR: "Final[Seconds]" = 3600.0

Hook: TypeAlias = Callable[[BudgetEvent], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that is done when a budget is spent, or burns too fast; exactly one of `url` and `function`.

    Attributes:
        name: Unique, and the same after a restart: what has been run is remembered under it.
        on: The occasion.
        slos: The objectives it looks at; empty looks at all.
        url: Where a JSON object is posted to.
        function: What is called, in a thread of its own.
        cool_down: From one run to the next for the same group of an objective, seconds, >= 0.
        min_burn: For `fast_burn`, what the burn rate over the long window of a firing rule must be above.
        timeout: For one attempt, seconds, > 0.
        give_up_after: Seconds from the decision after which no further attempt is made, > 0.
        alone: Keeps the function from being called beside itself.
    """

    name: str
    on: "Occasion"
    slos: tuple[str, ...] = ()
    url: "Secret | None" = None
    function: Hook | None = None
    cool_down: "Seconds" = HOUR
    min_burn: float | None = None
    timeout: "Seconds" = 10.0
    give_up_after: "Seconds" = HOUR
    alone: BlockingLimit = field(default_factory=lambda: BlockingLimit(1), repr=False, compare=False)

    def concerns(self, slo: str) -> bool:
        """Whether it looks at an objective."""
        return not self.slos or slo in self.slos


class Actions:
    """All actions of one node; more may be added from any thread, and none goes.

    Args:
        slos: The names of all objectives.
        settings: Those of the configuration.

    Raises:
        ConfigError: A function cannot be imported or called.
    """

    def __init__(self, slos: Iterable[str], settings: "Iterable[ActionSettings]" = ()) -> None:
        self._slos = tuple(slos)
        self._actions: tuple[Action, ...] = tuple(_action(one) for one in settings)

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions)

    def __len__(self) -> int:
        return len(self._actions)

    def get(self, name: str) -> Action | None:
        """The one of that name."""
        return next((one for one in self._actions if one.name == name), None)

    def look_at(self, slo: str) -> bool:
        """Whether any of them looks at an objective."""
        return any(one.concerns(slo) for one in self._actions)

    def add(
        self,
        on: "Occasion",
        function: Hook,
        *,
        slos: Iterable[str] = (),
        cool_down: "Seconds" = HOUR,
        min_burn: float | None = None,
        timeout: "Seconds" = 10.0,
    ) -> Action:
        """Have a function called on an occasion.

        It goes by its module and name, so that a restart knows what it was called for already.

        Raises:
            TypeError: It cannot be called as it is.
            ValueError: An objective is unknown, or a function of that name is there for that occasion.
        """
        named = tuple(slos)
        for slo in named:
            if slo not in self._slos:
                raise ValueError(f"no objective {slo!r} ({nearest(slo, self._slos)})")
        if why := _why_not(function):
            raise TypeError(f"on_{on}: {function!r} {why}")
        action = Action(
            name=f"on_{on} {_name_of(function)}",
            on=on,
            slos=named,
            function=function,
            cool_down=cool_down,
            min_burn=min_burn,
            timeout=timeout,
        )
        if self.get(action.name) is not None:
            raise ValueError(f"{action.name} is there already; give the second function another name")
        self._actions = (*self._actions, action)
        return action


def _name_of(function: Hook) -> str:
    module = getattr(function, "__module__", type(function).__module__)
    return f"{module}.{getattr(function, '__qualname__', type(function).__qualname__)}"


def _action(settings: "ActionSettings") -> Action:
    return Action(
        name=settings.name,
        on=settings.on,
        slos=settings.slos,
        url=settings.webhook,
        function=_function(settings) if settings.python else None,
        cool_down=settings.cool_down,
        min_burn=settings.min_burn,
        timeout=settings.timeout,
        give_up_after=settings.give_up_after,
    )


def _function(settings: "ActionSettings") -> Hook:
    """The function that the settings name.

    It is looked for when the node is made, and not when a budget is spent at three in the morning.
    """
    module, _, path = settings.python.partition(":")
    key = f"action.{settings.name}.python"
    try:
        found: object = importlib.import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise ConfigError([f"{key} must lead to a function, got {settings.python!r} ({why})"]) from error
    if why := _why_not(found):
        raise ConfigError([f"{key} must lead to a function, got {settings.python!r}, which {why}"])
    assert callable(found)
    return found


def _why_not(function: object) -> str:
    """Why it cannot be called with an event in a thread; "" if it can."""
    if not callable(function):
        return "cannot be called"
    if inspect.iscoroutinefunction(function):
        return "is async, and is called in a thread; give a plain function"
    try:
        inspect.signature(function).bind(object())
    except TypeError:
        return "does not take one argument, the BudgetEvent"
    except ValueError:  # of some built-in functions nobody knows what they take
        return ""
    return ""
