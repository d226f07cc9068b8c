"""What waits, and what has to go first."""

from hypothesis import given
from hypothesis import strategies as st

from actors.recording.otlp.queue import PushQueue


def drained(queue: PushQueue) -> list[bytes]:
    """Every request in its order."""
    found = []
    while (body := queue.oldest) is not None:
        found.append(body)
        queue.done()
    return found


def test_requests_come_in_their_order() -> None:
    queue = PushQueue()
    queue.add([b"1a", b"1b"])
    queue.add([b"2"])
    assert drained(queue) == [b"1a", b"1b", b"2"]


def test_ninth_push_drives_out_the_first() -> None:
    queue = PushQueue()
    dropped = [queue.add([bytes([number])]) for number in range(9)]
    assert dropped == [0] * 8 + [1]
    assert drained(queue) == [bytes([number]) for number in range(1, 9)]


def test_push_without_series_is_none() -> None:
    queue = PushQueue()
    queue.add([])
    assert queue.oldest is None


@given(
    pushes=st.lists(st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=4), max_size=30),
    most_pushes=st.integers(1, 5),
    most_bytes=st.integers(1, 40),
)
def test_newest_are_kept_within_the_bounds_and_every_other_is_counted(
    pushes: list[list[bytes]], most_pushes: int, most_bytes: int
) -> None:
    queue = PushQueue(most_pushes, most_bytes)
    for push in pushes:
        queue.add(push)
        assert len(queue) == 1 or (len(queue) <= most_pushes and queue.size <= most_bytes)
    kept = pushes[queue.dropped :]
    assert len(kept) == len(queue)
    assert drained(queue) == [body for push in kept for body in push]
    assert bool(kept) is bool(pushes)
