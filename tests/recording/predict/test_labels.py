"""Labels of calls, and the limit to their series."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from actors.recording import OVERFLOW, Model, Recordings, SeriesKey, Tables
from actors.recording.predict import complaints


def make(max_series: int = 3, per_call: tuple[str, ...] = ("tenant", "region")) -> tuple[Recordings, Model]:
    recordings = Recordings(Tables([0.1]))
    return recordings, recordings.model("fraud", "2", per_call=per_call, max_series=max_series, tier="gold")


def counted(recordings: Recordings) -> dict[tuple[tuple[str, str], ...], int]:
    """Predictions by the labels of their series."""
    recordings.drain()
    return {key.labels: totals.requests for key, totals in recordings.tables.series()}


def test_each_set_of_values_has_a_series_beside_the_model_s_own() -> None:
    recordings, model = make()
    for labelled in (model, model.labels(tenant="a"), model.labels(tenant="a", region="eu")):
        labelled.observe(lambda: 1)()
    assert counted(recordings) == {
        (("tier", "gold"),): 1,
        (("tenant", "a"), ("tier", "gold")): 1,
        (("region", "eu"), ("tenant", "a"), ("tier", "gold")): 1,
    }


def test_same_values_give_the_same_model_in_any_order() -> None:
    recordings, model = make()
    one = model.labels(tenant="a", region="eu")
    assert model.labels(region="eu", tenant="a") is one
    assert model.labels(tenant="a", region="eu") is one
    assert recordings.model("fraud", "2", region="eu", tenant="a", tier="gold") is one


def test_label_that_is_empty_is_not_there() -> None:
    _, model = make()
    assert model.labels() is model
    assert model.labels(tenant="") is model
    assert model.labels(tenant="a", region="") is model.labels(tenant="a")


def test_labelled_series_refuses_the_same_inputs() -> None:
    model = Recordings(Tables([0.1])).model("fraud", per_call=("tenant",), invalid=(KeyError,))
    with pytest.raises(KeyError), model.labels(tenant="a").span():
        raise KeyError
    taken = model.labels(tenant="a").buffers.take(10)
    assert taken is not None
    assert len(taken.invalid) == 1


# --- the limit --------------------------------------------------------------------------------------------


def test_values_beyond_the_limit_share_a_series_that_says_so_and_is_counted() -> None:
    recordings, model = make(max_series=2, per_call=("tenant",))
    with capture_logs() as logs:
        for tenant in ("a", "b", "c", "d", "a"):
            with model.labels(tenant=tenant).span():
                pass
    by_tenant = {dict(labels)["tenant"]: count for labels, count in counted(recordings).items()}
    assert by_tenant == {"a": 2, "b": 1, OVERFLOW: 2}
    assert recordings.overflowed == {"fraud": 2}
    assert [(line["event"], line["most"]) for line in logs] == [
        ("too many series, further ones are counted in one", 2)
    ]


@given(tenants=st.lists(st.sampled_from("abcdefghij"), max_size=60), most=st.integers(1, 8))
def test_no_prediction_is_lost_and_no_series_too_many_is_made(tenants: list[str], most: int) -> None:
    recordings, model = make(most, ("tenant",))
    with capture_logs():
        for tenant in tenants:
            model.labels(tenant=tenant).count("ok", 0.1)
    admitted = list(dict.fromkeys(tenants))[:most]
    expected = {tenant: tenants.count(tenant) for tenant in admitted}
    overflowing = len(tenants) - sum(expected.values())
    found = {dict(labels)["tenant"]: count for labels, count in counted(recordings).items()}
    assert found == expected | ({OVERFLOW: overflowing} if overflowing else {})
    assert recordings.overflowed.get("fraud", 0) == overflowing


class Barred:
    """A lock that nobody is to take."""

    def __enter__(self) -> None:
        raise AssertionError("a prediction has waited")

    def __exit__(self, *_: object) -> None:
        """Nothing: nobody got in."""


def test_beyond_the_limit_no_prediction_waits_for_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    _, model = make(max_series=1, per_call=("tenant",))
    with capture_logs():
        model.labels(tenant="a")
        over = model.labels(tenant="b")
        monkeypatch.setattr(model._per_call, "_lock", Barred())
        assert model.labels(tenant="c") is over


@pytest.mark.realtime("threads")
def test_threads_that_meet_new_values_at_once_keep_to_the_limit() -> None:
    recordings, model = make(max_series=50, per_call=("tenant",))
    gate = threading.Barrier(8)

    def work() -> None:
        gate.wait()
        for number in range(200):
            model.labels(tenant=str(number)).count("ok", 0.1)

    with capture_logs():
        workers = [threading.Thread(target=work) for _ in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    found = counted(recordings)
    assert sum(found.values()) == 8 * 200
    assert len(found) == 51
    assert recordings.overflowed == {"fraud": 8 * 150}


# --- what is wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        pytest.param(
            {"tenant": "a", "user": "b"},
            {"undeclared": ["user"], "declared": ("tenant", "region")},
            id="not-declared",
        ),
        pytest.param({"tenant": 7}, {"types": {"tenant": "int"}}, id="no-string"),
        pytest.param({"tenant": "a\ud800"}, {"types": {"tenant": "str"}}, id="half-a-character"),
        pytest.param({"tenant": ["a"]}, {"types": {"tenant": "list"}}, id="not-even-hashable"),
    ],
)
def test_wrong_label_never_fails_the_prediction_and_is_told_once(
    values: dict[str, str], facts: dict[str, object]
) -> None:
    """It is counted as overflow; the message names what is declared."""
    recordings, model = make()
    with capture_logs() as logs:
        for _ in range(2):
            with model.labels(**values).span():
                pass
    assert recordings.overflowed == {}
    assert counted(recordings) == {(("region", OVERFLOW), ("tenant", OVERFLOW), ("tier", "gold")): 2}
    assert recordings.overflowed == {"fraud": 2}
    [line] = logs
    assert facts.items() <= line.items()
    assert (line["model"], line["log_level"]) == ("fraud", "error")


def test_model_without_labels_of_calls_counts_them_all_itself() -> None:
    model = Model(SeriesKey("fraud", ""))
    with capture_logs() as logs:
        assert model.labels(tenant="a") is model
    assert logs[0]["declared"] == ()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param({"per_call": ("tenant", "tenant")}, "name each label once", id="twice"),
        pytest.param({"per_call": ("tier",)}, r"labels \['tier'\] are given already", id="given"),
        pytest.param({"per_call": ("model",)}, r"labels \['model'\] are given already", id="the-model's-own"),
        pytest.param({"per_call": ("le",)}, "label 'le'", id="a-histogram's-own"),
        pytest.param({"per_call": "tenant"}, "must be a tuple of names, got 'tenant'", id="no-comma"),
        pytest.param({"max_series": 0}, "max_series must be at least 1, got 0", id="no-series"),
        pytest.param({"invalid": (ValueError(),)}, r"types of exceptions, got ValueError\(\)", id="instance"),
        pytest.param({"invalid": (BaseException,)}, "types of exceptions", id="more-than-exceptions"),
    ],
)
def test_wrong_declaration_is_refused_where_it_is_made(arguments: dict[str, object], problem: str) -> None:
    with pytest.raises((TypeError, ValueError), match=problem):
        Recordings(Tables([0.1])).model("fraud", tier="gold", **arguments)  # type: ignore[arg-type]


def test_model_is_declared_once_and_found_again_without() -> None:
    recordings, model = make()
    assert recordings.model("fraud", "2", tier="gold") is model
    assert make()[1].declaration == model.declaration
    with pytest.raises(ValueError, match="model 'fraud' was made with"):
        recordings.model("fraud", "2", per_call=("user",), tier="gold")


def test_log_that_cannot_be_written_is_no_business_of_the_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(complaints.log, "error", broken)
    _, model = make()
    with model.labels(user="a").span():
        pass


def test_process_that_was_forked_off_while_a_series_was_made_makes_others() -> None:
    """Whoever held the lock does not run there."""
    recordings, model = make()
    model._per_call._lock.acquire()
    recordings.begin_anew()
    assert model.labels(tenant="a").key.labels == (("tenant", "a"), ("tier", "gold"))
