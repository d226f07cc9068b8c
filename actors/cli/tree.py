"""`slokeeper tree`."""

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from actors.cli.asking import Node
from actors.cli.options import config_option, json_option, url_of, url_option


class Actor(msgspec.Struct, frozen=True):
    """One actor as the node tells of it; further keys may be there."""

    id: str
    kind: str
    state: str
    path: str = ""
    pid: int | None = None
    restarts: int = 0
    mailbox: int = 0
    children: "tuple[Actor, ...]" = ()


class Answer(msgspec.Struct, frozen=True):
    """Of `/api/v1/tree`."""

    tree: Actor


@click.command()
@url_option
@config_option
@json_option
def tree(url: str | None, config: Path, as_json: bool) -> None:
    """Show the supervision tree of a running node.

    Each actor with its state, how often it was started anew, and the messages that wait for it.

    \b
    Examples
      slokeeper tree
      slokeeper tree --url http://10.0.0.7:8080
    """  # noqa: D301  click needs the character
    with Node(url_of(url, config)) as node:
        root = node.ask("/api/v1/tree", Answer).tree
    if as_json:
        click.echo(msgspec.json.encode(root))
    else:
        Console().print(picture(root))


def picture(root: Actor) -> Tree:
    """The tree, drawn."""
    drawn = Tree(_label(root), guide_style="dim")
    _grow(drawn, root)
    return drawn


def _grow(drawn: Tree, actor: Actor) -> None:
    for child in actor.children:
        _grow(drawn.add(_label(child)), child)


def _label(actor: Actor) -> Text:
    label = Text(actor.id or actor.path, "bold" if actor.kind == "supervisor" else "")
    label.append(f"  {actor.state}", "green" if actor.state == "running" else "red")
    if actor.restarts:
        label.append(f"  {actor.restarts} restart{'s' * (actor.restarts > 1)}", "yellow")
    if actor.mailbox:
        label.append(f"  {actor.mailbox} waiting", "cyan")
    return label
