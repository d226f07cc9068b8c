"""The command `slokeeper`: run a node, ask one, check a configuration, see the whole story."""

from actors.cli.program import main

__all__ = ["main"]
