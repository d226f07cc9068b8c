"""`slokeeper annotate`."""

from datetime import datetime
from pathlib import Path

import click
import msgspec

from actors.cli.asking import Node
from actors.cli.options import config_option, json_option, url_of, url_option
from actors.cli.refusals import BadUseError
from actors.cli.status import pairs

PATH = "/api/v1/annotations"


class Annotation(msgspec.Struct, frozen=True):
    """One row of `/api/v1/annotations`; further keys may be there."""

    at: str
    kind: str
    text: str
    labels: dict[str, str] = {}


class Annotations(msgspec.Struct, frozen=True):
    """Of `/api/v1/annotations`."""

    annotations: list[Annotation]


@click.command()
@click.argument("text", required=False)
@click.option(
    "--label", "labels", multiple=True, metavar="NAME=VALUE", help="What it happened to; may be repeated."
)
@click.option("--kind", default="note", show_default=True, help="One word, such as deploy.")
@click.option("--at", default=None, metavar="TIME", help="When, such as 2026-12-01T02:00:00Z. Default: now.")
@url_option
@config_option
@json_option
def annotate(
    text: str | None,
    *,
    labels: tuple[str, ...],
    kind: str,
    at: str | None,
    url: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Note on a node's line of time what happened, or show what was noted.

    Replays and explanations show it beside the budget. Without TEXT the last 30 days are shown; starts and
    stops of the node and new versions of models are noted by themselves.

    \b
    Examples
      slokeeper annotate "deploy 2.1.0" --kind deploy --label model=fraud --label version=2.1.0
      slokeeper annotate "provider had an outage" --at 2026-12-01T02:00:00Z
      slokeeper annotate
    """  # noqa: D301  click needs the character
    with Node(url_of(url, config)) as node:
        if text is None:
            found = node.ask(PATH, Annotations).annotations
        else:
            new = {"text": text, "kind": kind, "labels": _labels(labels), **_at(at)}
            found = [node.tell(PATH, new, Annotation)]
    if as_json:
        click.echo(msgspec.json.encode(Annotations(found)))
        return
    for one in found:
        click.echo(f"{one.at}  {one.kind:<8}  {one.text}  ({pairs(one.labels)})")


def _labels(texts: tuple[str, ...]) -> dict[str, str]:
    labels = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not name or not separator:
            raise BadUseError(f"--label must be like model=fraud, got {text!r}")
        labels[name] = value
    return labels


def _at(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadUseError(f"--at must be a time with an offset such as 2026-12-01T02:00:00Z, got {text!r}")
    return {"at": found.isoformat()}
