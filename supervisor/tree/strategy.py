"""What follows when a child ends: decisions, each a function of values."""

from itertools import dropwhile
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from supervisor.process.exits import is_abnormal

if TYPE_CHECKING:
    from collections.abc import Collection

    from supervisor.process.exits import ExitReason

Strategy: TypeAlias = Literal["one_for_one", "one_for_all", "rest_for_one"]
RestartType: TypeAlias = Literal["permanent", "transient", "temporary"]
AutoShutdown: TypeAlias = Literal["never", "any", "all"]
WhenLimitHit: TypeAlias = Literal["end", "pause", "mark_failed"]


def wants_restart(restart: RestartType, reason: "ExitReason") -> bool:
    """Whether a child of that restart type, ended for that reason, is to be started again.

    Source:
        OTP: permanent always; transient after a crash or a kill, not after a normal end or a shutdown;
        temporary never.
    """
    match restart:
        case "permanent":
            return True
        case "transient":
            return is_abnormal(reason)
        case "temporary":
            return False
        case _:
            assert_never(restart)


def group_of(strategy: Strategy, ids: "Collection[str]", ended: str) -> tuple[str, ...]:
    """Ids of the children that are restarted together with `ended`, itself included, in start order."""
    match strategy:
        case "one_for_one":
            return (ended,)
        case "one_for_all":
            return tuple(ids)
        case "rest_for_one":
            return tuple(dropwhile(lambda one: one != ended, ids))
        case _:
            assert_never(strategy)


def ends_with(mode: AutoShutdown, *, others_active: bool) -> bool:
    """Whether a supervisor ends with a significant child that is not restarted.

    Args:
        mode: Its `auto_shutdown`.
        others_active: Whether another significant child runs, or is about to.
    """
    match mode:
        case "never":
            return False
        case "any":
            return True
        case "all":
            return not others_active
        case _:
            assert_never(mode)
