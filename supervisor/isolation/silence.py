"""Whether a process has been silent for too long. Pure: it counts checks, and reads no clock."""

from typing import Final

BEATS_PER_LIMIT: Final = 4
"""So many beats fit into the time for which a process may be silent."""


class Silence:
    """Counts one's own checks since something was last heard.

    A loop that was blocked, or a machine that slept, has made no checks meanwhile; so its own absence is not
    taken for the other's silence.
    """

    def __init__(self) -> None:
        self._checks = 0

    def broken(self) -> None:
        """Something was heard."""
        self._checks = 0

    def is_too_long(self) -> bool:
        """Make one check; True from the one on that finds a whole limit without a sign."""
        self._checks += 1
        return self._checks > BEATS_PER_LIMIT + 1
