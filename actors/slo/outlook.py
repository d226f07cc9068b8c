"""When the budgets of what burns will be spent, from what the tables hold."""

from fractions import Fraction
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.steps import at_once
from actors.slo.calendar import period, zone_of
from actors.slo.forecast import HOUR, Rates, exhausted_in, exhausted_in_period
from actors.slo.grouping import Group, grouped

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from actors.recording import Tables
    from actors.slo.judge import Judgement
    from actors.slo.objective import Objective

_A_STEP: Final = 8
MOST: Final = 200
"""Groups of which it is worked out at once, those with the least budget left first: each takes half a
millisecond."""


def outlooks(
    judgements: "Sequence[Judgement]", tables: "Tables"
) -> "Mapping[tuple[str, Group], Fraction | None]":
    """Minutes until the budget of each group is spent, by objective and group.

    The rates are those of the last hour. Groups in which nothing bad happened in it have none, nor have
    objectives whose events are minutes, nor those with a window of less than an hour. What maintenance took
    out of a window is taken to be in it.

    Args:
        judgements: As last judged.
        tables: What they were judged by.
    """
    return at_once(outlooks_in_steps(judgements, tables))


def outlooks_in_steps(
    judgements: "Sequence[Judgement]", tables: "Tables"
) -> "Generator[None, None, Mapping[tuple[str, Group], Fraction | None]]":
    """The same, in steps of a few milliseconds but for the first with each objective."""
    rows: dict[str, Mapping[Group, NDArray[np.int64]]] = {}
    found: dict[tuple[str, Group], Fraction | None] = {}
    burning = [one for one in judgements if one.budget_left is not None and one.objective.quantile is None]
    # By floats, which compare far sooner; which of two that are nearly the same comes first is all one.
    worst = nsmallest(MOST, burning, key=lambda one: float(one.budget_left or 0))
    for at, one in enumerate(worst):
        if at % _A_STEP == 0:
            yield
        objective, group = one.objective, tuple(one.group.items())
        if objective.name not in rows:
            rows[objective.name] = _rows(objective, tables)
        if group in rows[objective.name]:
            found[objective.name, group] = _outlook(one, rows[objective.name][group], tables)
    return found


def _rows(objective: "Objective", tables: "Tables") -> "Mapping[Group, NDArray[np.int64]]":
    selected = tables.select(objective.match)
    rows = grouped(selected, objective.group_by)
    return {(): np.array([row for row, _ in selected], np.int64), **rows}


def _outlook(judgement: "Judgement", rows: "NDArray[np.int64]", tables: "Tables") -> "Fraction | None":
    objective, minute = judgement.objective, tables.minute
    if judgement.budget_left is not None and judgement.budget_left <= 0:
        return Fraction(0)
    good, total = tables.sli_counts(rows, HOUR, objective.threshold)
    if minute is None or good == total:
        return None
    rates, budget = Rates(total - good, total), objective.error_budget
    if objective.calendar is not None:
        _, end = period(minute, objective.calendar, zone_of(objective.time_zone))
        bad = judgement.total_events - judgement.good_events
        return exhausted_in_period(bad, judgement.total_events, rates, budget, ends_in=end - minute - 1)
    hours = objective.window_minutes // HOUR
    if not hours:
        return None
    goods, totals = tables.sli_by_hour(rows, objective.threshold, hours)
    return exhausted_in((totals - goods).tolist(), totals.tolist(), rates, budget) or None
