"""Rules over one and three days fire and clear at the same minutes whatever minute of the hour it is."""

import pytest

from actors.recording import Counts, SeriesKey, Tables
from actors.slo.burn_rate import is_true, rules_for
from actors.slo.error_budget import Events
from tests.slo.replay import DAY, objective

MIDNIGHT = 29_000_160
PROMISE = objective(0.999)
RULES = {rule.name: rule for rule in rules_for(PROMISE).kept}
PHASES = range(0, 60, 7)


def ticks_of_truth(phase: int, bad: int, minutes: int, total: int, asked: dict[str, list[int]]) -> list[str]:
    """Which rules are true at which ticks of an incident after three clean days, of those asked for."""
    tables, begin, found = Tables([]), MIDNIGHT + phase, []
    for tick in range(-3 * DAY, max(map(max, asked.values()))):
        failed = bad if 0 <= tick < minutes else 0
        tables.add_counts(SeriesKey("fraud", "1"), Counts(total, failed))
        tables.close_minutes(begin + tick + 1)
        for name, ticks in asked.items():
            if tick + 1 in ticks and is_rule_true(tables, name):
                found.append(f"{name} at {tick + 1}")
    return found


def is_rule_true(tables: Tables, name: str) -> bool:
    rule, each = RULES[name], []
    for window in (rule.long_window, rule.short_window):
        good, total = tables.all_sli_counts(window, None)
        each.append(Events(int(good[0]), int(total[0])))
    return is_true(rule, each[0], each[1], PROMISE, measured=rule.long_window) is True


@pytest.mark.parametrize("phase", PHASES)
def test_rules_of_a_burn_of_seven_change_at_their_minutes(phase: int) -> None:
    """J6: 0.7 % for twelve hours."""
    asked = {"24h/2h": [617, 618, 788, 789], "3d/6h": [617, 618, 1028, 1029]}
    found = ticks_of_truth(phase, 7, 720, 1000, asked)
    assert found == ["24h/2h at 618", "3d/6h at 618", "24h/2h at 788", "3d/6h at 1028"]


@pytest.mark.parametrize("phase", PHASES[::4])
def test_rule_of_a_slow_burn_changes_at_its_minutes(phase: int) -> None:
    """J7: a burn of 1.2 for three days."""
    found = ticks_of_truth(phase, 12, 3 * DAY, 10_000, {"3d/6h": [3600, 3601, 4379, 4380]})
    assert found == ["3d/6h at 3601", "3d/6h at 4379"]
