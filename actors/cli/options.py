"""What several commands take, and what they read from it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from actors.cli.refusals import BadUseError
from actors.config import ConfigError, load_node_settings, load_settings
from actors.config.values import is_address

if TYPE_CHECKING:
    from actors.config import Settings

DEFAULT: Final = Path("config.toml")

config_option = click.option(
    "--config",
    "-c",
    type=click.Path(path_type=Path),
    default=DEFAULT,
    envvar="SLOKEEPER_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The configuration.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One line of JSON, for programs.")


def _labels(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    labels = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadUseError(f"--group must be NAME=VALUE such as version=2.1.0, got {text!r}")
        labels[name] = value
    return labels


group_option = click.option(
    "--group",
    multiple=True,
    callback=_labels,
    metavar="NAME=VALUE",
    help="Only groups with this label; repeatable. Default: every group.",
)
url_option = click.option(
    "--url",
    default=None,
    metavar="URL",
    help="Where the node answers, such as http://10.0.0.7:8080. Default: node.listen of the configuration.",
)


def settings_of(config: Path) -> "Settings":
    """The settings in a file.

    Raises:
        BadUseError: The file cannot be used.
    """
    try:
        return load_settings(config, os.environ)
    except ConfigError as error:
        raise BadUseError(str(error)) from None


def url_of(url: str | None, config: Path) -> str:
    """Where to ask: the address that was given, or that of the configuration's node.

    Raises:
        BadUseError: Neither leads to a node.
    """
    if url is not None:
        if not is_address(url):
            raise BadUseError("--url must be an address such as http://127.0.0.1:8080")
        return url.rstrip("/")
    try:
        listen = load_node_settings(config).listen
    except ConfigError as error:
        hint = "" if config.exists() else "\ngive --url, or --config where the node's configuration is"
        raise BadUseError(f"{error}{hint}") from None
    return url_of_listen(listen)


def url_of_listen(listen: str) -> str:
    """Where a node that listens there is asked from the same machine.

    Raises:
        BadUseError: It has no HTTP side, or a port that only the node itself knows.
    """
    from actors.node.listen import ListenAddress  # noqa: PLC0415  the node brings numpy with it

    address = ListenAddress(listen) if listen else None
    if address is None or address.port == 0:
        raise BadUseError(f"node.listen is {listen!r}, which tells no address to ask; give --url")
    return address.url
