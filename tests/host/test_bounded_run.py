"""A coroutine is run to its end, and what will not end does not hold it up."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from supervisor.host import bounded_run
from supervisor.host.bounded_run import run_bounded


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_run, "CLOSING_SECONDS", 0.05)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a thread waits for, until the test is over."""
    event = threading.Event()
    yield event
    event.set()


async def swallow(told: list[str]) -> None:
    while not told:
        try:
            await asyncio.sleep(3600.0)
        except asyncio.CancelledError:
            continue


async def clean_up(told: list[str]) -> None:
    try:
        await asyncio.sleep(3600.0)
    finally:
        told.append("cleaned up")


def test_result_is_returned_and_what_was_left_is_cancelled() -> None:
    told: list[str] = []

    async def main() -> int:
        main.task = asyncio.create_task(clean_up(told))  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        return 3

    with capture_logs() as lines:
        assert run_bounded(main()) == 3
    assert told == ["cleaned up"]
    assert lines == []


@pytest.mark.conformance("F2")
def test_one_that_swallows_its_first_cancellation_heeds_a_later_one() -> None:
    swallowed: list[str] = []

    async def stubborn() -> None:
        for _ in range(2):
            try:
                await asyncio.sleep(3600.0)
            except asyncio.CancelledError:
                swallowed.append("one")

    async def main() -> None:
        main.task = asyncio.create_task(stubborn())  # type: ignore[attr-defined]
        await asyncio.sleep(0)

    with capture_logs() as lines:
        run_bounded(main())
    assert (swallowed, lines) == (["one"] * 2, [])


@pytest.mark.conformance("F2", "F15")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_that_swallows_its_cancellation_is_named_and_left_and_the_error_is_raised() -> None:
    told: list[str] = []
    kept: list[asyncio.Task[None]] = []

    async def main() -> None:
        kept.append(asyncio.create_task(swallow(told), name="stubborn"))
        await asyncio.sleep(0)
        raise ZeroDivisionError

    with capture_logs() as lines, pytest.raises(ZeroDivisionError):
        run_bounded(main())
    assert [line["tasks"] for line in lines] == [["stubborn"]]
    told.append("over")


@pytest.mark.conformance("F10")
def test_thread_of_the_loops_executor_is_not_waited_for(gate: threading.Event) -> None:
    async def main() -> None:
        asyncio.get_running_loop().run_in_executor(None, gate.wait)

    run_bounded(main())
    assert not gate.is_set()
