"""Annotations: kept as long as counts, told in order, noted once."""

import sqlite3
from collections.abc import Iterator

import pytest

from actors.storage import annotations
from actors.storage.annotations import KEPT_SECONDS, Annotation, annotate, annotations_between
from actors.storage.schema import migrate

NOW = 1_800_000_000.0


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    found = sqlite3.connect(":memory:", isolation_level=None)
    migrate(found)
    yield found
    found.close()


def told(connection: sqlite3.Connection) -> list[str]:
    return [one.text for one in annotations_between(connection, 0.0, 2 * NOW)]


def test_what_was_noted_is_told_oldest_first(connection: sqlite3.Connection) -> None:
    later = Annotation(NOW, "deploy", "fraud 2.1.0", {"version": "2.1.0", "model": "fraud"})
    earlier = Annotation(NOW - 60, "note", "caf\u00e9 \u2013 closed")
    for one in (later, earlier):
        annotate(connection, one, NOW)
    assert annotations_between(connection, NOW - 60, NOW + 1) == [earlier, later]
    assert annotations_between(connection, NOW - 60, NOW) == [earlier]
    assert annotations_between(connection, NOW - 59, NOW) == []


def test_noting_the_same_again_changes_nothing(connection: sqlite3.Connection) -> None:
    """A call whose answer was lost is made again."""
    for labels in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}):
        annotate(connection, Annotation(NOW, "note", "once", labels), NOW)
    assert told(connection) == ["once"]


def test_what_is_older_than_the_counts_is_forgotten(connection: sqlite3.Connection) -> None:
    annotate(connection, Annotation(NOW, "note", "old"), NOW)
    annotate(connection, Annotation(NOW + 1, "note", "kept"), NOW + 1)
    annotate(connection, Annotation(NOW + 99, "note", "new"), NOW + KEPT_SECONDS + 1)
    assert told(connection) == ["kept", "new"]


def test_of_too_many_the_oldest_are_forgotten(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotations, "MOST", 3)
    for number in range(5):
        annotate(connection, Annotation(NOW + number, "note", str(number)), NOW)
    assert told(connection) == ["2", "3", "4"]
