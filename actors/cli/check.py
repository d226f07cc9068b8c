"""`slokeeper check`."""

import os
from pathlib import Path

import click
import msgspec
from rich.console import Console

from actors.cli.options import DEFAULT, json_option
from actors.cli.refusals import BAD_USE, BadUseError
from actors.config import ConfigError, load_settings


@click.command()
@click.argument("config", type=click.Path(path_type=Path), default=DEFAULT, envvar="SLOKEEPER_CONFIG")
@json_option
@click.pass_context
def check(context: click.Context, config: Path, as_json: bool) -> None:
    """Say what the configuration CONFIG says, or all that is wrong with it.

    Shows each objective with its error budget and burn-rate rules, the routes as a tree, the receivers
    (of secrets only where they are), the peers and the push. Starts nothing and sends nothing.
    Default: config.toml.

    \b
    Examples
      slokeeper check
      slokeeper check /etc/slokeeper/config.toml
      slokeeper check --json | jq .problems
    """  # noqa: D301  click needs the character
    try:
        settings = load_settings(config, os.environ)
    except ConfigError as error:
        if not as_json:
            raise BadUseError(str(error)) from None
        click.echo(msgspec.json.encode({"ok": False, "problems": error.problems}))
        context.exit(BAD_USE)
    from actors.cli.checked import show, summary  # noqa: PLC0415  the rules bring numpy with them

    if as_json:
        click.echo(msgspec.json.encode(summary(settings)))
    else:
        show(settings, Console())
