"""Calls of the command, as from a shell."""

from collections.abc import Mapping

import msgspec
from click.testing import CliRunner, Result

from actors.cli import main


def call(*arguments: object, environ: Mapping[str, str] | None = None) -> Result:
    """Call it in this process; wide enough that no table is folded. An exception is raised here."""
    environment = {"COLUMNS": "200", "SLOKEEPER_CONFIG": None, **(environ or {})}
    runner = CliRunner(env=environment)
    return runner.invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def answer(result: Result) -> dict[str, object]:
    """The one line of JSON that it printed."""
    assert result.stdout.count("\n") == 1
    return msgspec.json.decode(result.stdout, type=dict[str, object])
