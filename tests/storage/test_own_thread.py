"""One thread does one thing after the other."""

import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

import pytest

from actors.storage.own_thread import OwnThread
from tests.embedded.programs import output_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.realtime("a thread of its own")


@pytest.fixture
def thread() -> "Iterator[OwnThread]":
    thread = OwnThread("test")
    yield thread
    thread.shutdown()


def test_everything_is_done_in_one_thread_in_order(thread: OwnThread) -> None:
    done: list[int] = []

    def work(number: int) -> str:
        done.append(number)
        return threading.current_thread().name

    names = [thread.submit(work, number) for number in range(50)]
    assert {one.result() for one in names} == {"test"}
    assert done == list(range(50))


def test_what_the_work_raises_belongs_to_its_future(thread: OwnThread) -> None:
    failed = thread.submit(int, "x")
    assert isinstance(failed.exception(), ValueError)
    assert thread.submit(int, "1").result() == 1


def test_after_the_shutdown_nothing_is_taken(thread: OwnThread) -> None:
    thread.shutdown()
    thread.shutdown()
    with pytest.raises(RuntimeError, match="thread 'test' was shut down and takes no more work"):
        thread.submit(int)


def test_shutdown_can_cancel_what_has_not_begun(thread: OwnThread) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work() -> bool:
        begun.set()
        return go_on.wait()

    under_way = thread.submit(work)
    waiting = thread.submit(int)
    begun.wait()
    thread.shutdown(wait=False, cancel_futures=True)
    go_on.set()
    assert under_way.result() is True
    with pytest.raises(CancelledError):
        waiting.result()


def test_it_works_until_the_interpreter_ends() -> None:
    program = """
        import atexit
        from actors.storage.own_thread import OwnThread

        thread = OwnThread("test")
        atexit.register(lambda: print(thread.submit(int, "42").result()))
    """
    assert output_of(program) == "42\n"
