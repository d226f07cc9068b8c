"""The bus: who hears what, and what a handler that fails costs."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from supervisor import telemetry
from supervisor.telemetry import bus
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


# --- what is listed -----------------------------------------------------------------------------------------


@pytest.mark.conformance("E10", "S10.5", "S10.13")
def test_listed_handler_tells_all_of_itself_once_for_each_event() -> None:
    telemetry.attach_many("many", [EVENT, ("model", "load")], raise_error, config=7)
    telemetry.attach("one", ("other",), raise_error)
    listed = telemetry.list_handlers(("model",))
    assert [(one.id, one.event_name, one.function, one.config) for one in listed] == [
        ("many", EVENT, raise_error, 7),
        ("many", ("model", "load"), raise_error, 7),
    ]
    assert {one.id for one in telemetry.list_handlers()} >= {"many", "one"}


@pytest.mark.conformance("E10")
@pytest.mark.parametrize("prefix", ["model", ("model", 1), ["model"], None])
def test_bad_prefix_is_refused(prefix: object) -> None:
    with pytest.raises(BadEventNameError):
        telemetry.list_handlers(prefix)  # type: ignore[arg-type]


# --- attach and detach --------------------------------------------------------------------------------------


@pytest.mark.conformance("E4", "S10.7")
def test_detach_of_an_id_that_nobody_has_is_an_error() -> None:
    with pytest.raises(HandlerNotFoundError, match="no handler 'nobody' is attached"):
        telemetry.detach("nobody")


@pytest.mark.conformance("S10.8")
def test_one_that_was_detached_hears_nothing_and_its_id_is_free() -> None:
    first, second = Heard(), Heard()
    telemetry.attach("one", EVENT, first)
    telemetry.detach("one")
    telemetry.attach("one", EVENT, second)
    telemetry.execute(EVENT)
    assert (len(first.events), len(second.events)) == (0, 1)


@pytest.mark.conformance("E2")
def test_event_that_is_named_twice_is_heard_once() -> None:
    heard = Heard()
    telemetry.attach_many("twice", [EVENT, EVENT], heard)
    telemetry.execute(EVENT)
    assert len(heard.events) == 1


@pytest.mark.conformance("E19", "S10.1")
def test_change_of_the_table_leaves_the_one_that_is_being_read_as_it_was() -> None:
    """So that it can be read without a lock, and handlers of before are heard after."""
    first, second = Heard(), Heard()
    telemetry.attach("first", EVENT, first)
    table = bus._handlers
    telemetry.attach("second", EVENT, second)
    assert [one.id for one in table[EVENT]] == ["first"]
    telemetry.execute(EVENT)
    assert (len(first.events), len(second.events)) == (1, 1)


# --- execute ------------------------------------------------------------------------------------------------


@pytest.mark.conformance("E5", "S10.16")
def test_execution_without_measurements_or_metadata_has_empty_ones() -> None:
    heard = Heard()
    telemetry.attach("one", EVENT, heard)
    assert telemetry.execute(EVENT) is None  # type: ignore[func-returns-value]
    assert heard.events == [(EVENT, {}, {}, None)]


@pytest.mark.conformance("E6")
def test_handlers_run_in_whoever_executes() -> None:
    threads: list[int] = []
    telemetry.attach("one", EVENT, lambda *_: threads.append(threading.get_ident()))
    telemetry.execute(EVENT)
    elsewhere = threading.Thread(target=telemetry.execute, args=(EVENT,))
    elsewhere.start()
    elsewhere.join()
    assert threads == [threading.get_ident(), elsewhere.ident]


@pytest.mark.conformance("E6")
def test_handler_detached_by_another_still_hears_the_event_that_is_being_executed() -> None:
    heard = Heard()
    telemetry.attach("first", EVENT, lambda *_: telemetry.detach("second"))
    telemetry.attach("second", EVENT, heard)
    telemetry.execute(EVENT)
    assert len(heard.events) == 1
    assert [one.id for one in telemetry.list_handlers(EVENT)] == ["first"]


@pytest.mark.conformance("E7")
def test_failing_handler_is_gone_before_its_failure_is_told_and_that_before_the_rest_hears_the_event() -> (
    None
):
    order: list[object] = []

    def failed(*_: object) -> None:
        order.append([one.id for one in telemetry.list_handlers(("model",))])

    telemetry.attach("failures", HANDLER_FAILURE, failed)
    telemetry.attach_many("bad", [EVENT, ("model", "load")], raise_error)
    telemetry.attach("good", EVENT, lambda *_: order.append("good"))
    telemetry.execute(EVENT)
    assert order == [["good"], "good"]


@pytest.mark.conformance("E8")
def test_failure_of_a_handler_is_told_with_its_times_and_its_traceback() -> None:
    failures = Heard()
    telemetry.attach("failures", HANDLER_FAILURE, failures)
    telemetry.attach("bad", EVENT, raise_error)
    telemetry.execute(EVENT)
    [(_, measurements, metadata, _)] = failures.events
    assert isinstance(measurements, dict)
    assert isinstance(metadata, dict)
    assert {type(one) for one in measurements.values()} == {int}
    assert (metadata["kind"], str(metadata["reason"])) == ("error", "handler")
    assert "raise_error" in str(metadata["stacktrace"])


@pytest.mark.conformance("E7")
def test_failure_of_a_handler_is_logged_without_what_it_says() -> None:
    telemetry.attach("bad", EVENT, raise_error)
    with capture_logs() as lines:
        telemetry.execute(EVENT)
    assert [(line["handler_id"], line["event_name"], line["error"]) for line in lines] == [
        ("bad", "model.predict.stop", "ZeroDivisionError")
    ]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_program_passes_through_a_handler(error: type[BaseException]) -> None:
    def ends(*_: object) -> None:
        raise error

    telemetry.attach("ends", EVENT, ends)
    with pytest.raises(error):
        telemetry.execute(EVENT)


@pytest.mark.conformance("E7")
@pytest.mark.parametrize(
    ("error", "kind"),
    [(asyncio.CancelledError, "cancelled"), (GeneratorExit, "exit")],
    ids=["cancelled", "exit"],
)
def test_handler_that_raises_what_is_no_exception_fails_like_any_other(
    error: type[BaseException], kind: str
) -> None:
    """It would else cut the runtime in half where it tells of an end."""

    def fails(*_: object) -> None:
        raise error

    failures = Heard()
    telemetry.attach("failures", HANDLER_FAILURE, failures)
    telemetry.attach("fails", EVENT, fails)
    telemetry.execute(EVENT)
    [(_, _, metadata, _)] = failures.events
    assert isinstance(metadata, dict)
    assert metadata["kind"] == kind


def test_handler_that_detaches_itself_and_then_fails_is_reported_all_the_same() -> None:
    def leaves(*_: object) -> None:
        telemetry.detach("leaves")
        raise ZeroDivisionError

    failures = Heard()
    telemetry.attach("failures", HANDLER_FAILURE, failures)
    telemetry.attach("leaves", EVENT, leaves)
    telemetry.execute(EVENT)
    assert len(failures.events) == 1
