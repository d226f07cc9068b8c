"""Which series are behind a judgement, and what each of them counted."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from actors.slo.explain import Explanation, Member, explain, window_to_look_at
from actors.slo.grouping import group_of
from actors.slo.outlook import outlooks
from actors.slo.rule import window_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from actors.recording.tables import Tables
    from actors.slo.evaluator import Evaluator
    from actors.slo.judge import Judgement


def explained(
    evaluator: "Evaluator", tables: "Tables", slo: str, labels: "Mapping[str, str]"
) -> "Iterator[tuple[Judgement, Explanation]]":
    """Each group of an objective that has these labels, with why it stands as it does.

    Args:
        evaluator: What has judged.
        tables: What it has judged by.
        slo: The objective's name.
        labels: That a group must have; {} takes every group.
    """
    judgements = [
        one for one in evaluator.judgements() if one.slo == slo and labels.items() <= one.group.items()
    ]
    spent = outlooks(judgements, tables)
    for one in judgements:
        yield one, explain(one, members_of(one, tables), spent.get((slo, tuple(one.group.items()))))


def explanation_rows(
    evaluator: "Evaluator", tables: "Tables", slo: str, labels: "Mapping[str, str]"
) -> list[dict[str, object]]:
    """The same as rows of plain JSON values."""
    return [
        {
            "name": slo,
            "group": dict(judgement.group),
            "text": why.text,
            "window": window_name(why.window),
            "series": [asdict(member) for member in why.members],
        }
        for judgement, why in explained(evaluator, tables, slo, labels)
    ]


def members_of(judgement: "Judgement", tables: "Tables") -> list[Member]:
    """The series of a group, with what each counted in the window to look at."""
    objective, minutes = judgement.objective, window_to_look_at(judgement)
    good, total = tables.all_sli_counts(minutes, objective.threshold)
    group = tuple(judgement.group.items())
    labelled = ((row, key.all_labels()) for row, key in tables.select(objective.match))
    return [
        Member(labels, int(total[row] - good[row]), int(total[row]))
        for row, labels in labelled
        if not group or group_of(labels, objective.group_by) == group
    ]
