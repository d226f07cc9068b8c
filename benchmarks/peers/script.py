"""What every contender's script has in common: it does one scenario and prints one line of JSON.

python -m benchmarks.peers.NAME SCENARIO SIZE [--uvloop]
"""

import asyncio
import importlib
import importlib.metadata
import inspect
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias, cast

Figures: TypeAlias = dict[str, float]
Doing: TypeAlias = Callable[[int], Awaitable[Figures] | Figures]


def main(distribution: str, scenarios: Mapping[str, Doing]) -> None:
    """Do the scenario that the command line names, print its figures, and end at once.

    A contender that has no such scenario prints none.
    """
    logging.disable(logging.CRITICAL)  # what a peer has to say is not to be measured
    name, size = sys.argv[1], int(sys.argv[2])
    doing = scenarios.get(name)
    is_on_uvloop = "--uvloop" in sys.argv[3:]
    is_async = inspect.iscoroutinefunction(doing)
    if doing is None or (is_on_uvloop and not is_async):
        _tell(distribution, {})
    elif is_async:
        loop_factory = importlib.import_module("uvloop").new_event_loop if is_on_uvloop else None
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(_do(distribution, doing, size))
    else:
        _tell(distribution, cast("Figures", doing(size)))


async def _do(distribution: str, doing: Doing, size: int) -> None:
    """Told from within the loop: closing it may hang on what a peer has left there."""
    _tell(distribution, await cast("Awaitable[Figures]", doing(size)))


def _tell(distribution: str, figures: Figures) -> None:
    version = importlib.metadata.version(distribution) if distribution else sys.version.split()[0]
    print(json.dumps({"version": version, "figures": figures}), flush=True)
    os._exit(0)  # a peer may leave threads behind, or tasks that do not end
