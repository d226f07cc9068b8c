"""Budget and burn rates over time, for pictures."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from actors.slo.evaluator import Evaluator
    from actors.slo.grouping import Group

MOST: Final = 12
"""Groups whose curves are kept."""


@dataclass(slots=True)
class Curve:
    """Of one group of one objective.

    Attributes:
        minutes: When.
        budget_left: Share of the budget; nan without events.
        burn_rates: By window, `"1h"`; nan without events.
        thresholds: Burn rate that is too fast, by the rule's name.
    """

    minutes: list[int] = field(default_factory=list)
    budget_left: list[float] = field(default_factory=list)
    burn_rates: dict[str, list[float]] = field(default_factory=dict)
    thresholds: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Curves:
    """Of the groups that came first."""

    by_group: "dict[tuple[str, Group], Curve]" = field(default_factory=dict)

    def add(self, minute: int, evaluator: "Evaluator") -> None:
        """Take one point of each curve."""
        if len(self.by_group) < MOST:
            for one in evaluator.judgements()[:MOST]:
                if len(self.by_group) < MOST:
                    key = (one.slo, tuple(one.group.items()))
                    self.by_group.setdefault(key, Curve())
        for (slo, group), curve in self.by_group.items():
            judgement = evaluator.judgement(slo, group)
            if judgement is None or (curve.minutes and curve.minutes[-1] == minute):
                continue
            curve.minutes.append(minute)
            left = judgement.budget_left
            curve.budget_left.append(float("nan") if left is None else float(left))
            for window, rate in judgement.burn_rates.items():
                curve.burn_rates.setdefault(window, []).append(float("nan") if rate is None else rate)
            if not curve.thresholds:
                rules = evaluator.rules[slo].kept
                curve.thresholds = {rule.name: float(rule.burn_rate) for rule in rules}
