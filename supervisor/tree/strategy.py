"""Who is restarted when a child ends: two decisions, each a function of values."""

from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

from supervisor.process.exits import is_abnormal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supervisor.process.exits import ExitReason

Strategy: TypeAlias = Literal["one_for_one", "one_for_all", "rest_for_one"]
RestartType: TypeAlias = Literal["permanent", "transient", "temporary"]


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


def group_of(strategy: Strategy, ids: "Sequence[str]", ended: str) -> tuple[str, ...]:
    """Ids of the children that are restarted together with `ended`, itself included, in start order."""
    match strategy:
        case "one_for_one":
            return (ended,)
        case "one_for_all":
            return tuple(ids)
        case "rest_for_one":
            return tuple(ids[ids.index(ended) :])
        case _:
            assert_never(strategy)
