"""From what the objectives say to what the alerts are told; neither knows the other."""

from typing import TYPE_CHECKING

from actors.alerting import AlertSignal
from actors.slo import describe, describe_blind, summarize, summarize_blind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from actors.config import ObjectiveSettings
    from actors.slo import Condition, Evaluator, Judgement
    from supervisor.clock import Seconds


def signals_of(
    conditions: "Iterable[Condition]",
    evaluator: "Evaluator",
    settings: "Mapping[str, ObjectiveSettings]",
    *,
    at: "Seconds",
) -> "Iterator[AlertSignal]":
    """One signal for each condition; the holds of the rules are in it already.

    Args:
        conditions: Of the newest evaluation.
        evaluator: That found them.
        settings: Of each objective, by its name.
        at: Wall time of the evaluation, unix seconds.
    """
    for condition in conditions:
        judgement = evaluator.judgement(condition.slo, condition.group)
        if judgement is not None:
            objective = settings[condition.slo]
            yield AlertSignal(
                labels=labels_of(condition, objective),
                annotations=_annotations(condition, judgement, objective),
                is_active=condition.is_active,
                at=at,
                resolve_hold=0.0,
            )


def labels_of(condition: "Condition", objective: "ObjectiveSettings") -> dict[str, str]:
    """What routes match and the dedup key is made of: nothing in it names the node, or changes meanwhile."""
    labels = {
        "slo": objective.name,
        "sli": objective.sli,
        **objective.match,
        **dict(condition.group),
        "severity": condition.severity,
    }
    return {**labels, "condition": "blind"} if condition.is_blind else labels


def _annotations(
    condition: "Condition", judgement: "Judgement", objective: "ObjectiveSettings"
) -> dict[str, str]:
    if condition.is_blind:
        texts = {"summary": summarize_blind(judgement), "description": describe_blind(judgement)}
    else:
        severity = condition.severity
        texts = {"summary": summarize(judgement, severity), "description": describe(judgement, severity)}
    return texts if objective.runbook_url is None else {**texts, "runbook_url": objective.runbook_url}
