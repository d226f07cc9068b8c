"""`slokeeper check`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.text import Text

from actors.cli.options import DEFAULT, json_option
from actors.cli.refusals import BAD_USE, BadUseError
from actors.cli.traffic import per_minute
from actors.config import ConfigError, load_settings

if TYPE_CHECKING:
    from fractions import Fraction

    from actors.config import Settings


@click.command()
@click.argument("config", type=click.Path(path_type=Path), default=DEFAULT, envvar="SLOKEEPER_CONFIG")
@click.option(
    "--traffic",
    callback=lambda _context, _option, text: None if text is None else per_minute(text),
    metavar="N/TIME",
    help="Predictions that each objective has in a time, such as 10/h or 200/s. Default: what the node's "
    "database holds of the last day, if there is one; of a group_by that of the quietest group.",
)
@click.option(
    "--without-secrets",
    is_flag=True,
    help="Only warn of secrets that are not on this machine, as in a pipeline that tests the file.",
)
@json_option
@click.pass_context
def check(
    context: click.Context, config: Path, traffic: "Fraction | None", without_secrets: bool, as_json: bool
) -> None:
    """Say what the configuration CONFIG says, or all that is wrong with it.

    Shows each objective with its error budget and burn-rate rules, the routes as a tree, the receivers
    (of secrets only where they are), the peers and the push. Starts nothing and sends nothing.
    Default: config.toml.

    Of each rule it tells what it does in a total outage: how much of the budget is spent when it sees
    that (for any other fault too), after how long it fires, and how long after the end it resolves.
    Rules that so little traffic could never trip, or that a single failure would, are named.

    \b
    Examples
      slokeeper check
      slokeeper check /etc/slokeeper/config.toml
      slokeeper check --traffic 10/h
      slokeeper check --without-secrets --json | jq .problems
    """  # noqa: D301  click needs the character
    missing: list[str] = []
    try:
        settings = load_settings(config, os.environ, missing=missing if without_secrets else None)
    except ConfigError as error:
        if not as_json:
            raise BadUseError(str(error)) from None
        click.echo(msgspec.json.encode({"ok": False, "problems": error.problems}))
        context.exit(BAD_USE)
    _show(settings, traffic, missing, as_json=as_json)


def _show(settings: "Settings", traffic: "Fraction | None", missing: list[str], *, as_json: bool) -> None:
    from actors.cli.checked import show, summary  # noqa: PLC0415  the rules bring numpy with them
    from actors.cli.rule_table import plain, rows_of, rule_table  # noqa: PLC0415  as above
    from actors.cli.traffic_counted import counted  # noqa: PLC0415  as above
    from actors.slo.objective import objective_from  # noqa: PLC0415  as above

    objectives = [objective_from(one) for one in settings.slos]
    if traffic is None:
        rates = counted(settings.node.data_dir, objectives)
    else:
        rates = {one.name: traffic for one in objectives}
    rows = rows_of(objectives, rates)
    if as_json:
        found = {"rules": [plain(row) for row in rows], "missing_secrets": missing}
        click.echo(msgspec.json.encode({**summary(settings), **found}))
        return
    console = Console()
    show(settings, console, rule_table(rows))
    for line in missing:
        console.print(Text(f"secret that is not there: {line}", "yellow"))
