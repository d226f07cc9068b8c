"""Targets that would have held: the strictest for which the budget was kept, and few enough pages came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final

from actors.replay.driver import Case, replay
from actors.replay.episodes import incidents

if TYPE_CHECKING:
    from actors.replay.driver import Replayed
    from actors.replay.traffic import Traffic
    from actors.slo import Objective

MONTH: Final = 30 * 1440
_COARSE: Final = tuple(
    Fraction(digits, 10**exponent) for exponent in range(2, 7) for digits in (10, 15, 20, 30, 50, 70)
)
"""Error budgets from 0.001 % to 70 %."""
_SIGNIFICANT: Final = 3
_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Fit:
    """A target that would have held.

    Attributes:
        objective: As it is now.
        target: What is proposed; None where no candidate held.
        pages: How often somebody would have been woken with it.
        pages_now: How often with the present target.
        holds_now: Whether the present target's budget is kept.
    """

    objective: "Objective"
    target: Fraction | None
    pages: int
    pages_now: int
    holds_now: bool


def fit(
    traffic: "Traffic",
    objectives: "Sequence[Objective]",
    pages_a_month: float,
    on_minute: Callable[[int], object] = lambda _: None,
) -> list[Fit]:
    """Propose a target for each objective.

    Candidates are tried, all at once, on a grid that gets finer around the strictest that held; what is
    proposed was replayed itself, since nothing says that fewer pages come with every looser target.

    Args:
        traffic: What happened.
        objectives: What is promised now.
        pages_a_month: So many are borne, by the objective; scaled to the length of the traffic.
        on_minute: Told of each minute that is done, in each of three passes.

    Returns:
        One for each objective, its target to three digits of the error budget.
    """
    now = {one.name: one.error_budget for one in objectives}
    tried: dict[str, dict[Fraction, tuple[bool, int]]] = {one.name: {} for one in objectives}
    wanted = {name: {*_COARSE, budget} for name, budget in now.items()}
    for _ in range(3):
        _try(traffic, objectives, wanted, tried, on_minute)
        wanted = {name: _finer(found, _limit(traffic, pages_a_month)) for name, found in tried.items()}
    return [_best(one, tried[one.name], _limit(traffic, pages_a_month)) for one in objectives]


def _limit(traffic: "Traffic", pages_a_month: float) -> float:
    first, last = traffic.span() or (0, 0)
    return pages_a_month * (last - first + 1) / MONTH


def _try(
    traffic: "Traffic",
    objectives: "Sequence[Objective]",
    wanted: dict[str, set[Fraction]],
    tried: dict[str, dict[Fraction, tuple[bool, int]]],
    on_minute: Callable[[int], object],
) -> None:
    candidates = {
        f"{number} {budget}": (one.name, budget, replace(one, name=f"{number} {budget}", target=1 - budget))
        for number, one in enumerate(objectives)
        for budget in sorted(wanted[one.name])
    }
    case = Case("fit", tuple(one for _, _, one in candidates.values()))
    for replayed in replay(traffic, [case], on_minute=on_minute):
        for candidate, (name, budget, _) in candidates.items():
            tried[name][budget] = _outcome(replayed, candidate)


def _outcome(replayed: "Replayed", name: str) -> tuple[bool, int]:
    """Whether the budget of every group is kept, and how many pages there were."""
    is_kept = all(
        one.budget_left is None or one.budget_left >= 0 for one in replayed.judgements if one.slo == name
    )
    return is_kept, incidents((one for one in replayed.episodes if one.slo == name), "page")


def _strictest(tried: dict[Fraction, tuple[bool, int]], limit: float) -> Fraction | None:
    return min(
        (budget for budget, (is_kept, pages) in tried.items() if is_kept and pages <= limit), default=None
    )


def _finer(tried: dict[Fraction, tuple[bool, int]], limit: float) -> set[Fraction]:
    """Budgets of three digits between the strictest that held and the next stricter that did not."""
    best = _strictest(tried, limit)
    stricter = max((budget for budget in tried if best is not None and budget < best), default=None)
    if best is None or stricter is None:
        return set()
    # Of the digits that the stricter one has.
    unit = Fraction(10) ** (floor(log10(stricter)) - _SIGNIFICANT + 1)
    low, high = floor(stricter / unit) + 1, ceil(best / unit) - 1
    step = max(1, ceil((high - low + 1) / _STEPS))
    return {unit * digits for digits in range(low, high + 1, step)}


def _best(objective: "Objective", tried: dict[Fraction, tuple[bool, int]], limit: float) -> Fit:
    best, (holds_now, pages_now) = _strictest(tried, limit), tried.get(objective.error_budget, (True, 0))
    pages = 0 if best is None else tried[best][1]
    return Fit(objective, None if best is None else 1 - best, pages, pages_now, holds_now)
