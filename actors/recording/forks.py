"""What a forked process must not take over from its parent."""

import os
from typing import TYPE_CHECKING, Final, Protocol
from weakref import WeakSet

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)


class BeginsAnew(Protocol):
    """Something that a forked process has to begin anew."""

    def begin_anew(self) -> None:
        """Called in the forked process, where only the thread that forked runs."""


_ALL: "Final[WeakSet[BeginsAnew]]" = WeakSet()


def on_fork(one: BeginsAnew) -> None:
    """Have it begin anew in every process that is forked off from now on; it is not kept alive by that."""
    _ALL.add(one)


def harmless(call: "Callable[[], object]") -> None:
    """Call something after a fork; what it raises is logged, and keeps nobody else from his turn."""
    try:
        call()
    except Exception:
        log.exception("not begun anew in a forked process")


def _forked() -> None:
    for one in tuple(_ALL):
        harmless(one.begin_anew)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
