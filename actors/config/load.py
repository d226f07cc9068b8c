"""From `config.toml` to settings."""

import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Final

from actors.config.actions import read_action
from actors.config.errors import ConfigError
from actors.config.maintenance import contradictions, read_maintenance
from actors.config.node import read_node
from actors.config.otlp import read_otlp
from actors.config.peer import read_peer
from actors.config.receiver import read_receiver
from actors.config.route import read_route, receivers_of
from actors.config.secrets import SecretSources
from actors.config.settings import Settings
from actors.config.slo import read_objective
from actors.config.table import Table
from actors.config.tracing import read_tracing
from actors.config.values import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from actors.config.settings import (
        MaintenanceSettings,
        NodeSettings,
        ObjectiveSettings,
        PeerSettings,
        ReceiverSettings,
        RouteSettings,
    )

MOST_BYTES: Final = 4 * 1024 * 1024


def load_settings(
    path: "Path", environ: "Mapping[str, str]", *, missing: list[str] | None = None
) -> Settings:
    """Read a configuration file whole, its secrets too.

    Args:
        path: Of the file; paths of secrets in it start from its folder.
        environ: Where keys that end in `_env` look.
        missing: Given, secrets that are not there are no problem, but a line in it: such settings can be
            looked at, and not run.

    Raises:
        ConfigError: The file cannot be read or used; every problem of it is in there.
    """
    problems: list[str] = []
    try:
        settings = _read(_parse(path), SecretSources(environ, path.parent, missing), problems)
    except _UnreadableError as error:
        raise ConfigError([f"{path}: {error}"]) from None
    if problems:
        raise ConfigError(f"{path.name}: {problem}" for problem in problems)
    return settings


def load_node_settings(path: "Path") -> "NodeSettings":
    """Read `[node]` only, as those do who ask a node: they need none of its secrets.

    Raises:
        ConfigError: The file cannot be read, or that table not be used.
    """
    problems: list[str] = []
    try:
        node = read_node(Table(_parse(path), "", problems).table("node"))
    except _UnreadableError as error:
        raise ConfigError([f"{path}: {error}"]) from None
    if problems:
        raise ConfigError(f"{path.name}: {problem}" for problem in problems)
    return node


def load_objectives(path: "Path") -> "tuple[tuple[ObjectiveSettings, ...], tuple[MaintenanceSettings, ...]]":
    """Read `[[slo]]` and `[[maintenance]]` only, as those do who judge what has been: without any secret.

    Raises:
        ConfigError: The file cannot be read, or one of them not be used.
    """
    problems: list[str] = []
    try:
        file = Table(_parse(path), "", problems)
    except _UnreadableError as error:
        raise ConfigError([f"{path}: {error}"]) from None
    node = read_node(file.table("node"))
    slos = tuple(read_objective(table, node.evaluate_every) for table in file.tables("slo"))
    names = [one.name for one in slos if one.name]
    maintenance = tuple(read_maintenance(table, names) for table in file.tables("maintenance"))
    problems += _twice("slo", (one.name for one in slos))
    problems += contradictions(maintenance, slos)
    if problems:
        raise ConfigError(f"{path.name}: {problem}" for problem in problems)
    return slos, maintenance


class _UnreadableError(Exception):
    """There is nothing to look into."""


def _parse(path: "Path") -> "dict[str, object]":
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _UnreadableError(f"cannot be read: {error.strerror or 'it is no file'}") from None
    except ValueError:
        raise _UnreadableError("cannot be read: its path is none") from None
    if len(content) > MOST_BYTES:
        raise _UnreadableError(f"must have at most {MOST_BYTES} bytes, and has more")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _UnreadableError(f"must be UTF-8, and is not at byte {error.start}") from None
    except RecursionError:
        raise _UnreadableError("must be TOML, and is nested too deeply") from None
    except ValueError as error:
        raise _UnreadableError(f"must be TOML: {_one_line(error)}") from None


def _one_line(error: ValueError) -> str:
    return " ".join(str(error).split())


def _read(content: "Mapping[str, object]", secrets: SecretSources, problems: list[str]) -> Settings:
    file = Table(content, "", problems)
    node = read_node(file.table("node"))
    slos = tuple(read_objective(table, node.evaluate_every) for table in file.tables("slo"))
    names = [one.name for one in slos if one.name]
    maintenance = tuple(read_maintenance(table, names) for table in file.tables("maintenance"))
    receivers = tuple(read_receiver(table, secrets) for table in file.tables("receiver"))
    root = file.table("route")
    route = None if root is None else read_route(root, [one.name for one in receivers if one.name])
    peers = tuple(read_peer(table, secrets) for table in file.tables("peer"))
    otlp = read_otlp(file.table("otlp"), secrets, node.name)
    tracing = read_tracing(file.table("tracing"), secrets, otlp)
    names = [one.name for one in slos if one.name]
    actions = tuple(read_action(table, secrets, names) for table in file.tables("action"))
    file.rest_is_unknown()
    problems += _twice("action", (one.name for one in actions))
    problems += _twice("slo", (one.name for one in slos))
    problems += _twice("maintenance", (one.name for one in maintenance))
    problems += contradictions(maintenance, slos)
    problems += _twice("receiver", (one.name for one in receivers))
    problems += _twice("peer", (one.name for one in peers))
    problems += _same_address(peers)
    if file.is_good("route"):
        problems += _unreached(receivers, route)
    return Settings(
        node=node,
        slos=slos,
        maintenance=maintenance,
        receivers=receivers,
        route=route,
        peers=peers,
        otlp=otlp,
        tracing=tracing,
        actions=actions,
    )


def _twice(kind: str, names: "Iterable[str]") -> "list[str]":
    counted = Counter(name for name in names if name)
    return [
        f"{joined(kind, name)} must have a name of its own, and there are {count} of that name"
        for name, count in counted.items()
        if count > 1
    ]


def _same_address(peers: "tuple[PeerSettings, ...]") -> "list[str]":
    first: dict[str, str] = {}
    return [
        f"{joined('peer', one.name)}.url must differ from that of {joined('peer', first[one.url])}: "
        "its predictions would count twice"
        for one in peers
        if one.url and one.name and first.setdefault(one.url, one.name) != one.name
    ]


def _unreached(receivers: "tuple[ReceiverSettings, ...]", route: "RouteSettings | None") -> "list[str]":
    if route is None:
        return ["route must be set, since there are receivers: [route] names the one for every alert"] * bool(
            receivers
        )
    named = set(receivers_of(route))
    return [
        f"{joined('receiver', one.name)} must be named by a route, and is by none"
        for one in receivers
        if one.name and one.name not in named
    ]
