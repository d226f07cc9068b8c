"""`slokeeper status`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from actors.cli.asking import Node
from actors.cli.options import config_option, json_option, url_of, url_option
from actors.cli.refusals import FAILED
from actors.config import format_percent

if TYPE_CHECKING:
    from rich.console import RenderableType

Row = TypeVar("Row")


class Slo(msgspec.Struct, frozen=True):
    """One row of `/api/v1/slos`; further keys may be there."""

    name: str
    sli: str
    objective: float
    window: str | float
    good_events: int
    total_events: int
    verdict: str
    group: dict[str, str] = {}
    burn_rates: dict[str, float | None] = {}
    budget_left: float | None = None
    p99_seconds: float | None = None


class Alert(msgspec.Struct, frozen=True):
    """One row of `/api/v1/alerts`; further keys may be there."""

    labels: dict[str, str]
    state: str
    fired_at: str | None = None
    resolved_at: str | None = None


class Slos(msgspec.Struct, Generic[Row], frozen=True):
    """Of `/api/v1/slos`."""

    slos: list[Row]


class Alerts(msgspec.Struct, Generic[Row], frozen=True):
    """Of `/api/v1/alerts`."""

    alerts: list[Row]


@click.command()
@url_option
@config_option
@json_option
@click.pass_context
def status(context: click.Context, url: str | None, config: Path, as_json: bool) -> None:
    """Show how the objectives and alerts of a running node stand.

    Exit code 0 if the node is ready, 1 if it is not or does not answer.

    \b
    Examples
      slokeeper status
      slokeeper status --url http://10.0.0.7:8080
      slokeeper status --json | jq '.slos[] | select(.budget_left < 0.1)'
    """  # noqa: D301  click needs the character
    with Node(url_of(url, config)) as node:
        is_ready = node.is_ready()
        if as_json:
            click.echo(msgspec.json.encode(_whole(node, is_ready=is_ready)))
        else:
            slos = node.ask("/api/v1/slos", Slos[Slo]).slos
            alerts = node.ask("/api/v1/alerts", Alerts[Alert]).alerts
            console = Console()
            console.print(Text("ready", "green") if is_ready else Text("not ready", "bold red"))
            console.print(slo_table(slos), alert_table(alerts), sep="\n")
    context.exit(0 if is_ready else FAILED)


def _whole(node: Node, *, is_ready: bool) -> dict[str, object]:
    """All that the node tells, also what this command does not know."""
    return {
        "ready": is_ready,
        "slos": node.ask("/api/v1/slos", Slos[dict[str, object]]).slos,
        "alerts": node.ask("/api/v1/alerts", Alerts[dict[str, object]]).alerts,
    }


def slo_table(slos: Sequence[Slo]) -> "RenderableType":
    """A row for each objective and group."""
    if not slos:
        return Text("no objective has been judged yet", "dim")
    windows = list(dict.fromkeys(window for slo in slos for window in slo.burn_rates))
    table = Table("objective", "group", "promised", "good / total", title="objectives", title_justify="left")
    for heading in (*(f"burn {window}" for window in windows), "budget left", "p99"):
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    for slo in slos:
        table.add_row(
            Text(slo.name),
            Text(pairs(slo.group)),
            f"{format_percent(slo.objective)} of {slo.window}",
            f"{slo.good_events:,} / {slo.total_events:,}",
            *(_rate(slo.burn_rates.get(window)) for window in windows),
            _budget(slo.budget_left),
            "-" if slo.p99_seconds is None else f"{slo.p99_seconds * 1000:.0f} ms",
            Text(slo.verdict),
        )
    return table


def alert_table(alerts: Sequence[Alert]) -> "RenderableType":
    """A row for each alert, those that fire first."""
    if not alerts:
        return Text("no alerts", "dim")
    table = Table("state", "alert", "since", "resolved", title="alerts", title_justify="left")
    for alert in sorted(alerts, key=lambda one: one.state == "resolved"):
        style = "green" if alert.state == "resolved" else "red"
        table.add_row(
            Text(alert.state, style),
            Text(pairs(alert.labels)),
            alert.fired_at or "-",
            alert.resolved_at or "-",
        )
    return table


def pairs(labels: Mapping[str, str]) -> str:
    """Labels on one line."""
    return " ".join(f"{name}={value}" for name, value in labels.items()) or "all"


def _rate(rate: float | None) -> Text:
    if rate is None:
        return Text("-", "dim")
    return Text(f"{rate:.2f}", "red" if rate > 1 else "")


def _budget(left: float | None) -> Text:
    if left is None:
        return Text("-", "dim")
    return Text(f"{left:.1%}", "red" if left <= 0 else "yellow" if left < 0.25 else "green")
