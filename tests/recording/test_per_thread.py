"""Buffers of builds whose threads run at once."""

import threading
from collections.abc import Callable

import pytest

from actors.recording.buffers import Buffers
from actors.recording.per_thread import PerThreadList


def in_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_each_thread_has_a_list_of_its_own() -> None:
    values: PerThreadList[float] = PerThreadList()
    values.append(1.0)
    in_thread(lambda: values.extend([2.0, 3.0]))
    assert sorted(values.lists()) == [[1.0], [2.0, 3.0]]
    assert len(values) == 3


def test_what_a_thread_has_left_is_taken_after_its_end_and_then_it_is_forgotten() -> None:
    buffers = Buffers(is_per_thread=True)
    in_thread(lambda: buffers.ok.append(2.0))
    taken = buffers.take(10)
    assert taken is not None
    assert taken.ok == [2.0]
    assert isinstance(buffers.ok, PerThreadList)
    assert buffers.ok.lists() == ()


def test_no_more_than_asked_for_are_taken_from_all_of_them() -> None:
    buffers = Buffers(is_per_thread=True)
    for _ in range(3):
        in_thread(lambda: buffers.ok.extend([1.0] * 4))
    counts = []
    while (taken := buffers.take(5)) is not None:
        counts.append(len(taken.ok))
    assert counts == [5, 5, 2]


def test_each_list_is_trimmed() -> None:
    buffers = Buffers(is_per_thread=True)
    for _ in range(2):
        in_thread(lambda: buffers.ok.extend([1.0, 2.0, 3.0]))
    assert buffers.trim(2) == 2
    assert len(buffers.ok) == 4


@pytest.mark.realtime("threads")
@pytest.mark.parametrize("is_per_thread", [True, False])
def test_eight_threads_lose_nothing_while_somebody_takes(is_per_thread: bool) -> None:
    buffers, calls, taken = Buffers(is_per_thread=is_per_thread), 20_000, 0

    def work() -> None:
        append = buffers.ok.append
        for _ in range(calls):
            append(1.0)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    is_over = False
    while not is_over:
        is_over = not any(worker.is_alive() for worker in workers)
        while (some := buffers.take(1_000)) is not None:
            taken += len(some.ok)
    assert taken == 8 * calls
