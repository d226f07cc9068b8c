"""Who is counted, what a full buffer costs, and what a process that is forked off begins with."""

import os
import threading
from typing import TYPE_CHECKING

import pytest

from actors.recording import Recordings, SeriesKey, Tables

if TYPE_CHECKING:
    from collections.abc import Callable


def make_recordings() -> Recordings:
    return Recordings(Tables([0.1]))


def requests(recordings: Recordings) -> int:
    return sum(totals.requests for _, totals in recordings.tables.series())


# --- models -----------------------------------------------------------------------------------------------


def test_same_labels_give_the_same_model() -> None:
    recordings = make_recordings()
    one = recordings.model("fraud", version="1", region="east", tier="gold")
    assert recordings.model("fraud", "1", tier="gold", region="east") is one
    assert recordings.model("fraud", "2", tier="gold", region="east") is not one


@pytest.mark.realtime("threads")
def test_threads_that_ask_at_once_get_the_same_model() -> None:
    recordings, gate, models = make_recordings(), threading.Barrier(8), set()

    def ask() -> None:
        gate.wait()
        models.add(recordings.model("fraud"))

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(models) == 1


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        pytest.param({"le": "0.1"}, "label 'le'", id="a-histogram's-own"),
        pytest.param({"__name__": "x"}, "label '__name__'", id="Prometheus'-own"),
        pytest.param({"data-center": "x"}, "label 'data-center'", id="no-word"),
        pytest.param({"1st": "x"}, "label '1st'", id="begins-with-a-digit"),
    ],
)
def test_label_that_would_break_the_metrics_page_is_refused(labels: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        make_recordings().model("fraud", **labels)  # type: ignore[arg-type]


def test_version_that_is_no_string_is_refused() -> None:
    with pytest.raises(TypeError, match="label 'version' must be a string, got 2"):
        make_recordings().model("fraud", version=2)  # type: ignore[arg-type]


def test_model_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        make_recordings().model("")


# --- too many ---------------------------------------------------------------------------------------------


def test_what_is_above_the_size_of_a_buffer_is_dropped_and_told_by_series() -> None:
    recordings = make_recordings()
    recordings.model("fraud", "1").buffers.ok.extend([1.0, 2.0, 3.0])
    recordings.model("fraud", "1").buffers.errors.extend([1.0, 2.0])
    recordings.model("fraud", "2").buffers.ok.append(1.0)
    assert recordings.trim(1) == 3
    assert recordings.dropped == {SeriesKey("fraud", "1"): 3}
    recordings.drain()
    assert requests(recordings) == 3


def test_the_oldest_are_dropped() -> None:
    recordings = make_recordings()
    recordings.model("fraud").buffers.ok.extend([9.0, 0.05, 0.06])
    recordings.trim(2)
    recordings.drain()
    (totals,) = [totals for _, totals in recordings.tables.series()]
    assert dict(totals.within())[0.1] == 2


# --- forks ------------------------------------------------------------------------------------------------


def in_fork(look: "Callable[[], bool]") -> bool:
    """What a process that is forked off here says."""
    pid = os.fork()
    if pid == 0:
        verdict = False
        try:
            verdict = look()
        finally:
            os._exit(0 if verdict else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_process_counts_its_own_and_nothing_of_its_parent() -> None:
    recordings = make_recordings()
    score = recordings.model("fraud").observe(lambda: 1)
    score()
    recordings.drain()
    score()

    def look() -> bool:
        recordings.drain()
        before = requests(recordings)
        score()
        recordings.drain()
        return (before, requests(recordings)) == (0, 1)

    assert in_fork(look)
    recordings.drain()
    assert requests(recordings) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_process_does_not_wait_for_a_lock_that_nobody_there_holds() -> None:
    recordings = make_recordings()
    with recordings._lock:
        assert in_fork(lambda: recordings.model("fraud") is recordings.model("fraud"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_process_calls_who_wants_to_know() -> None:
    recordings, told = make_recordings(), []
    recordings.on_fork.append(lambda: told.append(os.getpid()))
    assert in_fork(lambda: told == [os.getpid()])
    assert told == []


def test_label_with_half_a_character_is_refused_where_it_is_given() -> None:
    """On the metrics page it would break everybody's."""
    with pytest.raises(ValueError, match="label 'version' must be of whole characters"):
        make_recordings().model("fraud", "1\ud800")
