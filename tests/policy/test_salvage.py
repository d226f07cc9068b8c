"""What of a damaged record is whole is taken over, and nothing else."""

import sqlite3
from contextlib import closing

import pytest

from actors.policy import ledger, salvage
from actors.storage import DamagedError
from actors.storage.schema import migrate
from tests.policy.test_ledger import decided

ILLS = [
    pytest.param(
        "UPDATE action_runs SET action = 'x'", {"action_edges": 2, "action_runs": 0}, id="other-action"
    ),
    pytest.param("UPDATE action_runs SET event = '{'", {"action_edges": 2, "action_runs": 0}, id="no-event"),
    pytest.param("UPDATE action_runs SET event = x'00'", {"action_edges": 2, "action_runs": 0}, id="bytes"),
    pytest.param(
        "UPDATE action_edges SET labels = labels || 'x'",
        {"action_edges": 0, "action_runs": 2},
        id="no-labels",
    ),
    pytest.param("UPDATE action_edges SET is_true = 7", {"action_edges": 0, "action_runs": 2}, id="no-truth"),
    pytest.param("UPDATE action_edges SET ran_at = 'x'", {"action_edges": 0, "action_runs": 2}, id="no-time"),
    pytest.param("DROP TABLE action_edges", {"action_edges": 0, "action_runs": 2}, id="no-table"),
]


def record() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    for version in ("1", "2"):
        ledger.put(connection, decided(version=version))
    return connection


def test_a_whole_record_is_taken_over_whole() -> None:
    with closing(record()) as old, closing(sqlite3.connect(":memory:")) as new:
        migrate(new)
        salvage.verify(old)
        assert salvage.salvage(old, new) == {"action_edges": 2, "action_runs": 2}
        assert (ledger.edges(new), ledger.rows(new)) == (ledger.edges(old), ledger.rows(old))


@pytest.mark.parametrize(("ill", "saved"), ILLS)
def test_what_is_not_what_was_written_is_found_and_left_behind(ill: str, saved: dict[str, int]) -> None:
    with closing(record()) as old, closing(sqlite3.connect(":memory:")) as new:
        migrate(new)
        old.execute(ill)
        with pytest.raises((DamagedError, sqlite3.Error)):
            salvage.verify(old)
        assert salvage.salvage(old, new) == saved
