"""`slokeeper maintenance`."""

from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from actors.cli.asking import Node
from actors.cli.options import config_option, json_option, url_of, url_option
from actors.cli.refusals import BadUseError, FailedError
from actors.cli.status import pairs

PATH = "/api/v1/maintenance"


class Window(msgspec.Struct, frozen=True):
    """One row of `/api/v1/maintenance`; further keys may be there."""

    name: str
    source: str
    treat: str
    starts: str | None = None
    ends: str | None = None
    in_force: bool = False
    slos: list[str] = []
    match: dict[str, str] = {}


class Windows(msgspec.Struct, frozen=True):
    """Of `/api/v1/maintenance`."""

    maintenance: list[Window]


@click.group()
def maintenance() -> None:
    """Plan what is going to go wrong, so that it spends no error budget.

    Windows that recur stand in config.toml as [[maintenance]]; here are those of today.

    \b
    Examples
      slokeeper maintenance add upgrade --for 2h --slo checkout
      slokeeper maintenance list
      slokeeper maintenance end upgrade
    """  # noqa: D301  click needs the character


@maintenance.command()
@click.argument("name")
@click.option("--for", "length", required=True, metavar="DURATION", help="How long, such as 90m or 2h.")
@click.option("--starts", metavar="TIME", help="Such as 2026-12-01T02:00:00Z. Default: now.")
@click.option("--slo", "slos", multiple=True, help="Objective that it is for; may be repeated. Default: all.")
@click.option("--match", "labels", multiple=True, metavar="NAME=VALUE", help="Label of objectives or groups.")
@click.option(
    "--treat",
    type=click.Choice(["remove", "good"]),
    default="remove",
    show_default=True,
    help="Events leave the total, or bad ones count as good.",
)
@url_option
@config_option
@json_option
def add(
    name: str,
    *,
    length: str,
    starts: str | None,
    slos: tuple[str, ...],
    labels: tuple[str, ...],
    treat: str,
    url: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Plan a window called NAME on a running node; one of that name that was added is replaced."""
    new: dict[str, object] = {
        "name": name,
        "for": length,
        "slos": slos,
        "treat": treat,
        "match": _labels(labels),
    }
    if starts is not None:
        new["starts"] = _instant(starts)
    with Node(url_of(url, config)) as node:
        _show([node.tell(PATH, new, Window)], as_json=as_json)


@maintenance.command("list")
@url_option
@config_option
@json_option
def show(url: str | None, config: Path, *, as_json: bool) -> None:
    """Show all windows of a running node, each with the time that runs or comes next."""
    with Node(url_of(url, config)) as node:
        _show(node.ask(PATH, Windows).maintenance, as_json=as_json)


@maintenance.command()
@click.argument("name")
@url_option
@config_option
@json_option
def end(name: str, url: str | None, config: Path, *, as_json: bool) -> None:
    """End a window that was added early; what was counted in it stays as it is."""
    with Node(url_of(url, config)) as node:
        left = node.end(f"{PATH}/{quote(name, safe='')}", Windows)
    if left is None:
        raise FailedError(
            f"no window {name!r} was added, or it is over; slokeeper maintenance list shows all"
        )
    _show(left.maintenance, as_json=as_json)


def _show(windows: list[Window], *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(Windows(windows)))
        return
    table = Table("window", "from", "until", "", "for", "treat", "source")
    for one in windows:
        target = " ".join([*one.slos, *([pairs(one.match)] if one.match else [])]) or "all"
        is_on = (
            Text("in force", "green")
            if one.in_force
            else Text("over" if one.ends is None else "to come", "dim")
        )
        table.add_row(
            Text(one.name), one.starts or "-", one.ends or "-", is_on, Text(target), one.treat, one.source
        )
    Console().print(table if windows else Text("no maintenance is planned", "dim"))


def _labels(texts: tuple[str, ...]) -> dict[str, str]:
    labels = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not name or not separator:
            raise BadUseError(f"--match must be like model=fraud, got {text!r}")
        labels[name] = value
    return labels


def _instant(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadUseError(
            f"--starts must be a time with an offset such as 2026-12-01T02:00:00Z, got {text!r}"
        )
    return found.isoformat()
