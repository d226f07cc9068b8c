"""The events of predictions: what the original's suite asks of a span, in each form of a prediction."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from actors.recording import Declaration, Model, Recordings, SeriesKey, Tables
from actors.recording.predict import HEARD
from supervisor import telemetry
from supervisor.clock import unix_now_ns
from supervisor.telemetry.bus import HANDLER_FAILURE, BadEventNameError, HandlerExistsError
from supervisor.testing import CapturedEvent, ForwardedEvent, captured, forwarded
from tests.recording.predict.counted import KEY, Refused, Unfit, outcomes

START, STOP, EXCEPTION = EVENTS = tuple(("model", "predict", word) for word in ("start", "stop", "exception"))
CONTEXT = "telemetry_span_context"
FACTS = {"model": "fraud", "version": "2.1.0", "input_size": None}

Heard: TypeAlias = list[tuple[object, ...]]
Predict: TypeAlias = Callable[[Model, BaseException | None], Coroutine[object, object, None]]


# --- each form of a prediction, well and failing ----------------------------------------------------------


async def in_block(model: Model, error: BaseException | None = None) -> None:
    with model.span():
        if error is not None:
            raise error


async def by_function(model: Model, error: BaseException | None = None) -> None:
    @model.observe
    def score() -> None:
        if error is not None:
            raise error

    score()


async def by_coroutine(model: Model, error: BaseException | None = None) -> None:
    @model.observe
    async def score() -> None:
        if error is not None:
            raise error

    await score()


async def by_generator(model: Model, error: BaseException | None = None) -> None:
    @model.observe
    def stream() -> Generator[int, None, None]:
        yield 1
        if error is not None:
            raise error

    assert list(stream()) == [1]


async def by_async_generator(model: Model, error: BaseException | None = None) -> None:
    @model.observe
    async def stream() -> AsyncGenerator[int, None]:
        yield 1
        if error is not None:
            raise error

    assert [item async for item in stream()] == [1]


FORMS: tuple[Predict, ...] = (in_block, by_function, by_coroutine, by_generator, by_async_generator)


@pytest.fixture(params=FORMS, ids=lambda form: form.__name__)
def predict(request: pytest.FixtureRequest) -> Predict:
    form: Predict = request.param
    return form


@pytest.fixture
def events() -> Iterator[list[CapturedEvent]]:
    with captured(*EVENTS) as heard:
        yield heard


def names(events: list[CapturedEvent]) -> list[str]:
    return [event.name[-1] for event in events]


def note(heard: Heard) -> Callable[..., None]:
    return lambda *event: heard.append(event)


def fail(*_: object) -> None:
    raise ZeroDivisionError("handler")


# --- attaching ----------------------------------------------------------------------------------------------


@pytest.mark.conformance("S10.1")
async def test_handlers_of_before_and_after_the_function_was_observed_hear_it() -> None:
    heard: Heard = []
    telemetry.attach("before", STOP, note(heard), "before")
    score = Model(KEY).observe(lambda: 1)
    telemetry.attach("after", STOP, note(heard), "after")
    score()
    assert [config for _, _, _, config in heard] == ["before", "after"]


@pytest.mark.conformance("S10.2")
@pytest.mark.parametrize(
    "name", [(), ("model", "predict", ""), ("model", "predict", 1), "model.predict.stop"]
)
async def test_bad_name_is_refused_and_leaves_predictions_unheard(name: object, predict: Predict) -> None:
    with pytest.raises(BadEventNameError):
        telemetry.attach_many("one", [STOP, name], fail)  # type: ignore[list-item]
    assert not HEARD.is_on
    await predict(Model(KEY), None)


@pytest.mark.conformance("S10.3")
async def test_id_that_is_taken_is_refused_and_the_first_one_is_heard_on(predict: Predict) -> None:
    heard: Heard = []
    telemetry.attach("one", STOP, note(heard))
    with pytest.raises(HandlerExistsError):
        telemetry.attach("one", START, fail)
    await predict(Model(KEY), None)
    assert len(heard) == 1


@pytest.mark.conformance("S10.5", "S10.13")
async def test_handlers_of_predictions_are_listed_by_their_prefix_once_for_each_event() -> None:
    telemetry.attach_many("all", EVENTS, fail, config=7)
    listed = telemetry.list_handlers(("model", "predict"))
    assert [(one.id, one.event_name, one.function, one.config) for one in listed] == [
        ("all", name, fail, 7) for name in EVENTS
    ]


@pytest.mark.conformance("S10.11", "S10.14")
async def test_one_function_hears_all_three_and_one_detach_ends_that(predict: Predict) -> None:
    heard: Heard = []
    telemetry.attach_many("all", EVENTS, note(heard))
    model = Model(KEY)
    await predict(model, None)
    with pytest.raises(Unfit):
        await predict(model, Unfit())
    telemetry.detach("all")
    assert not HEARD.is_on
    await predict(model, None)
    assert [name for name, *_ in heard] == [START, STOP, START, EXCEPTION]
    assert outcomes(model) == (2, 1, 0, 0)


@pytest.mark.conformance("S10.8")
async def test_one_that_was_detached_is_not_called(predict: Predict) -> None:
    heard: Heard = []
    telemetry.attach("gone", STOP, fail)
    telemetry.attach("there", STOP, note(heard))
    telemetry.detach("gone")
    await predict(Model(KEY), None)
    assert len(heard) == 1


@pytest.mark.conformance("S10.9")
@pytest.mark.parametrize("name", [("model",), ("model", "predict"), (*STOP, "more"), ("predict", "stop")])
async def test_other_names_hear_no_prediction(name: tuple[str, ...], predict: Predict) -> None:
    telemetry.attach("one", name, fail)
    assert not HEARD.is_on
    await predict(Model(KEY), None)
    assert telemetry.list_handlers(name)


# --- what is told -------------------------------------------------------------------------------------------


@pytest.mark.conformance("S10.4")
async def test_handler_gets_name_measurements_metadata_and_its_config(predict: Predict) -> None:
    heard: Heard = []
    telemetry.attach("one", STOP, note(heard), {"some": "config"})
    await predict(Model(KEY), None)
    [(name, measured, told, config)] = heard
    assert (name, config) == (STOP, {"some": "config"})
    assert isinstance(measured, dict)
    assert isinstance(told, dict)
    assert measured.keys() == {"duration", "monotonic_time"}
    assert told.keys() == {*FACTS, CONTEXT}


@pytest.mark.conformance("S10.16")
async def test_without_metadata_of_its_own_it_tells_whose_prediction_it_is(
    predict: Predict, events: list[CapturedEvent]
) -> None:
    await predict(Model(KEY), None)
    context = events[0].metadata[CONTEXT]
    assert [event.metadata for event in events] == [{**FACTS, CONTEXT: context}] * 2


@pytest.mark.conformance("S10.18")
async def test_start_and_stop_have_exactly_their_measurements(
    predict: Predict, events: list[CapturedEvent]
) -> None:
    await predict(Model(KEY), None)
    start, stop = events
    assert names(events) == ["start", "stop"]
    assert start.measurements.keys() == {"monotonic_time", "system_time"}
    assert stop.measurements.keys() == {"duration", "monotonic_time"}
    assert all(type(one) is int for event in events for one in event.measurements.values())
    began, ended = (int(str(event.measurements["monotonic_time"])) for event in events)
    assert stop.measurements["duration"] == ended - began >= 0


@pytest.mark.conformance("S10.18")
async def test_exception_has_exactly_its_measurements_and_what_was_raised(
    predict: Predict, events: list[CapturedEvent]
) -> None:
    error = Unfit("no such feature")
    with pytest.raises(Unfit) as raised:
        await predict(Model(KEY), error)
    assert raised.value is error
    start, failed = events
    assert names(events) == ["start", "exception"]
    assert failed.measurements.keys() == {"duration", "monotonic_time"}
    assert failed.metadata.keys() == {*start.metadata, "kind", "reason", "stacktrace"}
    assert {**failed.metadata, **start.metadata} == failed.metadata
    assert (failed.metadata["kind"], failed.metadata["reason"]) == ("error", error)
    assert "test_events.py" in str(failed.metadata["stacktrace"])


@pytest.mark.conformance("S10.18")
async def test_context_of_the_user_is_kept_and_his_metadata_told(events: list[CapturedEvent]) -> None:
    model = Model(KEY)
    with model.span(512, metadata={CONTEXT: "mine", "request": 7}):
        pass
    told = {**FACTS, "input_size": 512, CONTEXT: "mine", "request": 7}
    assert [event.metadata for event in events] == [told, told]


async def test_each_prediction_has_a_context_of_its_own(
    predict: Predict, events: list[CapturedEvent]
) -> None:
    model = Model(KEY)
    await asyncio.gather(*(predict(model, None) for _ in range(3)))
    contexts = [event.metadata[CONTEXT] for event in events]
    assert sorted(map(contexts.count, contexts)) == [2] * 6


async def test_labels_of_the_series_are_told(predict: Predict, events: list[CapturedEvent]) -> None:
    model = Model(SeriesKey("fraud", "2", (("region", "eu"),)), Declaration(per_call=("tenant",)))
    await predict(model.labels(tenant="a"), None)
    assert {"region": "eu", "tenant": "a"}.items() <= events[1].metadata.items()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(Unfit(), "error", id="error"),
        pytest.param(Refused(), "invalid", id="invalid-input"),
        pytest.param(asyncio.CancelledError(), "cancelled", id="cancellation"),
        pytest.param(BaseExceptionGroup("", [asyncio.CancelledError()]), "cancelled", id="group-of-them"),
        pytest.param(SystemExit(1), "exit", id="exit"),
        pytest.param(KeyboardInterrupt(), "exit", id="ctrl-c"),
    ],
)
@pytest.mark.parametrize("form", [in_block, by_function])
async def test_kind_tells_how_it_ended(
    form: Predict, error: BaseException, kind: str, model: Model, events: list[CapturedEvent]
) -> None:
    with pytest.raises(type(error)):
        await form(model, error)
    assert events[1].metadata["kind"] == kind


async def test_generator_that_is_left_tells_that_it_was_cancelled(events: list[CapturedEvent]) -> None:
    @Model(KEY).observe
    def stream() -> Generator[int, None, None]:
        yield from range(3)

    items = stream()
    next(items)
    assert names(events) == ["start"]
    items.close()
    assert (names(events), events[1].metadata["kind"]) == (["start", "exception"], "cancelled")


async def test_stop_tells_a_batch_and_what_is_in_no_total(events: list[CapturedEvent]) -> None:
    model = Model(KEY)
    model.observe(batch=3)(lambda: None)()
    with model.span() as span:
        span.invalid()
    _, batch, _, invalid = events
    assert batch.metadata.keys() - FACTS.keys() == {CONTEXT, "n"}
    assert invalid.metadata.keys() - FACTS.keys() == {CONTEXT, "outcome"}
    assert (batch.metadata["n"], invalid.metadata["outcome"]) == (3, "invalid")


async def test_system_time_is_that_of_the_wall(events: list[CapturedEvent]) -> None:
    HEARD.set_clock()
    Model(KEY).observe(lambda: 1)()
    told = int(str(events[0].measurements["system_time"]))
    assert abs(told - unix_now_ns()) < 60 * 1_000_000_000


def test_drain_takes_up_that_the_clock_was_set() -> None:
    HEARD.time_offset = 0
    Recordings(Tables([])).drain()
    assert HEARD.time_offset != 0


@pytest.mark.conformance("S10.23")
async def test_predictions_reach_a_mailbox_under_a_reference(predict: Predict) -> None:
    mailbox: asyncio.Queue[ForwardedEvent] = asyncio.Queue()
    with forwarded(mailbox.put_nowait, *EVENTS) as ref:
        await predict(Model(KEY), None)
    got = [mailbox.get_nowait() for _ in range(mailbox.qsize())]
    assert [(event.ref, event.name) for event in got] == [(ref, START), (ref, STOP)]


# --- a handler that fails -----------------------------------------------------------------------------------


@pytest.mark.conformance("S10.7")
@pytest.mark.parametrize("event", EVENTS, ids=lambda name: name[-1])
async def test_failing_handler_is_detached_from_all_its_events_and_reported(
    event: tuple[str, ...], predict: Predict, model: Model
) -> None:
    """In any form and at any event; the prediction goes on, and the others hear it all the same."""
    heard: Heard = []
    telemetry.attach_many("failing", [event, ("other",)], fail, config="c")
    telemetry.attach("good", event, note(heard))
    with captured(HANDLER_FAILURE) as failures, capture_logs() as logs:
        for error in (None, Unfit(), None, Unfit()):
            try:
                await predict(model, error)
            except Unfit as raised:
                assert raised is error  # noqa: PT017  raised or not, by what the table says
    assert outcomes(model) == (2, 2, 0, 0)
    assert len(heard) == (4 if event == START else 2)
    assert [one.id for one in telemetry.list_handlers(event)] == ["good"]
    assert telemetry.list_handlers(("other",)) == ()
    [failure] = failures
    assert failure.metadata.keys() == {
        *("event_name", "handler_id", "handler_config", "kind", "reason", "stacktrace")
    }
    assert (failure.metadata["event_name"], failure.metadata["handler_config"]) == (event, "c")
    assert [line["event"] for line in logs] == ["telemetry handler failed and was detached"]


@pytest.mark.conformance("S10.7")
async def test_failing_handler_alone_on_its_event_is_detached_as_well(predict: Predict, model: Model) -> None:
    """One is called as it stands, without the function that calls several."""
    telemetry.attach_many("failing", EVENTS, fail)
    with capture_logs():
        await predict(model, None)
    assert not HEARD.is_on
    assert outcomes(model) == (1, 0, 0, 0)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)], ids=repr)
@pytest.mark.parametrize("others", [0, 1])
async def test_end_of_the_program_passes_through_a_handler(
    error: BaseException, others: int, predict: Predict, model: Model
) -> None:
    def interrupted(*_: object) -> None:
        raise error

    telemetry.attach("interrupted", STOP, interrupted)
    for _ in range(others):
        telemetry.attach("other", STOP, lambda *_: None)
    with pytest.raises(type(error)):
        await predict(model, None)
    assert telemetry.list_handlers(STOP)[0].id == "interrupted"


async def test_metadata_that_cannot_be_read_is_left_out_and_told(events: list[CapturedEvent]) -> None:
    model = Model(KEY)
    with capture_logs() as logs, model.span(metadata=7):  # type: ignore[arg-type]
        pass
    assert outcomes(model) == (1, 0, 0, 0)
    assert names(events) == ["start", "stop"]
    assert [line["event"] for line in logs] == ["metadata of a span cannot be read"]


@given(
    ends=st.lists(st.sampled_from([None, Unfit(), Refused(), asyncio.CancelledError()]), max_size=12),
    handlers=st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 4)), max_size=4),
    form=st.sampled_from(FORMS),
)
async def test_counts_are_exact_whatever_handlers_do(
    ends: list[BaseException | None], handlers: list[tuple[tuple[str, ...], int]], form: Predict
) -> None:
    """Each handler works so many times, and then fails."""

    def failing_after(times: int) -> Callable[..., None]:
        left = iter(range(times))
        return lambda *_: None if next(left, None) is not None else fail()

    model = Model(KEY, Declaration(invalid=(Refused,)))
    for number, (event, times) in enumerate(handlers):
        telemetry.attach(f"failing-{number}", event, failing_after(times))
    try:
        with capture_logs():
            for error in ends:
                try:
                    await form(model, error)
                except BaseException as raised:  # noqa: BLE001  what it is, is asserted
                    assert raised is error  # noqa: PT017  as above
    finally:
        for one in {one.id for one in telemetry.list_handlers(("model", "predict"))}:
            telemetry.detach(one)
    kinds = [type(error) for error in ends]
    assert outcomes(model) == tuple(
        kinds.count(kind) for kind in (type(None), Unfit, asyncio.CancelledError, Refused)
    )
