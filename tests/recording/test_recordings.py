"""Who is counted, what a full buffer costs, and what a process that is forked off begins with."""

import gc
import os
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from actors.recording import Counts, Model, Recordings, SeriesKey, Span, Tables
from actors.recording.forks import on_fork
from actors.recording.held import IDLE_MINUTES
from actors.recording.predict import OVERFLOW
from actors.recording.recordings import SILENT_LOOK, SILENT_MINUTES

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


def test_label_with_half_a_character_is_refused_where_it_is_given() -> None:
    """On the metrics page it would break everybody's."""
    with pytest.raises(ValueError, match="label 'version' must be of whole characters"):
        make_recordings().model("fraud", "1\ud800")


# --- too many ---------------------------------------------------------------------------------------------


def test_what_is_above_the_size_of_a_buffer_is_dropped_and_told_by_series() -> None:
    recordings = make_recordings()
    recordings.model("fraud", "1").buffers.ok.extend([1.0, 2.0, 3.0])
    recordings.model("fraud", "1").buffers.errors.extend([1.0, 2.0, 3.0])
    recordings.model("fraud", "2").buffers.ok.append(1.0)
    assert recordings.trim(2) == 4
    assert recordings.dropped == {SeriesKey("fraud", "1"): 4}
    recordings.drain()
    assert requests(recordings) == 3


# --- models that come and go ------------------------------------------------------------------------------


def held(recordings: Recordings) -> int:
    """How many models are looked after."""
    gc.collect()
    return len(recordings._held)


def test_model_that_is_idle_and_that_nobody_holds_is_forgotten() -> None:
    recordings = make_recordings()
    with recordings.model("fraud", "1").span():
        pass
    recordings.drain()
    for minute in range(100, 100 + IDLE_MINUTES):
        recordings.forget_idle(minute)
    assert held(recordings) == 1
    recordings.forget_idle(100 + IDLE_MINUTES)
    assert held(recordings) in {0, 1}  # a model that is part of a cycle goes at the next look
    recordings.forget_idle(101 + IDLE_MINUTES)
    assert held(recordings) == 0
    assert requests(recordings) == 1


def test_series_of_a_peer_retires_when_it_has_been_silent_for_a_day_and_one_of_ours_does_not() -> None:
    recordings = make_recordings()
    tables, ours = recordings.tables, recordings.model("ours")
    with ours.span():
        pass
    recordings.drain()
    for version in ("1", "2"):
        tables.add_counts(SeriesKey("peers", version), Counts(5))
    for minute in range(1000, 1000 + SILENT_MINUTES + 2 * SILENT_LOOK):
        tables.add_counts(SeriesKey("peers", "2"), Counts(1))
        tables.close_minutes(minute)
        recordings.retire_silent(minute)
        if minute == 999 + SILENT_MINUTES:
            assert len(tuple(tables.series())) == 3
    assert [key for key, _ in tables.series()] == [ours.key, SeriesKey("peers", "2")]
    assert len(tables.select({})) == 3


def test_model_that_is_in_use_is_not_forgotten() -> None:
    recordings = make_recordings()
    first = id(recordings.model("fraud"))
    for minute in range(100, 100 + 3 * IDLE_MINUTES):
        with recordings.model("fraud").span():
            pass
        recordings.drain()
        recordings.forget_idle(minute)
    assert id(recordings.model("fraud")) == first


@pytest.mark.parametrize("form", ["model", "observed", "span"])
def test_handle_that_somebody_still_holds_counts_on_after_an_idle_day(form: str) -> None:
    recordings = make_recordings()
    model: Model | None = recordings.model("fraud")
    assert model is not None
    score: Callable[[], object]
    match form:
        case "model":
            score = partial(_predict, model)
        case "observed":
            score = model.observe(lambda: 1)
        case _:
            score = partial(_pass_through, model.span())
    model = None
    for minute in range(100, 1600):
        recordings.forget_idle(minute)
    gc.collect()
    recordings.forget_idle(1600)
    score()
    recordings.drain()
    assert requests(recordings) == 1


def test_handle_that_is_dropped_right_after_its_prediction_loses_none() -> None:
    recordings = make_recordings()
    model: Model | None = recordings.model("fraud")
    for minute in range(100, 1600):
        recordings.forget_idle(minute)
    assert model is not None
    _predict(model)
    model = None
    gc.collect()
    recordings.forget_idle(1600)
    recordings.drain()
    assert requests(recordings) == 1


def test_handle_asked_for_again_while_an_old_one_lives_is_the_old_one() -> None:
    recordings = make_recordings()
    model = recordings.model("fraud")
    for minute in range(100, 1600):
        recordings.forget_idle(minute)
    assert recordings.model("fraud") is model


def test_labels_of_calls_that_are_idle_make_room_for_others() -> None:
    recordings = make_recordings()
    model = recordings.model("fraud", per_call=("tenant",), max_series=1)
    for hour, tenant in enumerate(("ada", "bob", "cyd")):
        _predict(model.labels(tenant=tenant))
        recordings.drain()
        for minute in range(IDLE_MINUTES + 1):
            recordings.forget_idle(100 + 2 * IDLE_MINUTES * hour + minute)
    assert counted(recordings) == {"ada": 1, "bob": 1, "cyd": 1}
    gc.collect()
    recordings.forget_idle(1000)
    assert recordings.keys() == (model.key,)


def test_labels_of_calls_that_are_in_use_keep_their_room() -> None:
    recordings = make_recordings()
    model = recordings.model("fraud", per_call=("tenant",), max_series=1)
    for minute in range(100, 100 + 2 * IDLE_MINUTES):
        _predict(model.labels(tenant="ada"))
        recordings.drain()
        recordings.forget_idle(minute)
    _predict(model.labels(tenant="bob"))
    recordings.drain()
    assert counted(recordings) == {"ada": 2 * IDLE_MINUTES, OVERFLOW: 1}


def test_handle_with_labels_that_somebody_holds_is_found_again_after_an_idle_day() -> None:
    recordings = make_recordings()
    model = recordings.model("fraud", per_call=("tenant",))
    ada = model.labels(tenant="ada")
    for minute in range(100, 1600):
        recordings.forget_idle(minute)
    assert model.labels(tenant="ada") is ada


def test_series_of_a_model_that_is_forgotten_is_retired(monkeypatch: pytest.MonkeyPatch) -> None:
    recordings, retired = make_recordings(), list[SeriesKey]()
    monkeypatch.setattr(recordings.tables, "retire", retired.append)
    kept = recordings.model("fraud", "1")
    recordings.model("fraud", "2")
    for minute in range(100, 1600):
        recordings.forget_idle(minute)
    gc.collect()
    recordings.forget_idle(1600)
    assert retired == [SeriesKey("fraud", "2")]
    assert recordings.keys() == (kept.key,)


def counted(recordings: Recordings) -> dict[str, int]:
    return {
        dict(key.labels)["tenant"]: totals.requests
        for key, totals in recordings.tables.series()
        if totals.requests
    }


def _predict(model: Model) -> None:
    with model.span():
        pass


def _pass_through(span: Span) -> None:
    with span:
        pass


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
def test_what_fails_to_begin_anew_in_a_forked_process_keeps_nobody_else_from_it() -> None:
    class Failing:
        def begin_anew(self) -> None:
            raise OSError

    class Told:
        times = 0

        def begin_anew(self) -> None:
            self.times += 1

    things: list[Told | Failing] = [Told(), *(Failing() for _ in range(10)), Told()]
    for one in things:
        on_fork(one)
    told = [one for one in things if isinstance(one, Told)]
    assert in_fork(lambda: [one.times for one in told] == [1, 1])
    assert [one.times for one in told] == [0, 0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_process_calls_who_wants_to_know() -> None:
    recordings, told = make_recordings(), list[int]()
    recordings.on_fork.append(lambda: told.append(os.getpid()))
    assert in_fork(lambda: told == [os.getpid()])
    assert told == []
