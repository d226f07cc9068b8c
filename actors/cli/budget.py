"""`slokeeper budget`."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Generic

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from actors.cli.asking import Node
from actors.cli.options import config_option, json_option, url_of, url_option
from actors.cli.refusals import BadUseError
from actors.cli.status import Row, Slo, Slos, pairs
from actors.config import format_duration, format_percent
from actors.config.values import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType

_LOW = 0.25
_MOST_DENOMINATOR = 10**9  # an objective has nine decimals at most


class Budget(Slo, frozen=True):
    """One row of `/api/v1/slos`, with what is told of its budget."""

    budget_minutes_left: float | None = None
    coverage: dict[str, float] = msgspec.field(default_factory=dict)
    exhausted_in_seconds: float | None = None

    @property
    def allowed_events(self) -> Fraction:
        """How many of the window's events may be bad."""
        promised = Fraction(self.objective).limit_denominator(_MOST_DENOMINATOR)
        return (1 - promised) * self.total_events

    @property
    def bad_events(self) -> int:
        """How many were."""
        return self.total_events - self.good_events


class ActionRun(msgspec.Struct, frozen=True):
    """One row of `/api/v1/actions`; further keys may be there."""

    action: str
    slo: str
    at: str
    state: str
    attempts: int
    group: dict[str, str] = {}
    answer: str | None = None
    why: str = ""


class ActionRuns(msgspec.Struct, Generic[Row], frozen=True):
    """Of `/api/v1/actions`."""

    actions: list[Row]


@click.command()
@click.option("--slo", "names", multiple=True, metavar="NAME", help="Only this objective; repeatable.")
@click.option("--actions", is_flag=True, help="Show the runs of actions too, the newest first.")
@url_option
@config_option
@json_option
def budget(names: tuple[str, ...], url: str | None, config: Path, *, actions: bool, as_json: bool) -> None:
    """Show what is left of each error budget, and how fast it goes.

    Allowed, spent and left are events of the objective's whole window; "as outage" is what is left as time
    of total outage under even traffic. What is overspent is negative.

    \b
    Examples
      slokeeper budget
      slokeeper budget --slo fraud-availability
      slokeeper budget --actions
      slokeeper budget --json | jq '.slos[] | select(.budget_left <= 0) | .name'
    """  # noqa: D301  click needs the character
    with Node(url_of(url, config)) as node:
        if as_json:
            click.echo(msgspec.json.encode(_whole(node, names, with_actions=actions)))
            return
        told = node.ask("/api/v1/slos", Slos[Budget]).slos
        runs = node.ask("/api/v1/actions", ActionRuns[ActionRun]).actions if actions else []
    asked = set(_known(names, [one.name for one in told]))
    console = Console()
    console.print(budget_table([one for one in told if one.name in asked]))
    if actions:
        console.print(action_table([one for one in runs if not names or one.slo in names]))


def _whole(node: Node, names: "Sequence[str]", *, with_actions: bool) -> "dict[str, object]":
    """All that the node tells of these objectives, also what this command does not know."""
    rows = node.ask("/api/v1/slos", Slos[dict[str, object]]).slos
    asked = set(_known(names, [str(row.get("name")) for row in rows]))
    whole: dict[str, object] = {"slos": [row for row in rows if row.get("name") in asked]}
    if with_actions:
        runs = node.ask("/api/v1/actions", ActionRuns[dict[str, object]]).actions
        whole["actions"] = [run for run in runs if not names or run.get("slo") in names]
    return whole


def _known(names: "Sequence[str]", judged: "Sequence[str]") -> "Sequence[str]":
    """The objectives that are asked for, all of them where none is named."""
    for name in names:
        if name not in judged:
            raise BadUseError(
                f"the node has judged no objective {name!r} ({nearest(name, list(dict.fromkeys(judged)))})"
            )
    return names or judged


def budget_table(budgets: "Sequence[Budget]") -> "RenderableType":
    """A row for each objective and group; what nobody tells has no column."""
    if not budgets:
        return Text("no objective has been judged yet", "dim")
    windows = list(dict.fromkeys(window for one in budgets for window in one.burn_rates))
    has_coverage = any(one.coverage for one in budgets)
    has_end = any(one.exhausted_in_seconds is not None for one in budgets)
    table = Table()
    for heading in ("objective", "group"):
        table.add_column(heading, no_wrap=True)
    table.add_column("sli")
    headings = [
        "allowed",
        "spent",
        "left",
        "budget\nleft",
        "as\noutage",
        *(f"burn\n{one}" for one in windows),
    ]
    for heading in (*headings, *["coverage"] * has_coverage, *["spent\nin"] * has_end):
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    for one in budgets:
        table.add_row(
            Text(one.name),
            Text(pairs(one.group)),
            Text(f"{one.sli} {format_percent(one.objective)} of {one.window}"),
            *_events(one),
            _share(one.budget_left),
            _outage(one.budget_minutes_left),
            *(_rate(one.burn_rates.get(window)) for window in windows),
            *[_coverage(one.coverage)] * has_coverage,
            *[_end(one.exhausted_in_seconds)] * has_end,
            Text(one.verdict, {"met": "green", "violated": "bold red"}.get(one.verdict, "yellow")),
        )
    return table


def action_table(runs: "Sequence[ActionRun]") -> "RenderableType":
    """A row for each run."""
    if not runs:
        return Text("no action has been run", "dim")
    table = Table("at", "action", "objective", "group", "state", title="actions", title_justify="left")
    table.add_column("attempts", justify="right")
    table.add_column("answer")
    for run in runs:
        table.add_row(
            run.at,
            Text(run.action),
            Text(run.slo),
            Text(pairs(run.group)),
            Text(run.state, {"done": "green", "failed": "red"}.get(run.state, "yellow")),
            f"{run.attempts}",
            Text(run.answer or "-"),
        )
    return table


def _events(one: Budget) -> "Iterator[Text]":
    if not one.total_events:
        yield from [Text("-", "dim")] * 3
        return
    left = one.allowed_events - one.bad_events
    yield Text(_count(one.allowed_events))
    yield Text(_count(Fraction(one.bad_events)))
    yield Text(_count(left), "red" if left <= 0 else "")


def _count(events: Fraction) -> str:
    """A number of events: whole where it is, else a decimal."""
    return f"{events.numerator:,}" if events.denominator == 1 else f"{float(events):,.1f}"


def _share(left: float | None) -> Text:
    if left is None:
        return Text("-", "dim")
    return Text(f"{left:.1%}", "red" if left <= 0 else "yellow" if left < _LOW else "green")


def _outage(minutes: float | None) -> Text:
    if minutes is None:
        return Text("-", "dim")
    text = format_duration(round(abs(minutes) * 60))
    return Text(f"-{text}" if minutes < 0 else text, "red" if minutes <= 0 else "")


def _rate(rate: float | None) -> Text:
    if rate is None:
        return Text("-", "dim")
    return Text(f"{rate:.2f}", "bold red" if rate > 6 else "yellow" if rate > 1 else "green")


def _coverage(coverage: "Mapping[str, float]") -> Text:
    """The least of any window; a shorter one is the sooner without events."""
    if not coverage:
        return Text("-", "dim")
    window, least = min(coverage.items(), key=lambda item: item[1])
    return Text(f"{least:.0%} of {window}", "yellow" if least < 1 else "")


def _end(seconds: float | None) -> Text:
    return Text("-", "dim") if seconds is None else Text(format_duration(round(seconds)), "yellow")
