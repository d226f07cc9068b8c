"""Whether a release may go out: what each group has left of its budget, against what is demanded."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from actors.policy.standing import Standing

Unmeasured: TypeAlias = Literal["unknown", "pass", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What every group must have.

    Attributes:
        min_budget: Budget left, a share; exactly so much is enough.
        max_burn: Burn rate over `window`, exactly so much is allowed; None asks for none.
        window: The window whose burn rate is looked at.
        unmeasured: What a group is called of which nothing is known.
    """

    min_budget: float = 0.0
    max_burn: float | None = None
    window: str = "1h"
    unmeasured: Unmeasured = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the demand says to one group.

    Attributes:
        standing: Of the group.
        passes: Whether it has what is demanded; None where that cannot be told.
        why: In words; "" where it passes by what was measured.
    """

    standing: "Standing"
    passes: bool | None
    why: str = ""


def judge_standing(standing: "Standing", demand: Demand) -> Finding:
    """Hold one group against the demand: what is known to be wrong counts, whatever else is unmeasured."""
    left, burn = standing.budget_left, standing.burn_rates.get(demand.window)
    if left is not None and left < demand.min_budget:
        why = f"{percent(left)} of the budget is left, {percent(demand.min_budget)} is needed"
        return Finding(standing, False, why)
    if demand.max_burn is not None and burn is not None and burn > demand.max_burn:
        why = (
            f"burns {burn:.3g} times too fast over {demand.window}, at most {demand.max_burn:.3g} is allowed"
        )
        return Finding(standing, False, why)
    if left is None:
        return _unmeasured(standing, demand, "nothing was measured in its window")
    if demand.max_burn is not None and burn is None:
        return _unmeasured(standing, demand, f"nothing was measured over {demand.window}")
    return Finding(standing, True)


def _unmeasured(standing: "Standing", demand: Demand, why: str) -> Finding:
    passes = {"unknown": None, "pass": True, "fail": False}[demand.unmeasured]
    return Finding(standing, passes, why)


def pass_or_not(findings: "list[Finding]") -> bool | None:
    """Whether all pass: one that does not decides it, then one that cannot be told; nothing tells nothing."""
    answers = [one.passes for one in findings]
    if False in answers:
        return False
    return None if None in answers or not answers else True


def percent(share: float) -> str:
    """A share for people, to six digits: what falls short by little is not shown as the same."""
    return f"{share * 100:.6g}%"
