"""From what the objectives say to what the alerts are told; neither knows the other."""

from typing import TYPE_CHECKING

from actors.alerting import AlertSignal
from actors.slo import annotations, labels, severity_states

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from actors.config import ObjectiveSettings
    from actors.slo import Judgement
    from supervisor.clock import Seconds


def signals_of(
    judgements: "Iterable[Judgement]", objective: "ObjectiveSettings", *, at: "Seconds", time_factor: float
) -> "Iterator[AlertSignal]":
    """One signal for each group and severity of one objective, whether it burns or not.

    Args:
        judgements: Of one objective, a group each.
        objective: Its settings.
        at: Wall time of the evaluation, unix seconds.
        time_factor: By which windows, and so the hold, are shortened.
    """
    for judgement in judgements:
        for severity, is_active in severity_states(judgement).items():
            yield AlertSignal(
                labels=labels(judgement, severity),
                annotations=annotations(judgement, severity),
                is_active=is_active,
                at=at,
                resolve_hold=objective.resolve_hold / time_factor,
            )
