"""`slokeeper doctor`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from actors.cli.environment import check_clocks, check_packages, check_python, check_supervisord
from actors.cli.options import config_option, json_option
from actors.cli.refusals import FAILED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actors.cli.findings import Finding, Verdict

_LOOKS: "dict[Verdict, tuple[str, str]]" = {
    "good": ("good", "green"),
    "odd": ("odd", "yellow"),
    "bad": ("bad", "bold red"),
}


@click.command()
@config_option
@json_option
@click.pass_context
def doctor(context: click.Context, config: Path, as_json: bool) -> None:
    """Look at everything around a node that could keep it from working.

    Python and the packages, supervisord beside us, the clocks, the configuration, the data directory, the
    port. Exit code 0 if nothing is bad, 1 otherwise.

    \b
    Examples
      slokeeper doctor
      slokeeper doctor --config /etc/slokeeper/config.toml
    """  # noqa: D301  click needs the character
    findings = examine(config)
    if as_json:
        click.echo(msgspec.json.encode({"findings": findings}))
    else:
        Console().print(as_table(findings))
    context.exit(FAILED if any(finding.verdict == "bad" for finding in findings) else 0)


def examine(config: Path) -> "list[Finding]":
    """Everything that can be found out here."""
    from actors.cli.places import (  # noqa: PLC0415  the node brings numpy with it
        check_config,
        check_data_dir,
        check_listen,
    )

    node, told = check_config(config)
    return [
        check_python(),
        *check_packages(),
        check_supervisord(),
        check_clocks(),
        told,
        check_data_dir(node.data_dir),
        check_listen(node.listen),
    ]


def as_table(findings: "Sequence[Finding]") -> Table:
    """A row for each finding."""
    table = Table("", "what", "found")
    for finding in findings:
        word, style = _LOOKS[finding.verdict]
        table.add_row(Text(word, style), Text(finding.what), Text(finding.found))
    return table
