"""From what the objectives say to what the actions look at."""

from typing import TYPE_CHECKING

from actors.policy import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actors.slo import Judgement


def standings_of(judgements: "Iterable[Judgement]") -> tuple[Standing, ...]:
    """How each group stands; of its rules those of severity page that fire, their holds applied."""
    return tuple(_standing(judgement) for judgement in judgements)


def _standing(judgement: "Judgement") -> Standing:
    left = judgement.budget_left
    return Standing(
        slo=judgement.slo,
        group=dict(judgement.group),
        budget_left=None if left is None else float(left),
        burn_rates=dict(judgement.burn_rates),
        paging={
            rule.rule.name: judgement.burn_rates[rule.long]
            for rule in judgement.rules
            if rule.severity == "page" and rule.is_firing
        },
        has_enough_bad=judgement.total_events - judgement.good_events >= judgement.objective.min_bad_events,
    )
