"""What is noticed while nobody drains."""

import threading
from collections.abc import Iterator
from typing import TypeAlias

import pytest
from structlog.testing import capture_logs

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


def look(guard: Guard, times: int) -> None:
    for _ in range(times):
        guard.look()


def test_a_stall_is_told_once_and_so_is_its_end(heard: Heard) -> None:
    recordings, guard = make()
    look(guard, 4)
    assert heard == []
    look(guard, 4)
    recordings.drain()
    look(guard, 2)
    assert heard == [("stalled", {"silent_seconds": 5.0}), ("resumed", {"silent_seconds": 8.0})]


def test_drains_that_go_on_are_no_stall(heard: Heard) -> None:
    recordings, guard = make()
    for _ in range(10):
        look(guard, 4)
        recordings.drain()
    assert heard == []


def test_rare_drains_are_given_ten_intervals(heard: Heard) -> None:
    _, guard = make(drain_every=2.0)
    look(guard, 19)
    assert heard == []
    look(guard, 1)
    assert [what for what, _ in heard] == ["stalled"]


def test_buffers_stay_within_their_size_and_the_loss_is_told(heard: Heard) -> None:
    recordings, guard = make(most=10)
    recordings.model("fraud").buffers.ok.extend([0.1] * 25)
    look(guard, 2)
    assert heard == [("dropped", {"count": 15})]
    assert len(recordings.model("fraud").buffers.ok) == 10


def test_loss_that_goes_on_is_logged_at_its_beginning_and_its_end() -> None:
    recordings, guard = make(most=10)
    with capture_logs() as logs:
        for _ in range(3):
            recordings.model("fraud").buffers.ok.extend([0.1] * 15)
            look(guard, 1)
        look(guard, 1)
    assert [(line["event"], line.get("count")) for line in logs] == [
        ("predictions are dropped uncounted", None),
        ("predictions were dropped uncounted", 35),
    ]


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
