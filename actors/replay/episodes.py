"""When each rule fired and resolved, and how often that would have woken somebody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from actors.slo.grouping import Group
    from actors.slo.rule import Severity
    from supervisor.clock import Seconds


@dataclass(slots=True)
class Episode:
    """One rule of one group, from firing to resolving.

    Attributes:
        slo: The objective's name.
        group: Whose it is.
        rule: Its windows, `"1h/5m"`, or `"blind"`.
        severity: What it calls for.
        fired_tick: Unix minute at whose beginning it fired: the evaluation of the minute before.
        resolved_tick: Likewise; None while it fires.
        budget_spent: Share of the error budget that was gone when it fired; None without events.
        is_muted: Whether a page of the same group fired at that time, so that nobody was told.
        began: First minute of the bad stretch that made it fire; None where nothing was bad.
        bad_events: In its long window when it fired.
        total_events: Likewise.
    """

    slo: str
    group: "Group"
    rule: str
    severity: "Severity"
    fired_tick: int
    budget_spent: float | None
    is_muted: bool = False
    resolved_tick: int | None = None
    began: int | None = None
    bad_events: int | None = None
    total_events: int | None = None

    @property
    def detection_seconds(self) -> "Seconds | None":
        """From the beginning of the bad stretch to firing."""
        return None if self.began is None else (self.fired_tick - self.began) * 60.0


def incidents(episodes: Iterable[Episode], severity: "Severity") -> int:
    """How often somebody would have been told: rules of one group that overlap, or touch, are one incident.

    A ticket that a page mutes from its beginning to its end is none; nor is being blind.
    """
    all_of_them = tuple(episodes)
    pages, tickets = (_spans(all_of_them, each) for each in ("page", "ticket"))
    if severity == "page":
        return sum(map(len, pages.values()))
    return sum(
        not any(begin <= one.begin and one.end <= end for begin, end in pages.get(key, ()))
        for key, spans in tickets.items()
        for one in spans
    )


class _Span(NamedTuple):
    begin: float
    end: float


def _spans(episodes: Iterable[Episode], severity: str) -> "Mapping[tuple[str, Group], list[_Span]]":
    """By group, from the first rule that fired to the last that resolved, wherever they overlap."""
    found: dict[tuple[str, Group], list[_Span]] = {}
    for one in sorted(episodes, key=lambda each: each.fired_tick):
        if one.severity != severity or one.rule == "blind":
            continue
        end = inf if one.resolved_tick is None else one.resolved_tick
        spans = found.setdefault((one.slo, one.group), [])
        if spans and one.fired_tick <= spans[-1].end:
            spans[-1] = _Span(spans[-1].begin, max(end, spans[-1].end))
        else:
            spans.append(_Span(one.fired_tick, end))
    return found
