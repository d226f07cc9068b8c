"""What the node keeps of a peer between two looks."""

from math import inf
from typing import TYPE_CHECKING

import pytest

from actors.config.settings import PeerSettings
from actors.node.baselines import BaselineFormatError
from actors.node.counters import Cumulative
from actors.node.peer import Peer
from actors.recording.series import SeriesKey
from tests.node.counted import Counted

if TYPE_CHECKING:
    from actors.node.counters import Reading

ONE, TWO = SeriesKey("fraud", "1"), SeriesKey("fraud", "2")


def make_peer() -> Peer:
    return Peer(
        PeerSettings(url="http://10.0.0.7:8000/metrics", name="blue", scrape_every=15.0, timeout=10.0)
    )


def total(requests: int, errors: int = 0) -> Cumulative:
    return Cumulative(requests, errors, ((0.1, requests - errors), (inf, requests - errors)))


def look(peer: Peer, tables: Counted, at: float, reading: "Reading") -> None:
    peer.asked(at)
    peer.take(reading, asked_at=at, now=at + 0.1, tables=tables)


def test_first_sight_is_a_baseline_and_counts_nothing() -> None:
    peer, tables = make_peer(), Counted()
    look(peer, tables, 0.0, {ONE: total(1_000)})
    assert tables.requests == {}


def test_rise_since_the_last_look_is_counted() -> None:
    peer, tables = make_peer(), Counted()
    look(peer, tables, 0.0, {ONE: total(1_000)})
    look(peer, tables, 15.0, {ONE: total(1_040, errors=1)})
    assert tables.requests == {ONE: 40}
    assert tables.errors == {ONE: 1}
    assert tables.within == {ONE: {0.1: 39, inf: 39}}


def test_series_that_appears_later_counts_whole() -> None:
    peer, tables = make_peer(), Counted()
    look(peer, tables, 0.0, {ONE: total(1_000)})
    look(peer, tables, 15.0, {ONE: total(1_000), TWO: total(7)})
    assert tables.requests == {TWO: 7}


def test_series_that_went_and_came_back_counts_from_where_it_was() -> None:
    peer, tables = make_peer(), Counted()
    for at, reading in enumerate([{ONE: total(10)}, {}, {ONE: total(13)}]):
        look(peer, tables, at * 15.0, reading)
    assert tables.requests == {ONE: 3}


def test_restart_of_the_peer_counts_all_since() -> None:
    peer, tables = make_peer(), Counted()
    look(peer, tables, 0.0, {ONE: total(1_000)})
    look(peer, tables, 15.0, {ONE: total(12)})
    assert tables.requests == {ONE: 12}


def test_same_answer_twice_counts_once() -> None:
    peer, tables = make_peer(), Counted()
    for at, requests in [(0.0, 10), (15.0, 20), (15.0, 20), (30.0, 20)]:
        look(peer, tables, at, {ONE: total(requests)})
    assert tables.requests == {ONE: 10}


def test_answer_to_an_older_question_is_dropped() -> None:
    """Its lower counts would look like a restart, and everything would be counted again."""
    peer, tables = make_peer(), Counted()
    for at, requests in [(0.0, 1_000), (30.0, 1_020), (15.0, 1_010), (45.0, 1_030)]:
        look(peer, tables, at, {ONE: total(requests)})
    assert tables.requests == {ONE: 30}


def test_tables_that_fail_in_the_middle_lose_and_double_nothing() -> None:
    """Each series' baseline moves in the step that counts it."""
    peer, tables = make_peer(), Counted(fail_on={TWO})
    look(peer, tables, 0.0, {ONE: total(10), TWO: total(10)})
    with pytest.raises(ZeroDivisionError):
        look(peer, tables, 15.0, {ONE: total(11), TWO: total(12)})
    tables.fail_on.clear()
    look(peer, tables, 30.0, {ONE: total(11), TWO: total(12)})
    assert tables.requests == {ONE: 1, TWO: 2}


def test_node_that_restarts_counts_what_the_peer_did_meanwhile() -> None:
    before, tables = make_peer(), Counted()
    look(before, tables, 0.0, {ONE: total(1_000)})
    look(before, tables, 15.0, {ONE: total(1_010)})
    stored = before.dump()
    assert stored is not None

    after = make_peer()
    after.load(stored)
    look(after, tables, 3.0, {ONE: total(1_500), TWO: total(4)})

    assert tables.requests == {ONE: 500, TWO: 4}


def test_peer_that_was_never_heard_has_nothing_to_store() -> None:
    assert make_peer().dump() is None


def test_unreadable_baselines_leave_a_first_sight() -> None:
    peer, tables = make_peer(), Counted()
    with pytest.raises(BaselineFormatError):
        peer.load(b"rubbish")
    look(peer, tables, 0.0, {ONE: total(1_000)})
    assert tables.requests == {}


@pytest.mark.parametrize(
    ("now", "state"),
    [
        pytest.param(100.1, "up", id="just-heard"),
        pytest.param(145.1, "up", id="exactly-three-intervals"),
        pytest.param(145.2, "unknown", id="longer-than-three-intervals"),
    ],
)
def test_silence_of_more_than_three_intervals_is_unknown(now: float, state: str) -> None:
    peer = make_peer()
    look(peer, Counted(), 100.0, {})
    status = peer.status(now)
    assert status.state == state
    assert status.silent_seconds == pytest.approx(now - 100.1)


def test_peer_that_was_never_heard_is_unknown() -> None:
    status = make_peer().status(1.0)
    assert (status.state, status.silent_seconds, status.series) == ("unknown", None, 0)


def test_status_and_name_hold_no_part_of_the_address() -> None:
    peer = Peer(PeerSettings(url="http://user:hunter2@10.0.0.7:8000/metrics?key=hunter3", name="blue"))
    assert "hunter" not in repr(peer.status(0.0))
