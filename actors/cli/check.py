"""`slokeeper check`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console

from actors.cli.options import DEFAULT, json_option
from actors.cli.refusals import BAD_USE, FAILED, BadUseError, FailedError
from actors.cli.traffic import per_minute
from actors.config import ConfigError, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from actors.config import Settings
    from actors.slo.objective import Objective


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
@click.option(
    "--self-test/--no-self-test",
    default=True,
    show_default=True,
    help="Whether a shadow of each objective lives through that outage, of the code that judges the "
    "real traffic; takes some seconds.",
)
@json_option
@click.pass_context
def check(
    context: click.Context,
    config: Path,
    *,
    traffic: "Fraction | None",
    without_secrets: bool,
    self_test: bool,
    as_json: bool,
) -> None:
    """Say what the configuration CONFIG says, or all that is wrong with it.

    Shows each objective with its error budget and burn-rate rules, the routes as a tree, the receivers
    (of secrets only where they are), the peers and the push. Starts nothing and sends nothing.
    Default: config.toml.

    Of each rule it tells what it does in a total outage: how much of the budget is spent when it sees
    that (for any other fault too), after how long it fires, and how long after the end it resolves.
    A shadow of each objective shows it: where that does something else, the exit code is 1.
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
    from actors.cli.checked import show, summary  # noqa: PLC0415  the rules bring numpy with them
    from actors.cli.rule_table import plain, rows_of, rule_table, wrongs_of  # noqa: PLC0415  as above
    from actors.slo.objective import objective_from  # noqa: PLC0415  as above

    objectives = [objective_from(one) for one in settings.slos]
    rows = rows_of(objectives, _rates(settings, objectives, traffic))
    wrongs = wrongs_of(objectives) if self_test else []
    if as_json:
        found = {"ok": not wrongs, "problems": wrongs, "missing_secrets": missing}
        rules = {"rules": [plain(row) for row in rows]}
        click.echo(msgspec.json.encode({**summary(settings), **rules, **found}))
    else:
        show(settings, Console(), rule_table(rows))
        for line in missing:
            click.secho(f"secret that is not there: {line}", fg="yellow")
    if wrongs and not as_json:
        raise FailedError("\n".join(wrongs))
    context.exit(FAILED if wrongs else 0)


def _rates(
    settings: "Settings", objectives: "Sequence[Objective]", traffic: "Fraction | None"
) -> "Mapping[str, Fraction]":
    if traffic is not None:
        return {one.name: traffic for one in objectives}
    from actors.cli.traffic_counted import counted  # noqa: PLC0415  brings numpy with it

    return counted(settings.node.data_dir, objectives)
