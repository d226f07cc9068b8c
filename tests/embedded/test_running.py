"""When a monitor runs: started and stopped, twice, again, in a forked child, at the interpreter's end."""

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from actors import Monitor, MonitorRunsError
from supervisor.host import HostNotRunningError
from tests.application.nodes import MODEL, settings
from tests.embedded.programs import output_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realtime("a thread of its own, with its own loop")


def requests(monitor: Monitor) -> int:
    """So many predictions have been counted by now."""
    monitor.application.recordings.drain()
    return sum(totals.requests for _, totals in monitor.application.tables.series())


def runs(monitor: Monitor) -> bool:
    """Whether it does by now."""
    return monitor.is_running


def predict(monitor: Monitor) -> None:
    with monitor.model(MODEL, version="1").span():
        pass


def test_start_and_stop_are_the_block_in_two_calls() -> None:
    monitor = Monitor(settings())
    assert not runs(monitor)
    assert monitor.start() is monitor
    assert runs(monitor)
    assert monitor.tree()["state"] == "running"
    monitor.stop()
    assert not runs(monitor)
    with pytest.raises(HostNotRunningError):
        monitor.tree()


def test_stop_of_one_that_does_not_run_does_nothing() -> None:
    Monitor(settings()).stop()


def test_second_start_is_refused_and_the_first_goes_on() -> None:
    with Monitor(settings()) as monitor:
        with pytest.raises(
            MonitorRunsError, match="monitor 'test' runs already, in a thread of its own; start it once"
        ):
            monitor.start()
        assert runs(monitor)


async def test_it_runs_in_one_place_at_a_time() -> None:
    monitor = Monitor(settings())
    async with monitor:
        with pytest.raises(MonitorRunsError, match="runs already, on a loop"):
            monitor.start()
        with pytest.raises(MonitorRunsError, match="runs already, on a loop"):
            await monitor.__aenter__()
        assert runs(monitor)
    assert not runs(monitor)


def test_of_many_that_start_it_at_once_one_does() -> None:
    monitor, outcomes = Monitor(settings()), list[str]()
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        try:
            monitor.start()
        except MonitorRunsError:
            outcomes.append("refused")
        else:
            outcomes.append("started")

    threads = [threading.Thread(target=start) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    monitor.stop()
    assert sorted(outcomes) == ["refused", "refused", "refused", "started"]


def test_started_again_it_goes_on_counting() -> None:
    monitor = Monitor(settings(listen="127.0.0.1:0"))
    for _ in range(3):
        with monitor:
            predict(monitor)
    predict(monitor)
    assert requests(monitor) == 4


async def test_it_may_run_in_a_thread_after_it_ran_on_a_loop() -> None:
    monitor = Monitor(settings())
    async with monitor:
        predict(monitor)
    with monitor:
        predict(monitor)
    assert requests(monitor) == 2


def test_start_that_failed_can_be_tried_again(tmp_path: "Path") -> None:
    monitor = Monitor(settings(data_dir=str(tmp_path)))
    with Monitor(settings(data_dir=str(tmp_path))), pytest.raises(Exception, match="another node uses it"):
        monitor.start()
    assert not runs(monitor)
    with monitor:
        assert runs(monitor)


def test_one_that_ended_by_itself_does_not_run_and_can_be_started() -> None:
    """As a tree does that gives up; here it is stopped behind the monitor's back."""
    monitor, pause = Monitor(settings()).start(), threading.Event()
    monitor._host.call(lambda application: application.supervision.stop())
    for _ in range(1000):
        if not monitor.is_running:
            break
        pause.wait(0.01)
    assert not runs(monitor)
    with monitor:
        assert monitor.tree()["state"] == "running"


FORKS = """
    import os, sys
    from actors import Monitor
    from tests.application.nodes import settings
    from tests.embedded.test_running import predict, requests

    monitor = Monitor(settings(data_dir=sys.argv[1], listen="127.0.0.1:0")).start()
    predict(monitor)
    child = os.fork()
    if child == 0:
        assert not monitor.is_running
        monitor.application.settings.node  # the settings stay
        monitor.stop()  # of what does not run here: nothing
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert monitor.is_running
    predict(monitor)
    monitor.stop()
    print(requests(monitor))
"""

FORKS_AND_STARTS = """
    import os
    from actors import Monitor
    from tests.application.nodes import settings
    from tests.embedded.test_running import predict

    monitor = Monitor(settings(listen="127.0.0.1:0")).start()
    url = monitor.url
    child = os.fork()
    if child == 0:
        with monitor:
            predict(monitor)
            assert monitor.tree()["state"] == "running"
            assert monitor.url != url
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert monitor.tree()["state"] == "running"
    assert monitor.url == url
    monitor.stop()
    print("both")
"""

ENDS = """
    import atexit, sys, threading
    from actors import Monitor
    from tests.application.nodes import settings
    from tests.embedded.test_running import predict, requests

    monitor = Monitor(settings(data_dir=sys.argv[1])).start()

    def predict_on():
        while threading.main_thread().is_alive():
            predict(monitor)
        for _ in range(1000):
            predict(monitor)

    threading.Thread(target=predict_on).start()
    for _ in range(1000):
        predict(monitor)
    atexit.register(lambda: print(requests(monitor)))
"""


def test_forked_child_has_no_monitor_and_takes_none_from_its_parent(tmp_path: "Path") -> None:
    assert output_of(FORKS, tmp_path).endswith("2\n")


def test_forked_child_can_start_it_anew() -> None:
    assert output_of(FORKS_AND_STARTS).endswith("both\n")


def test_program_that_ends_without_a_stop_has_its_predictions_written(tmp_path: "Path") -> None:
    """Those of a thread, too, that goes on when the main one has ended."""
    predicted = int(output_of(ENDS, tmp_path).splitlines()[-1])
    assert predicted > 2000
    with Monitor(settings(data_dir=str(tmp_path))) as monitor:
        tables = monitor.application.tables
        rows = np.array([row for row, _ in tables.select({"model": MODEL})])
        assert tables.sli_counts(rows, 60, None) == (predicted, predicted)
