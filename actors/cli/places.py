"""The configuration, the data directory and the port of a node that is about to run."""

import os
import tempfile
from pathlib import Path

import httpx

from actors.cli.findings import Finding
from actors.cli.options import url_of_listen
from actors.cli.refusals import BadUseError
from actors.config import ConfigError, NodeSettings, load_node_settings, load_settings
from actors.node.listen import ListenAddress, ListenError

_LIVE_TIMEOUT = 2.0


def check_config(config: Path) -> tuple[NodeSettings, Finding]:
    """The node's settings, or the defaults where there are none that can be used."""
    what = str(config)
    try:
        settings = load_settings(config, os.environ)
    except ConfigError as error:
        if not config.exists():
            return NodeSettings(), Finding(what, "odd", "is not there; looking at the defaults")
        return _node_of(config), Finding(what, "bad", str(error))
    objectives, receivers = len(settings.slos), len(settings.receivers)
    return settings.node, Finding(what, "good", f"{objectives} objectives, {receivers} receivers")


def _node_of(config: Path) -> NodeSettings:
    try:
        return load_node_settings(config)
    except ConfigError:
        return NodeSettings()


def check_data_dir(data_dir: str) -> Finding:
    """Whether a database can be written there; nothing is left behind."""
    if not data_dir:
        return Finding("node.data_dir", "odd", "everything is kept in memory: a restart forgets it")
    place = Path(data_dir).absolute()
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    if not there.is_dir():
        return Finding("node.data_dir", "bad", f"{there} is not a folder")
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        return Finding("node.data_dir", "bad", f"{there} cannot be written: {error.strerror}")
    return Finding("node.data_dir", "good", f"{place} can be {'written' if there == place else 'made'}")


def check_listen(listen: str) -> Finding:
    """Whether the port is free, or a node of ours has it already."""
    what = "node.listen"
    if not listen:
        return Finding(what, "odd", "is empty: this node has no HTTP side")
    try:
        ListenAddress(listen).bind().close()
    except ListenError as error:
        if _is_node(listen):
            return Finding(what, "odd", f"a node runs at {listen} already")
        return Finding(what, "bad", str(error))
    return Finding(what, "good", f"{listen} is free")


def _is_node(listen: str) -> bool:
    try:
        url = f"{url_of_listen(listen)}/health/live"
        return bool(httpx.get(url, timeout=_LIVE_TIMEOUT, trust_env=False).json() == {"status": "ok"})
    except (BadUseError, httpx.HTTPError, ValueError):
        return False
