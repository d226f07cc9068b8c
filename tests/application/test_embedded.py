"""The monitor inside a process: counted from many threads while its actors are killed."""

import asyncio
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest

import actors
from actors.embedded import Monitor
from supervisor import ChildNotFoundError
from supervisor.host import HostNotRunningError
from tests.application.nodes import MODEL, settings, totals

if TYPE_CHECKING:
    from pathlib import Path

SHORT = 1440.0  # a nominal minute passes in 42 ms
PATHS = ("recording/recorder", "recording/tables", "slo/monitor", "alerting/dispatcher", "storage")
pytestmark = pytest.mark.realtime("a thread of its own, with its own loop")


def wait_for_total(monitor: Monitor, total: int) -> tuple[int, int]:
    """(good, total) once so many have been judged, or after ten seconds."""
    pause = threading.Event()
    for _ in range(1000):
        if totals(monitor.application, "availability")[1] >= total:
            break
        pause.wait(0.01)
    pause.wait(0.2)  # whatever is counted twice would have come by now
    return totals(monitor.application, "availability")


def kill_in_turn(monitor: Monitor, kills: int, done: threading.Event) -> None:
    """So many kills, one every 20 ms; then `done`."""
    paths = itertools.cycle(PATHS)
    while kills:
        done.wait(0.02)
        with suppress(ChildNotFoundError):  # it is between two incarnations, from the last time
            monitor.kill(next(paths))
            kills -= 1
    done.set()


def predict_until(done: threading.Event, score: Callable[[int], int]) -> tuple[int, int]:
    """Predict in bursts of 100, every tenth in vain; returns how many succeeded, and how many were tried."""
    bursts = 0
    while not done.wait(0.001):
        for number in range(100):
            with suppress(ZeroDivisionError):
                score(number)
        bursts += 1
    return bursts * 90, bursts * 100


def test_threads_predict_while_actors_are_killed_and_every_prediction_counts_once() -> None:
    monitor, done = Monitor(settings(time_factor=SHORT)), threading.Event()

    @monitor.model(MODEL, version="1").observe
    def score(number: int) -> int:
        if number % 10 == 0:
            raise ZeroDivisionError
        return number

    with monitor, ThreadPoolExecutor(4) as threads:
        producing = [threads.submit(predict_until, done, score) for _ in range(4)]
        kill_in_turn(monitor, 25, done)
        good, total = (sum(counts) for counts in zip(*(one.result() for one in producing), strict=True))
        assert total > 1000
        assert wait_for_total(monitor, total) == (good, total)


def test_what_was_predicted_before_the_start_counts_too() -> None:
    monitor = Monitor(settings(time_factor=SHORT))
    with monitor.model(MODEL, version="1").span():
        pass
    with monitor:
        assert wait_for_total(monitor, 1) == (1, 1)


def test_it_shows_its_tree_its_alerts_and_its_outbox_to_any_thread() -> None:
    with Monitor(settings(time_factor=SHORT)) as monitor:
        assert monitor.tree()["state"] == "running"
        assert monitor.alerts() == []
        assert monitor.outbox_counts() == {}
    with pytest.raises(HostNotRunningError):
        monitor.tree()


def test_its_page_is_served_on_a_port_of_its_own() -> None:
    with Monitor(settings(time_factor=SHORT, listen="127.0.0.1:0")) as monitor:
        with monitor.model(MODEL, version="1").span():
            pass
        page = httpx.get(f"{monitor.url}/metrics", trust_env=False).text
    assert 'model_requests_total{model="fraud",version="1"} 1.0' in page


def test_a_monitor_without_an_address_has_no_page() -> None:
    with pytest.raises(ValueError, match=r"node\.listen is empty"):
        _ = Monitor(settings()).url


async def test_it_can_share_the_loop() -> None:
    async with Monitor(settings(time_factor=SHORT)) as monitor:
        model = monitor.model(MODEL, version="1")

        @model.observe
        async def score() -> int:
            await asyncio.sleep(0)
            return 1

        await asyncio.gather(*(score() for _ in range(100)))
        monitor.kill("slo/monitor")
        async with asyncio.timeout(10.0):
            while totals(monitor.application, "availability") != (100, 100):  # noqa: ASYNC110  the board sets none
                await asyncio.sleep(0.01)
        assert await monitor.application.alerts() == []


def test_configuration_comes_from_a_file(tmp_path: "Path") -> None:
    path = tmp_path / "config.toml"
    path.write_text('[node]\nlisten = "127.0.0.1:0"\ndata_dir = ""\n')
    assert actors.Monitor.from_config(path).application.settings.node.data_dir == ""
