"""What the HTTP application asks of the program that it shows."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol, TypeAlias

Rows: TypeAlias = Sequence[Mapping[str, object]]


class NodeView(Protocol):
    """A look at a running node; every answer is made when it is asked for, of plain JSON values.

    An exception in any of them becomes a 500 that says nothing of the inside, and a log line that says all.
    """

    def is_ready(self) -> bool:
        """Whether requests should be routed here: False before the start is done and from SIGTERM on."""
        ...

    def tree(self) -> Mapping[str, object]:
        """The supervision tree from its root: id, path, kind, state, pid, restarts, mailbox, children."""
        ...

    def slos(self) -> Rows | Awaitable[Rows]:
        """One row for each objective and group."""
        ...

    def alerts(self) -> Rows | Awaitable[Rows]:
        """One row for each alert that is known."""
        ...

    def peers(self) -> Rows:
        """One row for each peer, those that are scraped first."""
        ...

    def actions(self) -> Rows | Awaitable[Rows]:
        """One row for each run of an action, the newest first."""
        ...

    def exposition(self, accept: str) -> tuple[bytes, str] | Awaitable[tuple[bytes, str]]:
        """The metrics page in the format an `Accept` header asks for, and its content type."""
        ...
