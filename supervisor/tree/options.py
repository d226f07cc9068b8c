"""What a supervisor can be told, and what it refuses."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, get_args

from supervisor.errors import BadChildSpecError
from supervisor.tree.strategy import AutoShutdown, Strategy, WhenLimitHit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from supervisor.clock import Seconds
    from supervisor.tree.backoff import Backoff
    from supervisor.tree.child_spec import ChildSpec
    from supervisor.tree.pace import Pace


class Options(TypedDict, total=False):
    """Keyword arguments of `Supervisor` and `Supervisor.spec`; `SupervisorOptions` says what they mean."""

    strategy: Strategy
    max_restarts: int
    max_seconds: "Seconds"
    auto_shutdown: AutoShutdown
    child_backoff: "Backoff | None"
    when_limit_hit: WhenLimitHit
    pause_seconds: "Seconds"
    restart_pace: "Pace | None"


@dataclass(frozen=True, slots=True)
class SupervisorOptions:
    """What a supervisor does when its children end.

    Attributes:
        strategy: Who is restarted when a child ends: `one_for_one` only that one; `one_for_all` all;
            `rest_for_one` that one and those started after it.
        max_restarts: More restarts than this within `max_seconds` hit the limit, >= 0.
        max_seconds: Length of that window, seconds, > 0.
        auto_shutdown: Whether it ends when a significant child has ended for good: `never`; `any` with the
            first; `all` with the last that was active.
        child_backoff: Delays between restarts of children that have no `backoff` of their own.
        when_limit_hit: `end` gives up, as in OTP; `pause` restarts nobody for `pause_seconds`, and then
            whoever waits; `mark_failed` leaves out the child that hit the limit and goes on.
        pause_seconds: Length of that pause, seconds, > 0.
        restart_pace: How many restarts a second it may make at most; None for any number.

    Raises:
        BadChildSpecError: Naming every option that cannot work.
    """

    strategy: Strategy = "one_for_one"
    max_restarts: int = 3
    max_seconds: "Seconds" = 5.0
    auto_shutdown: AutoShutdown = "never"
    child_backoff: "Backoff | None" = None
    when_limit_hit: WhenLimitHit = "end"
    pause_seconds: "Seconds" = 15.0
    restart_pace: "Pace | None" = None

    def __post_init__(self) -> None:
        problems = tuple(self._problems())
        if problems:
            raise BadChildSpecError(*problems)

    def _problems(self) -> "Iterator[str]":
        for key, allowed in (
            ("strategy", Strategy),
            ("auto_shutdown", AutoShutdown),
            ("when_limit_hit", WhenLimitHit),
        ):
            if (got := getattr(self, key)) not in get_args(allowed):
                yield f"{key} must be one of {', '.join(map(repr, get_args(allowed)))}, got {got!r}"
        yield from limit_problems(self.max_restarts, self.max_seconds)
        if not self.pause_seconds > 0:
            yield f"pause_seconds must be seconds > 0, got {self.pause_seconds!r}"


def limit_problems(max_restarts: object, max_seconds: "Seconds") -> "Iterator[str]":
    """What is wrong with a restart limit."""
    if not isinstance(max_restarts, int) or isinstance(max_restarts, bool) or max_restarts < 0:
        yield f"max_restarts must be a whole number >= 0, got {max_restarts!r}"
    if not max_seconds > 0:
        yield f"max_seconds must be seconds > 0, got {max_seconds!r}"


def checked_options(children: "Sequence[ChildSpec]", options: Options) -> SupervisorOptions:
    """The options of a supervisor of these children.

    Raises:
        BadChildSpecError: Naming everything that cannot work.
    """
    problems: tuple[str, ...] = ()
    try:
        checked = SupervisorOptions(**options)
    except BadChildSpecError as error:
        checked, problems = SupervisorOptions(), error.problems
    problems += tuple(_children_problems(children, options.get("auto_shutdown", "never")))
    if problems:
        raise BadChildSpecError(*problems)
    return checked


def _children_problems(children: "Sequence[ChildSpec]", auto_shutdown: AutoShutdown) -> "Iterator[str]":
    for child_id, count in Counter(spec.id for spec in children).items():
        if count > 1:
            yield f"child id {child_id!r} stands {count} times among its siblings; ids must differ"
    for spec in children:
        yield from significance_problems(spec, auto_shutdown)


def significance_problems(spec: "ChildSpec", auto_shutdown: AutoShutdown) -> "Iterator[str]":
    """What is wrong with a significant child under a supervisor of that mode."""
    if spec.significant and auto_shutdown == "never":
        yield (
            f"child {spec.id!r} is significant; its supervisor's auto_shutdown must be 'any' or 'all', "
            f"got {auto_shutdown!r}"
        )
