"""Python, the packages in it, and the clocks."""

import importlib.metadata
import platform
import re
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from actors.cli.findings import Finding
from actors.version import __version__
from supervisor.clock import monotonic, unix_now

if TYPE_CHECKING:
    from supervisor.clock import Seconds

OLDEST_PYTHON: Final = (3, 11)
WATCHED: "Final[Seconds]" = 0.25
MOST_DRIFT: "Final[Seconds]" = 0.05
BUILT: "Final[Seconds]" = 1_760_000_000.0
"""October 2025: no true clock is older than this code."""

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)[^;]*(;.*extra.*)?")


def check_python() -> Finding:
    """The interpreter."""
    where = platform.platform(terse=True)
    found = f"{platform.python_version()} ({platform.python_implementation()}) on {where}"
    is_good = sys.version_info >= OLDEST_PYTHON
    return Finding("python", "good" if is_good else "bad", found if is_good else f"{found}; 3.11 is needed")


def check_packages() -> Iterator[Finding]:
    """Slokeeper and what it needs, each with its version."""
    yield Finding("slokeeper", "good", __version__)
    yield Finding("sqlite", "good", sqlite3.sqlite_version)
    for name in _needed():
        try:
            yield Finding(name, "good", importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, "bad", f"not installed; pip install {name}")


def _needed() -> list[str]:
    try:
        requirements = importlib.metadata.requires("slokeeper") or []
    except importlib.metadata.PackageNotFoundError:
        return []  # run from a checkout that is not installed
    matches = (_REQUIREMENT.fullmatch(requirement) for requirement in requirements)
    return [match[1] for match in matches if match is not None and match[2] is None]


def check_supervisord() -> Finding:
    """Whether supervisord is installed beside us: its package is imported by the same name as ours."""
    try:
        version = importlib.metadata.version("supervisor")
    except importlib.metadata.PackageNotFoundError:
        return Finding("supervisord", "good", "not in this environment")
    return Finding(
        "supervisord",
        "bad",
        f"supervisor {version} is in this environment, and both are imported as 'supervisor'; "
        "give slokeeper an environment of its own",
    )


def check_clocks(
    wall: "Callable[[], Seconds]" = unix_now,
    steady: "Callable[[], Seconds]" = monotonic,
    wait: "Callable[[Seconds], object] | None" = None,
) -> Finding:
    """Whether wall time is plausible and moves as the monotonic clock does."""
    wait = threading.Event().wait if wait is None else wait
    wall_before, steady_before = wall(), steady()
    wait(WATCHED)
    drift = (wall() - wall_before) - (steady() - steady_before)
    if wall_before < BUILT:
        return Finding("clock", "bad", "the wall clock is years behind; set it (NTP)")
    if abs(drift) > MOST_DRIFT:
        return Finding(
            "clock", "odd", f"wall time moved {drift:+.3f} s against the monotonic clock in {WATCHED} s"
        )
    return Finding("clock", "good", f"wall and monotonic time agree within {MOST_DRIFT * 1000:.0f} ms")
