"""Judgements as the tests want them."""

from collections.abc import Mapping
from fractions import Fraction

from actors.slo.burn_rate import is_true, rules_for
from actors.slo.error_budget import Events
from actors.slo.judge import Judgement, RuleState, judge
from actors.slo.objective import Objective
from tests.slo.replay import objective

HOUR, DAY = 60, 1440


def judged(
    bad: Mapping[int, int],
    *,
    promise: Objective | None = None,
    total: int | None = 1000,
    group: Mapping[str, str] | None = None,
) -> Judgement:
    """What follows from so many bad ones of 1,000 events in each window.

    Args:
        bad: Bad events by the window's minutes; none in a window that is not there.
        promise: What is judged.
        total: Events of each window; None measures only the windows that `bad` names.
        group: Whose they are.
    """
    promise = objective() if promise is None else promise

    def events(minutes: int) -> Events:
        if total is None and minutes not in bad:
            return Events(0, 0)
        return Events((total or 1000) - bad.get(minutes, 0), total or 1000)

    rules = rules_for(promise).kept
    windows = {
        length: events(length)
        for length in sorted({length for rule in rules for length in (rule.short_window, rule.long_window)})
    }
    states = [
        RuleState(rule, is_true(rule, long, short, promise, measured=rule.long_window))
        for rule in rules
        for long, short in [(windows[rule.long_window], windows[rule.short_window])]
    ]
    return judge(
        promise,
        events(promise.window_minutes),
        windows,
        states,
        group=group or {},
        minute=29_000_000,
        coverage={HOUR: Fraction(1, 4)},
        p99_seconds=0.148,
    )
