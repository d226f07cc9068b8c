"""Why an objective burns, in sentences: which rule, since when, how many events, of which series."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from actors.slo.rule import window_name
from actors.slo.wording import seconds_in_words

if TYPE_CHECKING:
    from actors.slo.error_budget import Events
    from actors.slo.judge import Judgement, RuleState

SHOWN: Final = 3
"""So many series are named."""


@dataclass(frozen=True, slots=True)
class Member:
    """What one series of a group counted in a window.

    Attributes:
        labels: Of the series.
        bad_events: Its bad predictions, also where a minute is the event.
        total_events: All of them.
    """

    labels: Mapping[str, str]
    bad_events: int
    total_events: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one group stands as it does.

    Attributes:
        text: Sentences.
        window: Minutes whose events are ranked.
        members: The group's series, the worst first.
    """

    text: str
    window: int
    members: tuple[Member, ...]


def window_to_look_at(judgement: "Judgement") -> int:
    """Minutes to look for who is to blame in: of the rule that fires, or the shortest with bad events."""
    firing = [state.rule.long_window for state in judgement.rules if state.is_firing]
    bad = [state.rule.long_window for state in judgement.rules if judgement.windows[state.long].bad_events]
    longest = max((state.rule.long_window for state in judgement.rules), default=60)
    return min(firing or bad or [longest])


def explain(
    judgement: "Judgement", members: Sequence[Member], spent_in: Fraction | None = None
) -> Explanation:
    """Put into words why a group burns, or does not.

    Args:
        judgement: How it stands.
        members: Its series, with what each counted in `window_to_look_at`.
        spent_in: Minutes until its budget is spent at the rate of the last hour; None where it never is.
    """
    ranked = tuple(sorted(members, key=lambda one: (-one.bad_events, sorted(one.labels.items()))))
    window = window_to_look_at(judgement)
    sentences = [*_sentences(judgement, ranked, window), *_forecast(spent_in)]
    return Explanation(" ".join(sentences), window, ranked)


def _sentences(judgement: "Judgement", members: Sequence[Member], window: int) -> Iterator[str]:
    firing = [state for state in judgement.rules if state.is_firing]
    if judgement.blind_since is not None:
        share = judgement.coverage.get("1h", Fraction(0))
        since = _clock(judgement.blind_since)
        yield f"{_who(judgement)} cannot be judged since {since}:"
        yield f"{_share(share)} of the last hour was measured."
    if firing:
        first = min(firing, key=lambda state: (not state.is_true, state.rule.long_window))
        yield _fires(judgement, first)
        yield from (_fires_too(state) for state in firing if state is not first)
    elif not any(events.total_events for events in judgement.windows.values()):
        yield f"{_who(judgement)} is unmeasured: it had no events in the last {_longest(judgement)}."
    else:
        yield _calm(judgement)
        yield from _held_back(judgement)
    yield from _blame(members, window)
    yield _left(judgement)


# --- rules ----------------------------------------------------------------------------------------------


def _fires(judgement: "Judgement", state: "RuleState") -> str:
    assert state.fired_at is not None
    long, short = judgement.windows[state.long], judgement.windows[state.short]
    muted = ", muted by its page," if state.is_muted else ""
    begins = f"{_who(judgement)} fires a {state.severity}{muted} since {_clock(state.fired_at)}"
    if state.is_true is None:
        return f"{begins} and nothing was measured in the last {state.short}, so that it stays as it is."
    if not state.is_true:
        hold = window_name(judgement.objective.resolve_hold)
        return f"{begins}, but burns no longer: it resolves once it has been calm for {hold}."
    return (
        f"{begins}: in the last {state.long} {_bad(judgement, long)}, in the last {state.short} {_of(short)},"
        f" which is {_times(judgement, state)} times what the budget allows,"
        f" where {float(state.burn_rate):.3g} is too much."
    )


def _fires_too(state: "RuleState") -> str:
    assert state.fired_at is not None
    muted = ", muted by the page" if state.is_muted else ""
    return f"So does its {state.severity} over {state.long}, since {_clock(state.fired_at)}{muted}."


def _calm(judgement: "Judgement") -> str:
    """Nothing fires: how near it is."""
    worst = max(judgement.rules, key=lambda state: _nearness(judgement, state), default=None)
    bad = any(events.bad_events for events in judgement.windows.values())
    if worst is None or not bad:
        events = judgement.windows[_longest(judgement)] if judgement.windows else None
        count = f"all {events.total_events:,} {_events(judgement)}" if events else "what was counted"
        return f"{_who(judgement)} is well: {count} of the last {_longest(judgement)} kept the promise."
    return (
        f"{_who(judgement)} fires nothing: nearest is its {worst.severity} over {worst.long}/{worst.short},"
        f" where {_bad(judgement, judgement.windows[worst.long])}, {_times(judgement, worst)} times what the"
        f" budget allows; above {float(worst.burn_rate):.3g} is too much."
    )


def _nearness(judgement: "Judgement", state: "RuleState") -> float:
    """1 where a rule is about to be true: both windows must burn, so the slower one tells."""
    slower = min(judgement.burn_rates[name] or 0.0 for name in (state.long, state.short))
    return slower / float(state.burn_rate)


def _held_back(judgement: "Judgement") -> Iterator[str]:
    """Which guard keeps a rule from firing whose windows burn fast enough."""
    objective = judgement.objective
    for state in judgement.rules:
        if state.is_true or _nearness(judgement, state) <= 1:
            continue
        bad, covered = (
            judgement.windows[state.long].bad_events,
            judgement.coverage.get(state.long, Fraction(1)),
        )
        if bad < objective.min_bad_events:
            why = f"{bad} bad {_events(judgement)} are fewer than {objective.min_bad_events}"
        elif covered < objective.min_coverage:
            why = (
                f"{_share(covered)} of the last {state.long} was measured, and what is missing counts as good"
            )
        else:
            continue
        yield f"The {state.severity} over {state.long} is held back: {why}."


# --- series and budget ----------------------------------------------------------------------------------


def _blame(members: Sequence[Member], window: int) -> Iterator[str]:
    bad = [one for one in members if one.bad_events]
    if len(members) > 1 and bad:
        whole = sum(one.bad_events for one in bad)
        named = ", ".join(f"{one.bad_events:,} from {_labelled(one, members)}" for one in bad[:SHOWN])
        more = f", and the rest from {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        yield f"Of {whole:,} bad predictions in the last {window_name(window)} came {named}{more}."


def _labelled(member: Member, members: Sequence[Member]) -> str:
    """What tells a series from the others of its group."""
    shared = set.intersection(*(set(one.labels.items()) for one in members))
    own = [
        f"{name}={value or repr(value)}"
        for name, value in member.labels.items()
        if (name, value) not in shared
    ]
    return " ".join(own) or "the one without further labels"


def _left(judgement: "Judgement") -> str:
    left, objective = judgement.budget_left, judgement.objective
    if left is None:
        return f"Of its budget of {objective.window} nothing is known."
    if left < 0:
        return (
            f"If it stopped now, the budget of {objective.window} would be overspent by {float(-left):.0%}."
        )
    return f"If it stopped now, {float(left):.0%} of the budget of {objective.window} would be left."


def _forecast(spent_in: Fraction | None) -> Iterator[str]:
    if spent_in:
        hours = float(spent_in / 60)
        when = f"{hours:.3g} hours" if hours < 48 else f"{hours / 24:.3g} days"
        yield f"At the rate of the last hour it will be spent in {when}."


# --- words ----------------------------------------------------------------------------------------------


def _who(judgement: "Judgement") -> str:
    group = ", ".join(f"{name} {value}" for name, value in judgement.group.items() if value)
    return f"{judgement.slo} ({group})" if group else judgement.slo


def _events(judgement: "Judgement") -> str:
    return "predictions" if judgement.objective.quantile is None else "minutes"


def _bad(judgement: "Judgement", events: "Events") -> str:
    objective = judgement.objective
    if objective.threshold is None:
        went = "failed"
    elif objective.quantile is None:
        went = f"took longer than {seconds_in_words(objective.threshold)}"
    else:
        went = f"had a p{float(100 * objective.quantile):g} above {seconds_in_words(objective.threshold)}"
    return f"{_of(events)} {_events(judgement)} {went}"


def _of(events: "Events") -> str:
    return f"{events.bad_events:,} of {events.total_events:,}"


def _share(share: Fraction) -> str:
    return f"{float(share):.0%}" if not 0 < share < Fraction(1, 100) else "under 1%"


def _times(judgement: "Judgement", state: "RuleState") -> str:
    return " and ".join(f"{judgement.burn_rates[name] or 0.0:.3g}" for name in (state.long, state.short))


def _longest(judgement: "Judgement") -> str:
    return max(judgement.rules, key=lambda state: state.rule.long_window).long if judgement.rules else "1h"


def _clock(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%d %H:%M UTC")
