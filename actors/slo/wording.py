"""What an alert says to people: what burns, over which window, how many events, how much budget is left."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actors.slo.error_budget import Events
    from actors.slo.judge import Judgement, RuleState
    from supervisor.clock import Seconds


def summarize(judgement: "Judgement", severity: str) -> str:
    """One line for a phone."""
    subject = _subject(judgement)
    rules = _true_rules(judgement, severity)
    if rules:
        fastest = max(judgement.burn_rates[rule.long] or 0.0 for rule in rules)
        return f"{subject} burns its error budget {fastest:.3g} times too fast"
    if None in (rule.is_true for rule in _rules(judgement, severity)):
        return f"{subject} is unmeasured: no events to say that its error budget is safe again"
    return f"{subject} no longer burns its error budget too fast"


def describe(judgement: "Judgement", severity: str) -> str:
    """Sentences that say why, from counts."""
    parts = [_why(judgement, rule) for rule in _true_rules(judgement, severity)]
    return " ".join([*parts, _promise(judgement), _budget(judgement)])


def summarize_blind(judgement: "Judgement") -> str:
    """One line for a phone, of a group that cannot be judged."""
    subject = _subject(judgement)
    if judgement.blind_since is None:
        return f"{subject} is measured again"
    return f"{subject} is not measured: only {_covered(judgement)} of the last hour was"


def describe_blind(judgement: "Judgement") -> str:
    """Sentences that say what is not known, and what follows from it."""
    known = f"Of the last hour {_covered(judgement)} was measured."
    if judgement.blind_since is not None:
        known += " While nothing is measured, no burn-rate alert of it fires, and none resolves."
    return f"{known} {_promise(judgement)} {_budget(judgement)}"


def seconds_in_words(seconds: "Seconds") -> str:
    """`100 ms`, `1.5 s`."""
    return f"{seconds * 1000:.4g} ms" if seconds < 1 else f"{seconds:.4g} s"


def _subject(judgement: "Judgement") -> str:
    group = ", ".join(f"{name} {value}" for name, value in judgement.group.items() if value)
    return f"{judgement.slo} ({group})" if group else judgement.slo


def _true_rules(judgement: "Judgement", severity: str) -> "Sequence[RuleState]":
    return [rule for rule in _rules(judgement, severity) if rule.is_true]


def _rules(judgement: "Judgement", severity: str) -> "Sequence[RuleState]":
    return [rule for rule in judgement.rules if rule.severity == severity]


def _why(judgement: "Judgement", rule: "RuleState") -> str:
    long, short = judgement.windows[rule.long], judgement.windows[rule.short]
    return (
        f"In the last {rule.long} {_counted(judgement, long)}, in the last {rule.short} "
        f"{_of(short)}: {judgement.burn_rates[rule.long]:.3g} and {judgement.burn_rates[rule.short]:.3g} "
        f"times the rate that would spend the budget in {judgement.objective.window}, "
        f"where {float(rule.burn_rate):.3g} is too much."
    )


def _counted(judgement: "Judgement", events: "Events") -> str:
    """How many were bad, and what that means."""
    threshold = judgement.objective.threshold
    went = "failed" if threshold is None else f"took longer than {seconds_in_words(threshold)}"
    return f"{_of(events)} predictions {went}"


def _of(events: "Events") -> str:
    return f"{events.bad_events:,} of {events.total_events:,}"


def _promise(judgement: "Judgement") -> str:
    objective = judgement.objective
    target = f"{float(objective.target):.7%}".rstrip("%").rstrip("0").rstrip(".")
    kept = (
        "succeed" if objective.threshold is None else f"answer within {seconds_in_words(objective.threshold)}"
    )
    return f"Promised: {target} % {kept} over {objective.window}."


def _budget(judgement: "Judgement") -> str:
    left = judgement.budget_left
    if left is None:
        return "Nothing was measured."
    if left < 0:
        return f"The error budget is overspent by {float(-left):.0%}."
    return f"{float(left):.0%} of the error budget is left."


def _covered(judgement: "Judgement") -> str:
    return f"{float(judgement.coverage['1h']):.0%}"
