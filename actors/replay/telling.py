"""What a replay found, as rows of plain JSON values."""

from typing import TYPE_CHECKING

from actors.config.quantities import format_instant
from actors.replay.episodes import incidents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.replay.driver import Replayed
    from actors.replay.episodes import Episode
    from actors.slo import Judgement


def answer(replayed: "Replayed", matches: "Mapping[str, Mapping[str, str]]") -> dict[str, object]:
    """All of it.

    Args:
        replayed: What was found.
        matches: By objective, the labels that it matches; they stand among those of its alerts.
    """
    return {
        "from": iso(replayed.first),
        "until": iso(replayed.last + 1),
        "pages": replayed.pages,
        "tickets": replayed.tickets,
        "alerts": [_alert(one, matches) for one in replayed.episodes],
        "slos": [_slo(one, replayed, matches) for one in replayed.judgements],
    }


def iso(minute: int) -> str:
    """The beginning of a minute, for people and programs."""
    return format_instant(minute * 60)


def _alert(one: "Episode", matches: "Mapping[str, Mapping[str, str]]") -> dict[str, object]:
    return {
        "slo": one.slo,
        "rule": one.rule,
        "severity": one.severity,
        "labels": {**matches.get(one.slo, {}), **dict(one.group)},
        "fired_at": iso(one.fired_tick),
        "resolved_at": None if one.resolved_tick is None else iso(one.resolved_tick),
        "budget_spent": one.budget_spent,
        "muted": one.is_muted,
        "detection_seconds": one.detection_seconds,
        "bad_events": one.bad_events,
        "total_events": one.total_events,
    }


def _slo(
    one: "Judgement", replayed: "Replayed", matches: "Mapping[str, Mapping[str, str]]"
) -> dict[str, object]:
    mine = [each for each in replayed.episodes if each.slo == one.slo and dict(each.group) == dict(one.group)]
    return {
        "name": one.slo,
        "labels": {**matches.get(one.slo, {}), **one.group},
        "sli": one.sli,
        "objective": float(one.objective.target),
        "window": one.objective.window,
        "good_events": one.good_events,
        "total_events": one.total_events,
        "budget_left": None if one.budget_left is None else float(one.budget_left),
        "verdict": one.verdict,
        "pages": incidents(mine, "page"),
        "tickets": incidents(mine, "ticket"),
        "coverage": {window: float(share) for window, share in one.coverage.items()},
    }
