"""`[[slo]]`."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias, get_args

from actors.config.guesses import guess_share
from actors.config.labels import as_label_names, as_labels
from actors.config.quantities import exact, format_duration, format_percent, parse_duration
from actors.config.rules import read_rules
from actors.config.settings import DAY, Calendar, ObjectiveSettings, Sli
from actors.config.values import (
    UnfitError,
    as_address,
    as_flag,
    as_name,
    as_objective,
    as_ratio,
    as_share,
    duration,
    one_of,
    shown,
    whole,
)
from actors.config.zones import as_zone_name

if TYPE_CHECKING:
    from actors.config.table import Table
    from supervisor.clock import Seconds

Window: TypeAlias = "tuple[Seconds, Calendar | None]"
"""Its length, and the calendar's period that it is, if it is one."""

SLIS: Final[tuple[Sli, ...]] = ("availability", "latency")
CALENDARS: Final[tuple[Calendar, ...]] = get_args(Calendar)
LONGEST_WINDOW: Final = 30 * DAY
"""Counts are kept for so long."""
NOMINAL: Final[Mapping[Calendar, "Seconds"]] = {
    "week": 7 * DAY,
    "month": 30 * DAY,
    "quarter": 90 * DAY,
    "year": 365 * DAY,
}
"""What the factors of rules are scaled to, though a month may have 31 days."""
MOST_BAD_EVENTS: Final = 1_000_000

_MINUTE = 60.0
_QUANTILE = re.compile(r"p(\d{1,15}(?:\.\d{1,15})?)", re.ASCII)
_OTHER_SLIS: Final = {
    **dict.fromkeys(("errors", "error", "error_rate", "success_rate", "uptime", "ratio"), "availability"),
    **dict.fromkeys(("duration", "response_time", "p99", "speed", "quantile", "threshold"), "latency"),
}
_OTHER_KEYS: Final = {
    **dict.fromkeys(("target", "goal", "slo"), "objective"),
    **dict.fromkeys(("labels", "selector", "matchers"), "match"),
    **dict.fromkeys(("period", "time_window", "budget_window"), "window"),
    **dict.fromkeys(("percentile", "percentiles"), "quantile"),
    **dict.fromkeys(("timezone", "tz", "zone"), "time_zone"),
    **dict.fromkeys(("resolve_after", "hold", "keep_firing_for"), "resolve_hold"),
    **dict.fromkeys(("min_failures", "min_events"), "min_bad_events"),
    **dict.fromkeys(("rule", "alerts", "alerting"), "rules"),
    "type": "sli",
    "runbook": "runbook_url",
}


def read_objective(table: "Table", evaluate_every: "Seconds") -> ObjectiveSettings:
    """One objective, and whether its keys fit together."""
    default = ObjectiveSettings(name="", sli="availability", match={})
    rolling: Window = default.window, None
    window, calendar = table.optional("window", as_window, rolling)
    objective = ObjectiveSettings(
        name=table.needed("name", as_name, "", '"fraud-availability"'),
        sli=table.needed("sli", one_of(SLIS, _OTHER_SLIS), "availability", '"availability" or "latency"'),
        match=table.optional("match", as_labels, {}),
        group_by=table.optional("group_by", as_label_names, ()),
        rollup=table.optional("rollup", as_flag, default.rollup),
        objective=table.needed("objective", as_objective, default.objective, '0.999 or "99.9%"'),
        window=window,
        calendar=calendar,
        time_zone=table.optional("time_zone", as_zone_name, default.time_zone),
        threshold=table.optional("threshold", duration(0.001, 3600.0, bare="ms"), None),
        quantile=table.optional("quantile", as_quantile, None),
        resolve_hold=table.optional("resolve_hold", duration(0.0, DAY, bare="m"), default.resolve_hold),
        min_coverage=table.optional("min_coverage", as_share, default.min_coverage),
        min_bad_events=table.optional("min_bad_events", whole(0, MOST_BAD_EVENTS), default.min_bad_events),
        min_slice_events=table.optional("min_slice_events", whole(1, MOST_BAD_EVENTS), None),
        runbook_url=table.optional("runbook_url", as_address, None),
    )
    _check_times(table, objective, evaluate_every)
    _check_sli(table, objective)
    _check_slices(table, objective)
    _check_groups(table, objective)
    objective = replace(objective, rules=read_rules(table, objective))
    table.rest_is_unknown(_OTHER_KEYS)
    return objective


def as_window(value: object) -> "Window":
    """Length of a rolling window, or a calendar's period with its nominal length."""
    for calendar in CALENDARS:
        if value == calendar:
            return NOMINAL[calendar], calendar
    text = value.strip().lower() if isinstance(value, str) else ""
    meant = next((one for one in CALENDARS if one != "week" and one in text), None)
    if meant or text in {"weekly", "calendar week"}:
        known = 'must be a duration such as "30d", or "week", "month", "quarter" or "year"'
        raise UnfitError(known, value, f'write "{meant or "week"}"')
    seconds = parse_duration(value) if isinstance(value, str) else None
    if seconds is not None and seconds > LONGEST_WINDOW:
        bounds = f"{format_duration(_MINUTE)} and {format_duration(LONGEST_WINDOW)}"
        hint = 'longer ones are calendar\'s: "month", "quarter" or "year"'
        raise UnfitError(f"must lie between {bounds}", value, hint)
    return duration(_MINUTE, LONGEST_WINDOW, bare="d")(value), None


def as_quantile(value: object) -> float:
    """A share strictly between 0 and 1; "p99" is 0.99, and "p99.9" 0.999."""
    named = _QUANTILE.fullmatch(value) if isinstance(value, str) else None
    ratio = as_ratio(value if named is None else f"{named[1]}%", '0.99, "p99" or "99%"')
    if not 0 < exact(ratio) < 1:
        raise UnfitError("must lie between 0 and 1", value, _quantile_hint(value, ratio))
    return ratio


def _quantile_hint(value: object, ratio: float) -> str:
    if ratio == 1.0 or value == 100:
        return "one slow prediction would make its minute bad: write objective without quantile"
    if isinstance(value, str) and value.startswith("p") and value[1:].isdigit() and ratio > 1:
        return f'did you mean "p{value[1:3]}.{value[3:]}"?'
    return guess_share(value)


def _check_times(table: "Table", objective: ObjectiveSettings, evaluate_every: "Seconds") -> None:
    window, hold = objective.window, objective.resolve_hold
    if table.is_good("window") and window < evaluate_every:
        least, found = format_duration(evaluate_every), format_duration(window)
        table.refuse("window", f"must not be shorter than node.evaluate_every, {least}, got {found}")
    elif table.is_good("window") and window % _MINUTE:
        table.refuse("window", f"must be whole minutes, got {format_duration(window)}")
    if table.is_good("resolve_hold") and hold % _MINUTE:
        table.refuse("resolve_hold", f"must be whole minutes, got {format_duration(hold)}")
    if (
        objective.calendar is None
        and all(map(table.is_good, ("window", "time_zone")))
        and table.has("time_zone")
    ):
        known = "must not be set for a rolling window, which begins at no midnight"
        table.refuse("time_zone", f'{known}, got {shown(objective.time_zone)} (window = "month"?)')


def _check_sli(table: "Table", objective: ObjectiveSettings) -> None:
    if not table.is_good("sli"):
        return
    if objective.sli == "latency":
        if objective.threshold is None and table.is_good("threshold"):
            table.refuse("threshold", "must be set for sli 'latency', such as threshold = \"100ms\"")
        return
    for key, value, form in (
        ("threshold", objective.threshold, format_duration),
        ("quantile", objective.quantile, lambda quantile: f"p{format_percent(quantile)[:-1]}"),
    ):
        if value is not None and table.is_good(key):
            table.refuse(
                key, f"must not be set for sli 'availability', got {form(value)} (sli = \"latency\"?)"
            )


def _check_slices(table: "Table", objective: ObjectiveSettings) -> None:
    if objective.min_slice_events is not None and objective.quantile is None and table.is_good("quantile"):
        table.refuse("min_slice_events", "must not be set without quantile: only then minutes are judged")


def _check_groups(table: "Table", objective: ObjectiveSettings) -> None:
    if objective.rollup and not objective.group_by and table.is_good("group_by"):
        table.refuse(
            "rollup", "must not be true without group_by: without groups there is nothing to roll up"
        )
