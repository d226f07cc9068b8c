"""What happened beside the counting, on one line of time: deploys, starts and stops, whatever people note."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

    from supervisor.clock import Seconds

KEPT_SECONDS: "Final[Seconds]" = 30 * 86_400.0 + 3600.0
"""As long as counts are kept, and an hour for the edge of the longest window."""
MOST: Final = 10_000
"""Of more the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something that happened at an instant.

    Attributes:
        at: Unix seconds.
        kind: One word: "deploy", "start", "stop", "note".
        text: For people, one line.
        labels: Of what it happened to, as objectives match them; none is everything.
    """

    at: "Seconds"
    kind: str
    text: str
    labels: Mapping[str, str] = field(default_factory=dict)


def annotate(connection: "sqlite3.Connection", annotation: Annotation, now: "Seconds") -> None:
    """Note it, and forget what is too old; the same one again changes nothing.

    Args:
        connection: In a transaction.
        annotation: Not older than annotations are kept.
        now: Unix seconds.
    """
    labels = json.dumps(dict(sorted(annotation.labels.items())), ensure_ascii=False, separators=(",", ":"))
    connection.execute(
        "INSERT OR IGNORE INTO annotations (at, kind, text, labels) VALUES (?, ?, ?, ?)",
        (annotation.at, annotation.kind, annotation.text, labels),
    )
    forget_annotations(connection, now)


def forget_annotations(connection: "sqlite3.Connection", now: "Seconds") -> None:
    """Forget what is older than the counts, or too much."""
    connection.execute("DELETE FROM annotations WHERE at < ?", (now - KEPT_SECONDS,))
    connection.execute(
        "DELETE FROM annotations WHERE at <= (SELECT at FROM annotations ORDER BY at DESC LIMIT 1 OFFSET ?)",
        (MOST,),
    )


def annotations_between(
    connection: "sqlite3.Connection", since: "Seconds", until: "Seconds"
) -> list[Annotation]:
    """Those in [since, until), unix seconds, oldest first."""
    found = connection.execute(
        "SELECT at, kind, text, labels FROM annotations WHERE at >= ? AND at < ? ORDER BY at, kind, text",
        (since, until),
    )
    return [Annotation(at, kind, text, json.loads(labels)) for at, kind, text, labels in found]
