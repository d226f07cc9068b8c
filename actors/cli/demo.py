"""`slokeeper demo`."""

import click
from rich.console import Console

from actors.cli.options import json_option


@click.command()
@click.option("--hold", is_flag=True, help="Stay up after the verdict, until Ctrl-C.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=7,
    show_default=True,
    help="Decides what is random in it.",
)
@json_option
@click.pass_context
def demo(context: click.Context, hold: bool, seed: int, as_json: bool) -> None:
    """Tell the whole story live, in about a minute, on a real model.

    Two servers classify handwritten digits; one gets slow, its error budget burns, Slack and PagerDuty
    (stand-ins that check every request) are called, actors are killed and come back, the alert resolves.
    At the end stands what was measured, claim by claim. Exit code 0 if all of it is true.

    Needs scikit-learn: pip install 'slokeeper[demo]'

    \b
    Examples
      slokeeper demo
      slokeeper demo --hold          look around afterwards; the addresses are shown
      slokeeper demo --json          the verdict for programs
    """  # noqa: D301  click needs the character
    from actors.demo.run import run_demo  # noqa: PLC0415  heavy: a real model is in it

    context.exit(run_demo(hold, seed, Console(), as_json_line=as_json))
