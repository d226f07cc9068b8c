"""The group of all commands."""

import click

from actors.cli.annotate import annotate
from actors.cli.budget import budget
from actors.cli.check import check
from actors.cli.demo import demo
from actors.cli.doctor import doctor
from actors.cli.explain import explain
from actors.cli.gate import gate
from actors.cli.maintenance import maintenance
from actors.cli.replay import replay
from actors.cli.rules import rules
from actors.cli.run import run
from actors.cli.status import status
from actors.cli.tree import tree
from actors.version import __version__


@click.group("slokeeper", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="slokeeper")
def main() -> None:
    """Keep an inference service's promises.

    Predictions are counted, p99 and availability are held against an error budget every minute, and the
    right person is woken through Slack or PagerDuty.

    \b
    First steps
      slokeeper demo                 the whole story on a real model, in about a minute
      slokeeper check config.toml    what a configuration says, and what is wrong with it
      slokeeper run                  a node, as config.toml describes it
      slokeeper replay trace.csv     what its rules would have done with recorded traffic
      slokeeper status               how its objectives and alerts stand

    \b
    Exit codes
      0  done
      1  a node is not ready or not reached, its tree gave up, or something measured is not as it should be
      2  the input cannot be used; the message says all that is wrong with it
    """  # noqa: D301  click needs the character


for command in (run, demo, check, status, tree, doctor, replay):
    main.add_command(command)
for command in (budget, gate, annotate, rules, explain, maintenance):
    main.add_command(command)
