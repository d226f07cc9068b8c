"""The bus: who hears what, and what a handler that fails costs."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor import telemetry
from supervisor.telemetry.bus import (
    HANDLER_FAILURE,
    BadEventNameError,
    HandlerExistsError,
    HandlerNotFoundError,
)

EVENT = ("model", "predict", "stop")


class Heard:
    """A handler that remembers."""

    def __init__(self) -> None:
        self.events: list[tuple[object, ...]] = []

    def __call__(self, name: object, measurements: object, metadata: object, config: object) -> None:
        self.events.append((name, measurements, metadata, config))


def raise_error(*_: object) -> None:
    raise ZeroDivisionError("handler")


@pytest.fixture(autouse=True)
def _leaves_nothing_attached() -> Iterator[None]:
    before = {one.id for one in telemetry.list_handlers()}
    yield
    for one in {one.id for one in telemetry.list_handlers()} - before:
        telemetry.detach(one)


@pytest.mark.conformance("S10.4")
def test_handler_hears_its_event_with_its_config() -> None:
    heard = Heard()
    telemetry.attach("one", EVENT, heard, config=7)
    telemetry.execute(EVENT, {"duration": 3}, {"model": "v1"})
    assert heard.events == [(EVENT, {"duration": 3}, {"model": "v1"}, 7)]


@pytest.mark.conformance("E5", "S10.9")
@pytest.mark.parametrize(
    "name", [("model",), ("model", "predict"), (*EVENT, "more"), ("model", "predict", "start")]
)
def test_only_the_exact_name_is_heard(name: tuple[str, ...]) -> None:
    heard = Heard()
    telemetry.attach("one", EVENT, heard)
    telemetry.execute(name)
    assert heard.events == []


@pytest.mark.conformance("E2", "E3", "S10.3")
def test_id_that_is_taken_is_refused_and_the_first_handler_stays() -> None:
    first, second = Heard(), Heard()
    telemetry.attach("one", EVENT, first)
    with pytest.raises(HandlerExistsError, match="'one' is attached already"):
        telemetry.attach("one", ("other",), second)
    telemetry.execute(EVENT)
    telemetry.execute(("other",))
    assert (len(first.events), len(second.events)) == (1, 0)


@pytest.mark.conformance("E2", "S10.11", "S10.14")
def test_one_detach_ends_all_events_of_attach_many() -> None:
    heard = Heard()
    telemetry.attach_many("many", [EVENT, ("other",), EVENT], heard)
    telemetry.execute(EVENT)
    telemetry.execute(("other",))
    telemetry.detach("many")
    telemetry.execute(EVENT)
    assert [event[0] for event in heard.events] == [EVENT, ("other",)]


@pytest.mark.conformance("E2")
def test_attach_many_with_no_events_does_not_take_the_id() -> None:
    telemetry.attach_many("none", [], Heard())
    with pytest.raises(HandlerNotFoundError):
        telemetry.detach("none")


@pytest.mark.conformance("E1", "S10.2")
@pytest.mark.parametrize("name", [(), ("",), ("model", 1), "model", None])
def test_bad_event_name_is_refused(name: object) -> None:
    with pytest.raises(BadEventNameError):
        telemetry.attach("one", name, Heard())  # type: ignore[arg-type]


@pytest.mark.conformance("E7", "E8")
def test_failing_handler_is_detached_reported_and_hidden_from_the_caller() -> None:
    heard, failures = Heard(), Heard()
    telemetry.attach("failures", HANDLER_FAILURE, failures)
    telemetry.attach_many("bad", [EVENT, ("other",)], raise_error, config="c")
    telemetry.attach("good", EVENT, heard)
    telemetry.execute(EVENT)
    telemetry.execute(EVENT)
    assert len(heard.events) == 2
    [(_, measurements, metadata, _)] = failures.events
    assert isinstance(measurements, dict)
    assert isinstance(metadata, dict)
    assert set(measurements) == {"monotonic_time", "system_time"}
    assert set(metadata) == {"event_name", "handler_id", "handler_config", "kind", "reason", "stacktrace"}
    assert (metadata["handler_id"], metadata["handler_config"], metadata["event_name"]) == ("bad", "c", EVENT)
    assert telemetry.list_handlers(("other",)) == ()


@pytest.mark.conformance("E9")
def test_failing_handler_of_the_failure_event_is_detached_too() -> None:
    good = Heard()
    telemetry.attach("bad-listener", HANDLER_FAILURE, raise_error)
    telemetry.attach("listener", HANDLER_FAILURE, good)
    telemetry.attach("bad", EVENT, raise_error)
    telemetry.execute(EVENT)
    assert len(good.events) == 2
    assert [one.id for one in telemetry.list_handlers(HANDLER_FAILURE)] == ["listener"]


@pytest.mark.conformance("E6")
def test_handler_attached_by_a_handler_hears_from_the_next_event_on() -> None:
    late = Heard()

    def attach_once(*_: object) -> None:
        if not late.events and not telemetry.list_handlers(("model", "predict", "stop"))[1:]:
            telemetry.attach("late", EVENT, late)

    telemetry.attach("first", EVENT, attach_once)
    telemetry.execute(EVENT)
    assert late.events == []
    telemetry.execute(EVENT)
    assert len(late.events) == 1


@pytest.mark.conformance("E10")
@given(
    prefix=st.lists(st.sampled_from("ab"), max_size=3),
    name=st.lists(st.sampled_from("ab"), min_size=1, max_size=3),
)
def test_list_handlers_takes_prefixes_by_whole_words(prefix: list[str], name: list[str]) -> None:
    telemetry.attach("one", tuple(name), raise_error)
    try:
        found = any(one.id == "one" for one in telemetry.list_handlers(tuple(prefix)))
        assert found is (name[: len(prefix)] == prefix)
    finally:
        telemetry.detach("one")
