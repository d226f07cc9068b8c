"""Buffers of builds whose threads run at once."""

import _thread
import threading
from collections.abc import Callable

import pytest

from actors.recording import Buffers, Recordings, Tables, per_thread
from actors.recording.per_thread import PerThreadList


@pytest.fixture(autouse=True)
def _switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(per_thread, "IS_NEEDED", True)


def eventually(is_so: Callable[[], bool]) -> None:
    while not is_so():
        threading.Event().wait(0.001)


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
    buffers = Buffers()
    in_thread(lambda: buffers.ok.append(2.0))
    taken = buffers.take(10)
    assert taken is not None
    assert taken.ok == [2.0]
    assert isinstance(buffers.ok, PerThreadList)
    assert buffers.ok.lists() == ()


def test_no_more_than_asked_for_are_taken_from_all_of_them() -> None:
    buffers = Buffers()
    for _ in range(3):
        in_thread(lambda: buffers.ok.extend([1.0] * 4))
    counts = []
    while (taken := buffers.take(5)) is not None:
        counts.append(len(taken.ok))
    assert counts == [5, 5, 2]


def test_list_of_a_thread_that_lives_is_kept_though_empty() -> None:
    values: PerThreadList[float] = PerThreadList()
    values.append(1.0)
    values.lists()[0].clear()
    values.lists()
    values.append(2.0)
    assert values.lists() == ([2.0],)


def test_a_thread_that_no_module_knows_is_one_too() -> None:
    """A server written in C starts threads of its own, whose entry in `threading` never ends."""
    values: PerThreadList[float] = PerThreadList()
    is_done = _thread.allocate_lock()
    is_done.acquire()

    def work() -> None:
        values.append(1.0)
        threading.current_thread()
        is_done.release()

    _thread.start_new_thread(work, ())
    is_done.acquire()
    assert [list(one) for one in values.lists()] == [[1.0]]
    values.lists()[0].clear()
    eventually(lambda: values.lists() == ())


def test_all_of_them_together_are_trimmed() -> None:
    buffers = Buffers()
    for _ in range(2):
        in_thread(lambda: buffers.ok.extend([1.0, 2.0, 3.0]))
    assert buffers.trim(2) == 4
    assert len(buffers.ok) == 2


@pytest.mark.realtime("threads")
@pytest.mark.parametrize("is_needed", [True, False])
def test_eight_threads_that_come_and_go_lose_nothing(
    is_needed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(per_thread, "IS_NEEDED", is_needed)
    recordings, calls, rounds = Recordings(Tables([])), 500, 10
    score = recordings.model("fraud").observe(lambda: 1)

    def work() -> None:
        for _ in range(calls):
            score()

    for _ in range(rounds):
        workers = [threading.Thread(target=work) for _ in range(8)]
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            recordings.drain()
    recordings.drain()
    assert sum(totals.requests for _, totals in recordings.tables.series()) == 8 * calls * rounds
