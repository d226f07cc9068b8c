"""How a command ends that cannot do what it was asked for: a clear message, an exit code, no traceback."""

from typing import IO, Any, Final

import click

BAD_USE: Final = 2
FAILED: Final = 1


class BadUseError(click.ClickException):
    """What was given cannot be used."""

    exit_code = BAD_USE

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message, each line of it under the command's name."""
        for line in self.format_message().splitlines():
            click.echo(f"slokeeper: {line}", file=file, err=file is None)


class FailedError(BadUseError):
    """What was given is good, but somebody else does not do their part."""

    exit_code = FAILED
