"""`slokeeper run`."""

from pathlib import Path

import click

from actors.cli.options import config_option, settings_of
from actors.cli.refusals import BadUseError
from actors.config import ConfigError


@click.command()
@config_option
@click.pass_context
def run(context: click.Context, config: Path) -> None:
    """Run a node until it is told to stop.

    SIGTERM or Ctrl-C: the node is not ready at once, answers under way may finish, then its tree stops in
    order; a second signal ends it now. Exit code 0 after a signal, 1 if the tree gave up.

    \b
    Examples
      slokeeper run
      slokeeper run --config /etc/slokeeper/config.toml
    """  # noqa: D301  click needs the character
    settings = settings_of(config)
    # Numpy, uvicorn and the rest take their time, and a wrong configuration is told without them.
    from actors.application import run_node  # noqa: PLC0415  lazy on purpose
    from actors.node import ListenError  # noqa: PLC0415
    from actors.storage import StorageError  # noqa: PLC0415

    try:
        code = run_node(settings)
    except (ConfigError, ListenError, StorageError) as error:
        raise BadUseError(str(error)) from None
    context.exit(code)
