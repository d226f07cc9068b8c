"""What an action is told."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actors.policy.gate import percent

if TYPE_CHECKING:
    from actors.config import Occasion
    from actors.policy.standing import Standing
    from supervisor.clock import Seconds


@dataclass(frozen=True, slots=True)
class BudgetEvent:
    """What has happened to one budget.

    Attributes:
        slo: The objective's name.
        labels: Of the group; empty is all series as one.
        budget_left: Share of the error budget, negative when overspent; None where nothing was measured.
        burn_rates: By window, `"1h"`; None for a window without events.
        at: When it was decided that the action runs, unix seconds.
        why: In a sentence, for people.
        id: The same at every repetition of one run.
    """

    slo: str
    labels: Mapping[str, str]
    budget_left: float | None
    burn_rates: Mapping[str, float | None]
    at: "Seconds"
    why: str
    id: str


def event_of(action: str, on: "Occasion", standing: "Standing", at: "Seconds") -> BudgetEvent:
    """What an action is told of a standing."""
    return BudgetEvent(
        slo=standing.slo,
        labels=standing.group,
        budget_left=standing.budget_left,
        burn_rates=standing.burn_rates,
        at=at,
        why=_why(on, standing),
        id=run_id(action, standing.slo, standing.group, at),
    )


def _why(on: "Occasion", standing: "Standing") -> str:
    group = ", ".join(f"{name} {value}" for name, value in standing.group.items() if value)
    subject = f"{standing.slo} ({group})" if group else standing.slo
    left = "" if standing.budget_left is None else f"{percent(standing.budget_left)} of it is left"
    if on == "exhausted":
        return f"{subject} has spent its error budget: {left}"
    burning = [(burn, rule) for rule, burn in standing.paging.items() if burn is not None]
    if not burning:
        return f"{subject} burns its error budget too fast"
    burn, rule = max(burning)
    told = f"{subject} burns its error budget {burn:.3g} times too fast over {rule.partition('/')[0]}"
    return f"{told}: {left}" if left else told


def run_id(action: str, slo: str, labels: Mapping[str, str], at: "Seconds") -> str:
    """The id of one run: the same whenever it is decided anew."""
    named = json.dumps([action, slo, sorted(labels.items()), at], ensure_ascii=True)
    return hashlib.sha256(named.encode()).hexdigest()[:32]
