"""How a child is started, restarted and stopped."""

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from supervisor.errors import BadChildSpecError
from supervisor.process.actor import Actor
from supervisor.process.mailbox import WhenEnded
from supervisor.process.registry import Name, is_name
from supervisor.tree.options import limit_problems
from supervisor.tree.strategy import RestartType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from supervisor.clock import Seconds
    from supervisor.process.bounded_mailbox import MailboxLimit
    from supervisor.tree.backoff import Backoff

Shutdown: TypeAlias = "Seconds | Literal['brutal_kill', 'infinity']"
Kind: TypeAlias = Literal["worker", "supervisor"]

_WORDS: Final = tuple(
    (key, get_args(allowed))
    for key, allowed in (("restart", RestartType), ("kind", Kind), ("mailbox", WhenEnded))
)


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How a child is started, restarted and stopped.

    Attributes:
        id: Its name among its siblings; with its supervisor's path before it, the name it is found by.
        start: Makes the actor, from `args` and `kwargs`; called anew for every incarnation.
        args: Positional arguments of `start`.
        kwargs: Keyword arguments of `start`.
        restart: `permanent` always, `transient` after an abnormal end, `temporary` never.
        shutdown: Seconds from being asked to stop to being killed, >= 0; `infinity` waits for ever,
            `brutal_kill` does not ask.
        kind: `supervisor` for one that has children itself.
        backoff: Delays between restarts; None takes the supervisor's `child_backoff`, and if that is None
            too, restarts at once, as OTP does.
        mailbox: `keep` lets unread messages wait for the next incarnation, at the cost of the one in hand;
            `drop` loses them with their actor, as OTP does, but counted and reported.
        mailbox_limit: How many messages may wait; None for any number, as in OTP.
        significant: Whether its end can end its supervisor; see `auto_shutdown`. Not for a permanent one.
        start_timeout: Seconds that `init` may take before it is killed, > 0; None for ever.
        ready_timeout: Seconds, > 0, from then until `Actor.report_ready`, which whoever is started next
            waits for; None waits for `init` only.
        max_restarts: A limit of its own beside its supervisor's, >= 0; None for none.
        max_seconds: Length of the window of that limit, seconds, > 0.
        name: Another name that it is found by: a string, or a key of a registry by `Via`. It is claimed
            before `init` runs, and free between two incarnations, also where the mailbox waits.

    Raises:
        BadChildSpecError: Naming every field that cannot work.

    Source:
        OTP's child specification. Differs: `shutdown` is in seconds; `backoff`, `mailbox`, the timeouts and
        the limit are ours; an unknown field is refused, not overlooked.
    """

    id: str
    start: "Callable[..., Actor]"
    args: "tuple[object, ...]" = ()
    kwargs: "Mapping[str, object]" = field(default_factory=dict)
    restart: RestartType = "permanent"
    shutdown: Shutdown = 5.0
    kind: Kind = "worker"
    backoff: "Backoff | None" = None
    mailbox: WhenEnded = "drop"
    mailbox_limit: "MailboxLimit | None" = None
    significant: bool = False
    start_timeout: "Seconds | None" = None
    ready_timeout: "Seconds | None" = None
    max_restarts: int | None = None
    max_seconds: "Seconds" = 5.0
    name: Name | None = None

    def __post_init__(self) -> None:
        problems = tuple(self._problems())
        if problems:
            raise BadChildSpecError(*(f"child {self.id!r}: {problem}" for problem in problems))

    @classmethod
    def of(cls, actor: type[Actor], *args: object, **overrides: object) -> "ChildSpec":
        """The spec of an actor's class: its name as the id, and its `child_defaults`.

        Args:
            actor: What is started.
            args: Its positional arguments.
            overrides: Fields that differ, `id` and `kwargs` among them.

        Raises:
            BadChildSpecError: A field cannot work.
            TypeError: There is no such field.
        """
        chosen: dict[str, object] = {"id": actor.__name__, "start": actor, "args": args}
        for base in reversed(actor.__mro__):
            chosen |= vars(base).get("child_defaults", {})
        return cls(**chosen | overrides)  # type: ignore[arg-type]  # checked field by field

    def without_arguments(self) -> "ChildSpec":
        """The same, but for the arguments: what is kept of a temporary child that has started."""
        bare = object.__new__(ChildSpec)
        for name in _FIELDS:
            object.__setattr__(bare, name, getattr(self, name))
        object.__setattr__(bare, "args", ())
        object.__setattr__(bare, "kwargs", {})
        return bare

    def _problems(self) -> "Iterator[str]":
        # What a caller without a type checker may have put there.
        given: object = self.id
        start: object = self.start
        if not isinstance(given, str) or not given or "/" in given:
            yield f"id must be a non-empty string without '/', got {self.id!r}"
        if not callable(start):
            yield f"start must be callable, got {self.start!r}"
        if self.name is not None and not is_name(self.name):
            yield f"name must be a non-empty string, a Via or None, got {self.name!r}"
        for key, allowed in _WORDS:
            if getattr(self, key) not in allowed:
                yield f"{key} must be one of {', '.join(map(repr, allowed))}, got {getattr(self, key)!r}"
        if not _is_shutdown(self.shutdown):
            yield f"shutdown must be 'brutal_kill', 'infinity' or seconds >= 0, got {self.shutdown!r}"
        if self.significant and self.restart == "permanent":
            yield "significant needs restart 'transient' or 'temporary', got 'permanent'"
        if self.start_timeout is not None or self.ready_timeout is not None:
            yield from self._timeout_problems()
        if self.max_restarts is not None:
            yield from limit_problems(self.max_restarts, self.max_seconds)

    def _timeout_problems(self) -> "Iterator[str]":
        for key in ("start_timeout", "ready_timeout"):
            seconds = getattr(self, key)
            if seconds is not None and not seconds > 0:
                yield f"{key} must be seconds > 0 or None, got {seconds!r}"


_FIELDS: Final = tuple(one.name for one in fields(ChildSpec))

Startable: TypeAlias = "ChildSpec | type[Actor] | tuple[object, ...]"
"""A child spec, or its short form: an actor's class, or a tuple of that and its arguments."""


def as_child_spec(child: Startable) -> ChildSpec:
    """The child spec behind a short form.

    Raises:
        BadChildSpecError: It is none.
    """
    given: object = child  # what a caller without a type checker may have put there
    match given:
        case ChildSpec():
            return given
        case type() if issubclass(given, Actor):
            return ChildSpec.of(given)
        case (type() as actor, *args) if issubclass(actor, Actor):
            return ChildSpec.of(actor, *args)
    raise BadChildSpecError(
        f"a child must be a ChildSpec, an Actor's class or (class, *arguments), got {child!r}"
    )


def _is_shutdown(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return (
        value in {"brutal_kill", "infinity"}
        if isinstance(value, str)
        else isinstance(value, int | float) and value >= 0
    )
