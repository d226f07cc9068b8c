"""One objective as groups of rules."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from actors.export import names
from actors.export.burn import last, rule_recordings
from actors.export.events import counted, metrics_of
from actors.export.quoting import duration_name
from actors.export.rule_file import Alerting, Recording, RuleGroup
from actors.slo.burn_rate import rules_for
from actors.slo.rule import SEVERITIES
from actors.slo.slices import least_events
from actors.version import __version__

if TYPE_CHECKING:
    from actors.export.names import Identity
    from actors.slo.objective import Objective
    from actors.slo.rule import BurnRateRule, Severity

EVERY: Final = "1m"
PERIOD_EVERY: Final = "2m"
"""Between two looks at the whole period: of no alert, and by far the dearest."""
BLIND_WINDOW: Final = 60
BLIND_AFTER: Final = 1440
_CURRENT: Final = 5


def groups_of(
    objective: "Objective", me: "Identity", without: Iterable[str] = (), runbook_url: str | None = None
) -> list[RuleGroup]:
    """What is recorded of an objective and alerted on, and what is only told of it.

    Args:
        objective: Which.
        me: How it is told from others.
        without: What is not in the rules, for who reads the file.
        runbook_url: Shown with its alerts.
    """
    rules = rules_for(objective)
    alerts = RuleGroup(
        f"slokeeper-{me.id}",
        EVERY,
        (*_recordings(objective, rules.kept, me), *_alerts(objective, rules.kept, me, runbook_url)),
        (*(f"left out: {one}" for one in rules.left_out), *without),
    )
    return [alerts, RuleGroup(f"slokeeper-{me.id}-period", PERIOD_EVERY, tuple(_told(objective, me)))]


def left_out(objective: "Objective") -> tuple[str, ...]:
    """What PromQL cannot say of it, and so is not in its rules."""
    if objective.calendar is None:
        return ()
    period = f"the budget of the calendar's {objective.calendar}"
    return (f"left out: {period}, which no range of PromQL can be; alerts need none of it",)


# --- recordings -----------------------------------------------------------------------------------------


def _recordings(
    objective: "Objective", rules: "tuple[BurnRateRule, ...]", me: "Identity"
) -> Iterator[Recording]:
    yield from _one_minute(objective, me)
    for window in _windows(rules):
        yield from _window(window, me)
    if objective.min_coverage:
        for window in sorted({BLIND_WINDOW, *(rule.long_window for rule in rules)}):
            yield _measured(window, me)
    for rule in rules:
        for recording in rule_recordings(objective, rule, me):
            yield Recording(
                recording.record, recording.expr, {**me.labels, **recording.labels}, recording.comment
            )


def _windows(rules: "tuple[BurnRateRule, ...]") -> list[int]:
    """All that its alerts look at, and the one that tells how it burns now."""
    return sorted({_CURRENT, *(each for rule in rules for each in (rule.short_window, rule.long_window))})


def _one_minute(objective: "Objective", me: "Identity") -> Iterator[Recording]:
    if objective.quantile is not None:
        yield from _slices(objective, me)
        return
    bys = (objective.group_by, ()) if _has_rollup(objective) else (objective.group_by,)
    every, other = metrics_of(objective)
    for by in bys:
        comment = "all groups together" if _has_rollup(objective) and not by else ""
        yield Recording(names.total(1), counted(every, by), me.labels, comment)
        if objective.threshold is None:
            # A counter that never failed does not exist.
            expr = f"{counted(other, by)}\nor {counted(every, by)} * 0"
        else:
            expr = f"{counted(every, by)}\n- {counted(other, by)}"
        yield Recording(names.bad(1), expr, me.labels)


def _slices(objective: "Objective", me: "Identity") -> Iterator[Recording]:
    """Minutes as events; one of all groups together is good if it is of each."""
    assert objective.quantile is not None
    every, good = metrics_of(objective)
    yield Recording(names.PREDICTIONS, counted(every, objective.group_by), me.labels)
    yield Recording(names.WITHIN, counted(good, objective.group_by), me.labels)
    predictions, within = me.of(names.PREDICTIONS), me.of(names.WITHIN)
    share = objective.quantile
    total = f"{predictions} >= bool {least_events(objective)}"
    bad = f"({within} * {share.denominator} < bool {predictions} * {share.numerator}) * ({total})"
    comment = "an event is a minute with enough predictions to judge it"
    yield Recording(names.total(1), total, me.labels, comment)
    yield Recording(names.bad(1), bad, me.labels)
    if _has_rollup(objective):
        yield Recording(names.total(1), f"max({total})", me.labels, "all groups together")
        yield Recording(names.bad(1), f"max({bad})", me.labels)


def _has_rollup(objective: "Objective") -> bool:
    return objective.rollup and bool(objective.group_by)


def _window(minutes: int, me: "Identity") -> Iterator[Recording]:
    if minutes > 1:
        for name in (names.total, names.bad):
            yield Recording(name(minutes), f"sum_over_time({me.of(name(1))}[{last(minutes)}])", me.labels)
    ratio = f"{me.of(names.bad(minutes))} / ({me.of(names.total(minutes))} > 0)"
    labels = me.labels | {"sloth_window": duration_name(minutes)}
    yield Recording(names.error_ratio(minutes), ratio, labels)


def _measured(minutes: int, me: "Identity") -> Recording:
    count = f"count_over_time({me.of(names.total(1))}[{last(minutes)}])"
    return Recording(names.measured(minutes), count, me.labels)


def _told(objective: "Objective", me: "Identity") -> Iterator[Recording]:
    """What people and Sloth's dashboards read."""
    minutes = objective.window_minutes
    target, budget = float(objective.target), float(objective.error_budget)
    yield Recording("slo:objective:ratio", f"vector({target!r})", me.labels)
    yield Recording("slo:error_budget:ratio", f"vector({budget!r})", me.labels)
    yield Recording("slo:time_period:days", f"vector({minutes / 1440:.10g})", me.labels)
    current = me.of(names.error_ratio(_CURRENT))
    yield Recording("slo:current_burn_rate:ratio", _over_budget(current, me), me.labels)
    if objective.calendar is None:
        if minutes not in _windows(rules_for(objective).kept):
            yield from _window(minutes, me)
        period = _over_budget(me.of(names.error_ratio(minutes)), me)
        yield Recording("slo:period_burn_rate:ratio", period, me.labels)
        left = f"1 - {me.of('slo:period_burn_rate:ratio')}"
        yield Recording("slo:period_error_budget_remaining:ratio", left, me.labels)
    facts = {
        "sloth_mode": "slokeeper",
        "sloth_objective": f"{float(100 * objective.target):.10g}",
        "sloth_spec": "slokeeper",
        "sloth_version": __version__,
    }
    yield Recording("sloth_slo_info", "vector(1)", me.labels | facts)


def _over_budget(ratio: str, me: "Identity") -> str:
    ours = "on (sloth_id, sloth_service, sloth_slo)"
    return f"{ratio}\n/ {ours} group_left ()\n{me.of('slo:error_budget:ratio')}"


# --- alerts ---------------------------------------------------------------------------------------------


def _alerts(
    objective: "Objective", rules: "tuple[BurnRateRule, ...]", me: "Identity", runbook_url: str | None
) -> Iterator[Recording | Alerting]:
    present = [severity for severity in SEVERITIES if any(rule.severity == severity for rule in rules)]
    for severity in present:
        expr = f"{me.of_severity(names.ACTIVE, severity)} > 0"
        comment = ""
        if severity == "ticket" and "page" in present:
            comment = "a page mutes the tickets that begin while it fires"
            yield Recording(names.TOLD, _ticket(me), me.labels, comment)
            expr = f"{me.of(names.TOLD)} > 0"
        yield Alerting(
            names.ALERT,
            expr,
            alert_labels(objective, severity, me),
            annotations(objective, severity, runbook_url),
        )
    if objective.min_coverage:
        yield Alerting(
            names.BLIND_ALERT,
            _blind(objective, me),
            alert_labels(objective, "ticket", me),
            {"summary": f"{objective.name} has not been measured for most of the last hour"},
            "measured before, and now too little to judge it by",
        )


def _ticket(me: "Identity") -> str:
    ticket, page = me.of_severity(names.ACTIVE, "ticket"), me.of_severity(names.ACTIVE, "page")
    return "\n".join(
        (
            f"({ticket} > 0 unless {page} > 0)",
            f"or ({ticket} > 0 and {me.of(names.TOLD)} > 0)",
            f"or {ticket} * 0",
        )
    )


def _blind(objective: "Objective", me: "Identity") -> str:
    minute = me.of(names.total(1))
    needed = float(objective.min_coverage * BLIND_WINDOW)
    before = f"count_over_time({minute}[{duration_name(BLIND_AFTER)}] offset {duration_name(BLIND_WINDOW)})"
    return "\n".join(
        (
            f"({me.of(names.measured(BLIND_WINDOW))} or {before} * 0) < {needed:.10g}",
            f"and {before} > 0",
        )
    )


def alert_labels(objective: "Objective", severity: "Severity", me: "Identity") -> dict[str, str]:
    """On an alert: Sloth's, and those that the alerts of a node have, so that the same routes fit."""
    ours = {"slo": objective.name, "sli": objective.sli, "severity": severity}
    return me.labels | {"sloth_severity": severity} | ours


def annotations(objective: "Objective", severity: "Severity", runbook_url: str | None) -> dict[str, str]:
    """What people read of an alert."""
    how = "fast enough to wake somebody" if severity == "page" else "faster than it may"
    found = {"summary": f"{objective.name} burns its error budget {how}"}
    return found | ({"runbook_url": runbook_url} if runbook_url else {})
