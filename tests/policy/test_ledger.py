"""The record: written as often as one likes, kept for a while, and told the newest first."""

import sqlite3
from typing import TYPE_CHECKING

import pytest

from actors.policy import ledger
from actors.policy.action import Action
from actors.policy.decision import Decision, decide
from actors.policy.standing import Standing
from actors.storage.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_764_000_000.0
DAY = 86_400.0


@pytest.fixture
def connection() -> "Iterator[sqlite3.Connection]":
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    yield connection
    connection.close()


def decided(at: float = NOW, version: str = "2") -> Decision:
    return decide(
        [Action(name="freeze", on="exhausted")], {}, [Standing("fraud", {"version": version}, -0.1)], at
    )


def test_a_decision_that_is_written_twice_is_one_run(connection: sqlite3.Connection) -> None:
    """Nobody knows whether a write that was not answered was made."""
    decision = decided()
    ledger.put(connection, decision)
    ledger.mark_ended(connection, decision.runs[0].event.id, "done", NOW, "returned")
    ledger.put(connection, decision)
    assert [row["state"] for row in ledger.rows(connection)] == ["done"]
    assert ledger.edges(connection) == decision.edges


def test_what_is_owed_comes_back_as_it_was_decided(connection: sqlite3.Connection) -> None:
    """Also with half a surrogate pair in a label, which is no UTF-8."""
    decision = decided(version="\ud800")
    ledger.put(connection, decision)
    owed = ledger.next_owed(connection)
    assert owed is not None
    assert (owed.run, owed.attempts) == (decision.runs[0], 0)
    assert ledger.edges(connection) == decision.edges


def test_what_has_to_wait_is_overtaken(connection: sqlite3.Connection) -> None:
    first, second = decided(), decided(version="3")
    ledger.put(connection, first)
    ledger.put(connection, second)
    ledger.mark_again(connection, first.runs[0].event.id, NOW + 60, "answered 503")
    owed = ledger.next_owed(connection)
    assert owed is not None
    assert owed.run == second.runs[0]


def test_an_end_is_final(connection: sqlite3.Connection) -> None:
    decision = decided()
    ledger.put(connection, decision)
    run_id = decision.runs[0].event.id
    ledger.mark_ended(connection, run_id, "done", NOW, "returned")
    ledger.mark_again(connection, run_id, NOW + 60, "answered 503")
    ledger.mark_ended(connection, run_id, "failed", NOW, "answered 404")
    (row,) = ledger.rows(connection)
    assert (row["state"], row["answer"]) == ("done", "returned")


def test_runs_are_forgotten_after_ninety_days_unless_they_are_owed(connection: sqlite3.Connection) -> None:
    ended, owed = decided(), decided(version="3")
    ledger.put(connection, ended)
    ledger.put(connection, owed)
    ledger.mark_ended(connection, ended.runs[0].event.id, "done", NOW, "returned")
    ledger.put(connection, decided(NOW + 90 * DAY))
    assert len(ledger.rows(connection)) == 3
    ledger.put(connection, decided(NOW + 90 * DAY + 1))
    assert [row["state"] for row in ledger.rows(connection)] == ["pending"] * 3
