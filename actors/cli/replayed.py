"""What a replay found, for people."""

from typing import TYPE_CHECKING, Final

from rich.box import SIMPLE_HEAD
from rich.console import Group as Lines
from rich.table import Table
from rich.text import Text

from actors.cli.status import pairs
from actors.config import format_duration, format_percent
from actors.replay.drawing import braille, marks
from actors.replay.episodes import incidents
from actors.replay.telling import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

    from actors.replay import Episode, Replayed
    from actors.replay.fit import Fit
    from actors.slo import Judgement

MOST_ALERTS: Final = 200
MOST_DRAWN: Final = 3
_WIDTH: Final = 72
_HEIGHT: Final = 5
_MARKS: Final = {"page": "P", "ticket": "t"}


def alert_table(replayed: "Replayed") -> "RenderableType":
    """A row for each time that a rule fired."""
    if not replayed.episodes:
        return Text("no rule would have fired", "green")
    first, last = (when(minute)[:10] for minute in (replayed.first, replayed.last))
    table = _table(f"what would have fired, {first} to {last}, UTC")
    table.add_column("fired", no_wrap=True)
    table.add_column("objective", overflow="fold", min_width=9)
    table.add_column("alert", min_width=11)
    table.add_column("seen after", justify="right", min_width=5)
    table.add_column("bad / total", justify="right", min_width=7)
    table.add_column("budget spent", justify="right", min_width=6)
    table.add_column("resolved", no_wrap=True)
    for one in replayed.episodes[:MOST_ALERTS]:
        table.add_row(*_alert(one))
    left_out = len(replayed.episodes) - MOST_ALERTS
    return Lines(table, Text(f"and {left_out} more; --json has them all", "dim")) if left_out > 0 else table


def _table(title: str) -> Table:
    """One that still fits where a terminal has 80 columns."""
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))


def _alert(one: "Episode") -> "list[RenderableType]":
    seen = "-" if one.detection_seconds is None else format_duration(one.detection_seconds)
    events = "-" if one.bad_events is None else f"{one.bad_events:,} / {one.total_events:,}"
    spent = "-" if one.budget_spent is None else f"{one.budget_spent:.1%}"
    alert = Text(f"{one.severity} {one.rule}" + (", muted" if one.is_muted else ""))
    alert.stylize("dim" if one.is_muted else "red" if one.severity == "page" else "yellow")
    resolved = "still fires" if one.resolved_tick is None else when(one.resolved_tick)[5:]
    return [when(one.fired_tick)[5:], _subject(one.slo, one.group), alert, seen, events, spent, resolved]


def _subject(slo: str, group: "Iterable[tuple[str, str]]") -> Text:
    """An objective, and below it the group of it if it has any."""
    labels = dict(group)
    return Text(f"{slo}\n{pairs(labels)}" if labels else slo)


def slo_table(replayed: "Replayed") -> "RenderableType":
    """A row for each group of each objective, as it stood at the end."""
    table = _table("at the end")
    table.add_column("objective", overflow="fold", min_width=9)
    table.add_column("promised")
    for heading in ("good / total", "budget left", "pages", "tickets"):
        table.add_column(heading, justify="right")
    table.add_column("verdict", no_wrap=True)
    for one in replayed.judgements:
        mine = [
            each for each in replayed.episodes if each.slo == one.slo and dict(each.group) == dict(one.group)
        ]
        table.add_row(
            _subject(one.slo, one.group.items()),
            f"{format_percent(float(one.objective.target))} of {one.objective.window}",
            f"{one.good_events:,} / {one.total_events:,}",
            _left(one),
            str(_told(mine, "page")),
            str(_told(mine, "ticket")),
            one.verdict,
        )
    return table


def _left(judgement: "Judgement") -> Text:
    left = judgement.budget_left
    return Text("-") if left is None else Text(f"{float(left):.1%}", "red" if left < 0 else "")


def _told(episodes: "Sequence[Episode]", severity: str) -> int:
    return incidents(episodes, "page" if severity == "page" else "ticket")


def verdict(replayed: "Replayed") -> Text:
    """How often somebody would have been woken."""
    tickets = f", with {_times(replayed.tickets, 'ticket')}" if replayed.tickets else ""
    return Text(
        f"In {format_duration(replayed.minutes * 60.0)} you would have been paged "
        f"{_how_often(replayed.pages)}{tickets}.",
        "bold",
    )


def comparison(replayed: "Sequence[Replayed]") -> "RenderableType":
    """Two configurations side by side, and the difference as a sentence."""
    before, other = replayed[0], replayed[1]
    table = _table("side by side")
    table.add_column("objective", overflow="fold", min_width=9)
    table.add_column("configuration", overflow="fold")
    for heading in ("promised", "budget left", "pages", "tickets"):
        table.add_column(heading, justify="right")
    names = dict.fromkeys((one.slo, tuple(one.group.items())) for each in replayed for one in each.judgements)
    for slo, group in names:
        table.add_row(_subject(slo, group), before.case.name, *_side(before, slo, group))
        table.add_row("", other.case.name, *_side(other, slo, group))
    return Lines(table, Text(sentence(before, other), "bold"))


def sentence(before: "Replayed", other: "Replayed") -> str:
    """Such as "With 99.5% you would have been paged 3 times instead of 11."."""
    often = _how_often(other.pages)
    return f"With {other.case.name} you would have been paged {often} instead of {before.pages}."


def _side(replayed: "Replayed", slo: str, group: tuple[tuple[str, str], ...]) -> "list[RenderableType]":
    found = [one for one in replayed.judgements if one.slo == slo and tuple(one.group.items()) == group]
    if not found:
        return ["-"] * 4
    mine = [one for one in replayed.episodes if (one.slo, one.group) == (slo, group)]
    return [
        format_percent(float(found[0].objective.target)),
        _left(found[0]),
        str(_told(mine, "page")),
        str(_told(mine, "ticket")),
    ]


def drawn(replayed: "Replayed") -> "RenderableType":
    """The budgets of the first groups over time, with what fired below."""
    parts: list[RenderableType] = []
    for (slo, group), curve in list(replayed.curves.by_group.items())[:MOST_DRAWN]:
        low = min([0.0, *(max(one, -1.0) for one in curve.budget_left if one == one)])  # noqa: PLR0124  nan
        lines = braille(curve.budget_left, width=_WIDTH, height=_HEIGHT, low=low, high=1.0)
        edges = ["100%", *[""] * (_HEIGHT - 2), f"{low:.0%}"]
        mine = [one for one in replayed.episodes if (one.slo, one.group) == (slo, group)]
        told = marks(
            [
                ((one.fired_tick - replayed.first) / replayed.minutes, _MARKS[one.severity])
                for one in sorted(mine, key=lambda one: one.severity == "page")
            ],
            _WIDTH,
        )
        labels = f" {pairs(dict(group))}" if group else ""
        parts.append(Text(f"\nbudget left of {slo}{labels}", "italic"))
        parts += [Text(f"{edge:>6} ▕{line}") for edge, line in zip(edges, lines, strict=True)]
        parts.append(Text(f"{'':>6} ▕{told}", "red"))
    if parts:
        begin, end = when(replayed.first), when(replayed.last + 1)
        parts.append(Text(f"{'':>8}{begin}{end:>{_WIDTH - len(begin)}}", "dim"))
        parts.append(Text(f"{'':>8}P page fired, t ticket fired", "dim"))
    return Lines(*parts)


def fit_table(fits: "Sequence[Fit]", pages_a_month: float) -> "RenderableType":
    """What target would have held for each objective."""
    table = Table(
        "objective", "promised", "pages", "kept", "would have held", "pages",
        title=f"strictest targets with at most {pages_a_month:g} pages a month", title_justify="left",
    )  # fmt: skip
    for one in fits:
        table.add_row(
            Text(one.objective.name),
            format_percent(float(one.objective.target)),
            str(one.pages_now),
            "yes" if one.holds_now else Text("no", "red"),
            Text("none that was tried", "red") if one.target is None else format_percent(float(one.target)),
            "-" if one.target is None else str(one.pages),
        )
    return table


def when(minute: int) -> str:
    """The beginning of a minute."""
    return iso(minute)[:16].replace("T", " ")


def _how_often(times: int) -> str:
    return "once" if times == 1 else f"{times} times"


def _times(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
