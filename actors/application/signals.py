"""From what the objectives say to what the alerts are told; neither knows the other."""

from typing import TYPE_CHECKING

from actors.alerting import AlertSignal
from actors.slo import describe, severity_states, summarize

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
                labels=labels_of(judgement, objective, severity),
                annotations=_annotations(judgement, objective, severity),
                is_active=is_active,
                at=at,
                resolve_hold=objective.resolve_hold / time_factor,
            )


def labels_of(judgement: "Judgement", objective: "ObjectiveSettings", severity: str) -> dict[str, str]:
    """What routes match and the dedup key is made of: nothing in it names the node, or changes meanwhile."""
    return {
        "slo": objective.name,
        "sli": objective.sli,
        **objective.match,
        **judgement.group,
        "severity": severity,
    }


def _annotations(judgement: "Judgement", objective: "ObjectiveSettings", severity: str) -> dict[str, str]:
    texts = {"summary": summarize(judgement, severity), "description": describe(judgement, severity)}
    return texts if objective.runbook_url is None else {**texts, "runbook_url": objective.runbook_url}
