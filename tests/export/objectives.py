"""One objective of each kind that can be exported."""

from typing import Any, Final

from actors.config.settings import DAY, ObjectiveSettings, RuleSettings

HOUR: Final = 3600.0


def promise(name: str, target: float = 0.999, **others: Any) -> ObjectiveSettings:
    """An availability objective of everything, or of what is said otherwise."""
    facts: dict[str, Any] = {"sli": "availability", "match": {}, "objective": target} | others
    return ObjectiveSettings(name=name, **facts)


LATENCY: Final[dict[str, Any]] = {"sli": "latency", "threshold": 0.1}
NO_GUARDS: Final[dict[str, Any]] = {"min_coverage": 0.0, "min_bad_events": 0, "resolve_hold": 0.0}
OWN_RULES: Final = (
    RuleSettings(severity="page", long_window=90 * 60.0, short_window=60.0, burn_rate=7.5),
    RuleSettings(severity="ticket", long_window=12 * HOUR, short_window=HOUR, spend=0.1),
)

KINDS: Final = [
    promise("availability", group_by=("model", "version")),
    promise("everything", runbook_url="https://runbooks.example/fraud?a=1&b=2"),
    promise("latency", 0.99, group_by=("model",), **LATENCY),
    promise("slow", 0.95, match={"model": 'the "big"\\one'}, **LATENCY | {"threshold": 2.0}),
    promise("all-together", group_by=("model", "version"), rollup=True),
    promise("minutes", 0.95, quantile=0.99, group_by=("model",), **LATENCY),
    promise("busy-minutes", 0.95, quantile=0.9, min_slice_events=5000, **LATENCY),
    promise("minutes-together", 0.95, quantile=0.5, group_by=("model",), rollup=True, **LATENCY),
    promise("a week: 7 d / 99.5 %", 0.995, window=7 * DAY),
    promise("four-weeks", window=28 * DAY, match={"model": "fraud"}, group_by=("model",)),
    promise("day", window=DAY),
    promise("hour", 0.9, window=HOUR),
    promise("loose", 0.9),
    promise("strict", 0.99999),
    promise("month", calendar="month"),
    promise("unguarded", **NO_GUARDS),
    promise("odd-guards", min_coverage=0.333, min_bad_events=7, resolve_hold=60.0),
    promise("own", 0.99, rules=OWN_RULES),
]
