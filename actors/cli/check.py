"""`slokeeper check`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console

from actors.cli.checked import objective_table, peer_table, receiver_table, route_tree, summary
from actors.cli.options import DEFAULT, json_option
from actors.cli.refusals import BAD_USE, BadUseError
from actors.config import ConfigError, load_settings

if TYPE_CHECKING:
    from actors.config import Settings


@click.command()
@click.argument("config", type=click.Path(path_type=Path), default=DEFAULT, envvar="SLOKEEPER_CONFIG")
@json_option
@click.pass_context
def check(context: click.Context, config: Path, as_json: bool) -> None:
    r"""Say what the configuration CONFIG says, or all that is wrong with it.

    Shows each objective with its error budget and burn-rate rules, the routes as a tree, the receivers
    (of secrets only where they are) and the peers. Starts nothing and sends nothing. Default: config.toml.

    \b
    Examples
      slokeeper check
      slokeeper check /etc/slokeeper/config.toml
      slokeeper check --json | jq .problems
    """
    try:
        settings = load_settings(config, os.environ)
    except ConfigError as error:
        if not as_json:
            raise BadUseError(str(error)) from None
        click.echo(msgspec.json.encode({"ok": False, "problems": error.problems}))
        context.exit(BAD_USE)
    if as_json:
        click.echo(msgspec.json.encode(summary(settings)))
    else:
        show(settings, Console())


def show(settings: "Settings", console: Console) -> None:
    """All of it, for a person."""
    for part in (objective_table, route_tree, receiver_table, peer_table):
        console.print(part(settings))
