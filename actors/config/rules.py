"""`[[slo.rules]]`: burn-rate rules of an objective's own."""

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from actors.config.guesses import guess_number
from actors.config.quantities import exact, format_duration, format_percent
from actors.config.settings import DAY, RuleSettings, Severity
from actors.config.values import UnfitError, as_ratio, duration, is_number, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actors.config.settings import ObjectiveSettings
    from actors.config.table import Table
    from supervisor.clock import Seconds

SEVERITIES: Final[tuple[Severity, ...]] = ("page", "ticket")

_OTHERS: Final = {
    **dict.fromkeys(("critical", "high", "error", "alert", "fatal", "emergency", "p1"), "page"),
    **dict.fromkeys(("warning", "warn", "low", "minor", "info", "notice", "p2", "p3"), "ticket"),
}
_ALIASES: Final = {
    **dict.fromkeys(("factor", "threshold", "burnrate", "burn_rate_threshold"), "burn_rate"),
    **dict.fromkeys(("long", "window", "lookback"), "long_window"),
    **dict.fromkeys(("budget", "budget_spent", "budget_consumed"), "spend"),
    "short": "short_window",
}
_MINUTE: Final = 60.0
_LONGEST: Final = 30 * DAY


def read_rules(table: "Table", objective: "ObjectiveSettings") -> tuple[RuleSettings, ...]:
    """The rules of one objective, each of which can fire; empty where there are none of its own.

    Args:
        table: Of the objective.
        objective: Its other keys. What was wrong with them is not held against the rules.
    """
    rules = tuple(_read_rule(one, table, objective) for one in table.tables("rules"))
    for problem in _twice(table, rules):
        table.refuse("rules", problem)
    return rules


def _read_rule(table: "Table", of: "Table", objective: "ObjectiveSettings") -> RuleSettings:
    window = duration(_MINUTE, _LONGEST, bare="m")
    rule = RuleSettings(
        severity=table.needed("severity", one_of(SEVERITIES, _OTHERS), "page", '"page" or "ticket"'),
        long_window=table.needed("long_window", window, 3600.0, '"1h"'),
        short_window=table.needed("short_window", window, 300.0, '"5m"'),
        burn_rate=table.optional("burn_rate", as_burn_rate, None),
        spend=table.optional("spend", as_spend, None),
    )
    _check_windows(table, rule, objective.window if of.is_good("window") else None)
    if all(map(of.is_good, ("quantile", "min_bad_events"))) and table.is_good("long_window"):
        _check_guard(table, rule, objective)
    if table.has("burn_rate") and table.has("spend"):
        table.refuse("burn_rate", "and spend must not both be set: one says the other")
    elif not table.has("burn_rate") and not table.has("spend"):
        table.refuse("burn_rate", 'must be set, such as burn_rate = 14.4, or spend, such as spend = "2%"')
    elif all(map(table.is_good, ("burn_rate", "spend", "long_window"))) and of.is_good("objective"):
        _check_reach(table, rule, of, objective)
    table.rest_is_unknown(_ALIASES)
    return rule


def as_burn_rate(value: object) -> float:
    """A factor above 0."""
    if not is_number(value):
        raise UnfitError("must be a number such as 14.4", value, guess_number(value))
    if exact(value) <= 0:
        raise UnfitError("must be above 0", value)
    return float(value)


def as_spend(value: object) -> float:
    """A share of the error budget, above 0 and up to all of it."""
    ratio = as_ratio(value, '0.02 or "2%"')
    if not 0.0 < ratio <= 1.0 or not exact(ratio):
        hint = f'percent? write "{value:g}%"' if is_number(value) and 1 < value <= 100 else ""
        raise UnfitError("must be a share of the error budget, above 0 and up to 1", value, hint)
    return ratio


def _check_windows(table: "Table", rule: RuleSettings, whole: "Seconds | None") -> None:
    for key, window in (("long_window", rule.long_window), ("short_window", rule.short_window)):
        if table.is_good(key) and window % _MINUTE:
            table.refuse(key, f"must be whole minutes, got {format_duration(window)}")
    if not (table.is_good("long_window") and table.is_good("short_window")):
        return
    long_window, short_window = format_duration(rule.long_window), format_duration(rule.short_window)
    if whole is not None and rule.long_window > whole:
        reach = f"must not be longer than the objective's window, {format_duration(whole)}"
        table.refuse("long_window", f"{reach}, got {long_window}")
    if rule.short_window >= rule.long_window:
        hint = " (the other way round?)" if rule.short_window > rule.long_window else ""
        table.refuse(
            "short_window",
            f"must be shorter than long_window, {long_window}, got {short_window}{hint}",
        )


def _check_guard(table: "Table", rule: RuleSettings, objective: "ObjectiveSettings") -> None:
    """Refuse a window with fewer minutes than must be bad: they are the events of a quantile."""
    minutes, least = round(rule.long_window / _MINUTE), objective.min_bad_events
    if objective.quantile is not None and least > minutes:
        found = f"must not be shorter than min_bad_events, {least}, got {format_duration(rule.long_window)}"
        table.refuse("long_window", f"{found} (minutes are the events of a quantile, so it could never fire)")


def _check_reach(table: "Table", rule: RuleSettings, of: "Table", objective: "ObjectiveSettings") -> None:
    """Refuse what not even a total outage burns fast enough for."""
    fastest = 1 / (1 - exact(objective.objective))
    outage = f"a total outage of an objective of {format_percent(objective.objective)}"
    never = "so the rule could never fire"
    if rule.burn_rate is not None:
        if exact(rule.burn_rate) >= fastest:
            found = f"must be below {_said(fastest)}, got {_said(rule.burn_rate)}"
            table.refuse("burn_rate", f"{found} ({outage} burns at {_said(fastest)}, {never})")
    elif rule.spend is not None and of.is_good("window"):
        most = fastest * Fraction(rule.long_window) / Fraction(objective.window)
        if exact(rule.spend) >= most:
            window = format_duration(rule.long_window)
            found = f"must be below {_said(most * 100)}%, got {format_percent(rule.spend)}"
            table.refuse("spend", f"{found} ({outage} spends {_said(most * 100)}% in {window}, {never})")


def _said(number: Fraction | float) -> str:
    return f"{float(number):.6g}"


def _twice(table: "Table", rules: tuple[RuleSettings, ...]) -> "Iterator[str]":
    """A line for each pair of windows that is there again: it is what a rule is called by."""
    first: dict[tuple[Seconds, Seconds], int] = {}
    for number, rule in enumerate(rules, start=1):
        windows = rule.long_window, rule.short_window
        before = first.setdefault(windows, number)
        if before != number and table.is_good("rules"):
            pair = f"{format_duration(rule.long_window)}/{format_duration(rule.short_window)}"
            yield f"must have windows of their own, and both #{before} and #{number} look at {pair}"
