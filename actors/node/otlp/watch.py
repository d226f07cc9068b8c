"""The actor that notices silence."""

from typing import TYPE_CHECKING, Final

from actors.node.announcing import announce
from supervisor.clock import monotonic
from supervisor.process import Actor

if TYPE_CHECKING:
    from actors.node.otlp.pushes import Pushes

LOOK_EVERY: Final = 5.0
"""Seconds."""


class _Look:
    """To itself: it is time."""

    __slots__ = ()


class PushWatch(Actor):
    """Says when a service that pushes becomes unknown or is heard again, and forgets instances that are gone.

    Nothing waits for it: what is pushed is counted where it arrives.

    Args:
        pushes: What is known of those who push.

    Emits:
        ("peer", "state"): A service became `up` or `unknown`; measurements `silent_seconds`, metadata `peer`,
            `state`, `problem`.
    """

    def __init__(self, pushes: "Pushes") -> None:
        self._pushes = pushes

    def init(self) -> None:
        """Look at once."""
        self._look()

    def handle_info(self, message: object) -> None:
        """Look on time."""
        if isinstance(message, _Look):
            self._look()

    def _look(self) -> None:
        self.send_after(_Look(), LOOK_EVERY)
        now = monotonic()
        self._pushes.expire(now)
        for status in self._pushes.news(now):
            announce(status, "pushing service", problem=status.problem)
