"""Tests of the exported rules, for `promtool test rules`: a total outage, and what the formulas say of it.

A short clean time, an outage until the slowest rule has fired, and clean traffic until it has resolved. No
rule has seen the half of its long window then, so the guard against cold starts is tested as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from actors.export import names
from actors.export.events import ALIVE, ERRORS, REQUESTS, SUCCESSES, WITHIN, selector
from actors.export.names import rule_labels
from actors.export.objective_rules import EVERY, alert_labels, annotations
from actors.export.quoting import quoted
from actors.export.rule_file import indented, mapping
from actors.slo.burn_rate import rules_for
from actors.slo.slices import least_events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from actors.export.names import Identity
    from actors.slo.objective import Objective
    from actors.slo.rule import BurnRateRule, Severity

CLEAN: Final = 30
"""Minutes before the outage."""
A_MINUTE: Final = 1000
"""Predictions in each minute."""
_LONGEST: Final = 3 * 1440
_JOB: Final = {"job": "slokeeper", "instance": "node:8080"}


@dataclass(frozen=True, slots=True)
class Story:
    """A total outage between clean minutes; times in minutes since the first.

    Attributes:
        outage: How long it was.
        minutes: How long all of it is.
        active: Minutes after which each rule fires, holds applied; without those that never do.
    """

    outage: int
    minutes: int
    active: "Mapping[BurnRateRule, range]"


def story_of(objective: "Objective") -> Story:
    """The outage that trips every rule of an objective, and when each fires and resolves."""
    rules = rules_for(objective).kept
    firsts = [next(iter(_true(objective, rule, _LONGEST)), 0) for rule in rules]
    outage = max([*firsts, CLEAN + 1]) - CLEAN
    active: dict[BurnRateRule, range] = {}
    for rule in rules:
        true = list(_true(objective, rule, outage))
        if true:
            active[rule] = range(true[0], true[-1] + 1 + objective.resolve_hold)
    end = max((one.stop for one in active.values()), default=CLEAN + outage)
    return Story(outage, end + 5, active)


def _true(objective: "Objective", rule: "BurnRateRule", outage: int) -> Iterator[int]:
    """The minutes after which the rule is true: one stretch, as the outage is.

    By the formula, for even traffic, and in whole numbers: the bad share of the long window is diluted with
    what is missing to `min_coverage` of it.
    """
    end = CLEAN + outage + rule.long_window + 1
    bad = list(accumulate((CLEAN <= minute < CLEAN + outage for minute in range(end)), initial=0))
    limit, share = rule.burn_rate * objective.error_budget, objective.min_coverage
    least = objective.min_bad_events / (1 if objective.quantile is not None else A_MINUTE)
    needed = share.numerator * rule.long_window
    for tick in range(CLEAN + 1, end + 1):
        seen, short = min(tick, rule.long_window), min(tick, rule.short_window)
        long_bad, short_bad = bad[tick] - bad[tick - seen], bad[tick] - bad[tick - short]
        allowed = limit.numerator * max(seen * share.denominator, needed)
        if (
            long_bad >= least
            and long_bad * limit.denominator * share.denominator > allowed
            and short_bad * limit.denominator > limit.numerator * short
        ):
            yield tick


def told_of(active: "Mapping[BurnRateRule, range]", minutes: int) -> "dict[Severity, list[bool]]":
    """After each minute, whether somebody is told of a page, and of a ticket, which a page may mute."""
    told: dict[Severity, list[bool]] = {"page": [False], "ticket": [False]}
    for tick in range(1, minutes + 1):
        fires = {rule.severity for rule, while_ in active.items() if tick in while_}
        told["page"].append("page" in fires)
        told["ticket"].append("ticket" in fires and (told["ticket"][-1] or "page" not in fires))
    return told


# --- the file ---------------------------------------------------------------------------------------------


def unit_tests(objective: "Objective", me: "Identity", rules_file: str, runbook_url: str | None) -> str:
    """The tests of one objective's rules, which lie beside them in `rules_file`."""
    story = story_of(objective)
    lines = [
        f"# A total outage of {objective.name}: {story.outage} minutes, after {CLEAN} clean ones.",
        "rule_files:",
        f"  - {quoted(rules_file)}",
        f"evaluation_interval: {EVERY}",
        "tests:",
        f"  - interval: {EVERY}",
        "    input_series:",
        *indented(_input(objective, story), 6),
        "    promql_expr_test:",
        *indented(_rule_tests(objective, story, me), 6),
        "    alert_rule_test:",
        *indented(_alert_tests(objective, story, me, runbook_url), 6),
    ]
    return "\n".join(lines) + "\n"


def _input(objective: "Objective", story: Story) -> Iterator[str]:
    series = {**_JOB, **dict.fromkeys(objective.group_by, "example"), **objective.match}
    yield from _series(selector(ALIVE, _JOB), f"1x{story.minutes}")
    each = _in_a_minute(objective)
    every = f"0+{each}x{story.minutes}"
    rest = story.minutes - CLEAN - story.outage
    if objective.threshold is None:
        bad = story.outage * each
        yield from _series(selector(REQUESTS, series), every)
        errors = f"_x{CLEAN + 1} {each}+{each}x{story.outage - 1} {bad}x{rest}"
        yield from _series(selector(ERRORS, series), errors)
        return
    good = CLEAN * each
    yield from _series(selector(SUCCESSES, series), every)
    within = f"0+{each}x{CLEAN} {good}x{story.outage - 1} {good + each}+{each}x{rest}"
    yield from _series(selector(WITHIN, series, le=str(float(objective.threshold))), within)


def _in_a_minute(objective: "Objective") -> int:
    """So many predictions that a minute can be judged."""
    return A_MINUTE if objective.quantile is None else max(A_MINUTE, least_events(objective))


def _series(name: str, values: str) -> Iterator[str]:
    yield f"- series: {quoted(name)}"
    yield f"  values: {quoted(values)}"


def _groups(objective: "Objective") -> list[dict[str, str]]:
    """The labels of each group that is judged."""
    group = {name: objective.match.get(name, "example") for name in objective.group_by}
    return [group, {}] if objective.rollup and group else [group]


def _rule_tests(objective: "Objective", story: Story, me: "Identity") -> Iterator[str]:
    groups = len(_groups(objective))
    for rule, while_ in story.active.items():
        expr = f"sum({me.of(names.ACTIVE, **rule_labels(rule))})"
        for tick in (while_.start - 1, while_.start, while_.stop - 1, while_.stop):
            yield f"- expr: {quoted(expr)}"
            yield f"  eval_time: {tick}m"
            yield "  exp_samples:"
            yield f'    - {{labels: "{{}}", value: {groups if tick in while_ else 0}}}'


def _alert_tests(
    objective: "Objective", story: Story, me: "Identity", runbook_url: str | None
) -> Iterator[str]:
    told = told_of(story.active, story.minutes)
    for tick in _edges(told, story.minutes):
        yield f"- eval_time: {tick}m"
        yield f"  alertname: {names.ALERT}"
        fires = [severity for severity, each in told.items() if each[tick]]
        yield "  exp_alerts:" if fires else "  exp_alerts: []"
        for severity in fires:
            for group in _groups(objective):
                labels = group | alert_labels(objective, severity, me)
                lines = [
                    *mapping("exp_labels", labels),
                    *mapping("exp_annotations", annotations(objective, severity, runbook_url)),
                ]
                yield from (f"    {'- ' if not at else '  '}{line}" for at, line in enumerate(lines))


def _edges(told: "Mapping[Severity, Sequence[bool]]", minutes: int) -> list[int]:
    """Each minute in which anything changes, and the one before it."""
    changed = [
        tick for tick in range(1, minutes + 1) if any(each[tick] != each[tick - 1] for each in told.values())
    ]
    return sorted({edge for tick in changed for edge in (tick - 1, tick)})
