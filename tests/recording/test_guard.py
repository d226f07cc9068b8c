"""What is noticed while nobody drains."""

import threading
from collections.abc import Iterator
from typing import TypeAlias

import pytest

from actors.recording import Guard, Recordings, Tables
from actors.recording.guard import DROPPED, RESUMED, STALLED
from supervisor import telemetry

Heard: TypeAlias = list[tuple[str, dict[str, object]]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    events: Heard = []
    telemetry.attach_many(
        "guarding",
        (STALLED, RESUMED, DROPPED),
        lambda name, measured, _told, _config: events.append((name[-1], dict(measured))),
    )
    yield events
    telemetry.detach("guarding")


def make(*, drain_every: float = 0.5, most: int = 10) -> tuple[Recordings, Guard]:
    recordings = Recordings(Tables([0.1]))
    return recordings, Guard(recordings, drain_every=drain_every, most=most)


def test_a_stall_is_told_once_and_so_is_its_end(heard: Heard) -> None:
    recordings, guard = make()
    recordings.drained_at = 100.0
    for now in (104.0, 105.0, 105.5, 107.0):
        guard.look(now)
    recordings.drained_at = 108.0
    for now in (108.5, 109.0):
        guard.look(now)
    assert heard == [("stalled", {"silent_seconds": 5.5}), ("resumed", {"silent_seconds": 8.0})]


def test_rare_drains_are_given_ten_intervals(heard: Heard) -> None:
    recordings, guard = make(drain_every=2.0)
    recordings.drained_at = 0.0
    guard.look(20.0)
    assert heard == []
    guard.look(20.1)
    assert [what for what, _ in heard] == ["stalled"]


def test_before_the_first_drain_nothing_is_late(heard: Heard) -> None:
    make()[1].look(1e9)
    assert heard == []


def test_buffers_stay_within_their_size_and_the_loss_is_told(heard: Heard) -> None:
    recordings, guard = make(most=10)
    recordings.model("fraud").buffers.ok.extend([0.1] * 25)
    guard.look(0.0)
    guard.look(1.0)
    assert heard == [("dropped", {"count": 15})]
    assert len(recordings.model("fraud").buffers.ok) == 10


@pytest.mark.realtime("its thread looks every second")
def test_its_thread_looks_by_itself_and_ends_with_the_block(heard: Heard) -> None:
    recordings, guard = make(most=10)
    recordings.model("fraud").buffers.ok.extend([0.1] * 11)
    told = threading.Event()
    telemetry.attach("told", DROPPED, lambda *_: told.set())
    with guard.watching():
        assert told.wait(20)
    telemetry.detach("told")
    assert "recording-guard" not in {thread.name for thread in threading.enumerate()}
    assert [what for what, _ in heard] == ["dropped"]
