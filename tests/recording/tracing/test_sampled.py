"""Predictions that are traced while they run."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from opentelemetry import trace
from opentelemetry.trace import StatusCode, get_current_span

from actors.config import TracingSettings
from actors.recording import Model, SeriesKey
from supervisor import telemetry
from tests.recording.predict.counted import Unfit, outcomes, taken
from tests.recording.tracing.traced import Traced

KEY = SeriesKey("fraud", "2.1.0", (("region", "east"),))
NOBODY = trace.INVALID_SPAN_CONTEXT


@pytest.fixture
def traced() -> Traced:
    return Traced(TracingSettings(sample_rate=1.0))


@pytest.fixture
def model(traced: Traced) -> Model:
    return Model(KEY, tracing=traced.tracing.of(KEY))


def current() -> trace.SpanContext:
    return get_current_span().get_span_context()


# --- spans ------------------------------------------------------------------------------------------------


def test_prediction_is_a_span_with_its_stages_as_children(model: Model, traced: Traced) -> None:
    with model.span(input_size=512) as span:
        for stage in ("preprocessing", "inference", "postprocessing"):
            with span.stage(stage):
                pass
    whole, *stages = reversed(traced.spans())
    assert [stage.name for stage in reversed(stages)] == ["postprocessing", "inference", "preprocessing"]
    assert dict(whole.attributes or {}) == {
        "model.name": "fraud",
        "model.version": "2.1.0",
        "region": "east",
        "input.size": 512,
        "outcome": "ok",
    }
    assert (whole.name, whole.parent, whole.status.status_code) == ("model.predict", None, StatusCode.UNSET)
    assert [stage.parent for stage in stages] == [whole.context] * 3
    assert whole.instrumentation_scope is not None
    assert whole.instrumentation_scope.name == "slokeeper"


def test_stages_lie_within_the_prediction_and_one_in_another_below_it(model: Model, traced: Traced) -> None:
    with model.span() as span, span.stage("inference"), span.stage("layer"):
        pass
    whole, inference, layer = (traced.span(name) for name in ("model.predict", "inference", "layer"))
    assert (inference.parent, layer.parent) == (whole.context, inference.context)
    times = [
        whole.start_time,
        inference.start_time,
        layer.start_time,
        layer.end_time,
        inference.end_time,
        whole.end_time,
    ]
    assert times == sorted(times, key=lambda time: time or 0)


def test_failure_is_told_by_type_and_place_and_not_by_what_it_says(model: Model, traced: Traced) -> None:
    with pytest.raises(Unfit), model.span() as span, span.stage("inference"):
        raise Unfit("card 4111")
    whole, stage = traced.span("model.predict"), traced.span("inference")
    assert {one.status.status_code for one in (whole, stage)} == {StatusCode.ERROR}
    assert whole.status.description == f"{Unfit.__module__}.Unfit"
    (event,) = whole.events
    assert event.name == "exception"
    assert "in test_failure_is_told" in str((event.attributes or {})["exception.stacktrace"])
    assert "4111" not in whole.to_json() + stage.to_json()


def test_what_exceptions_say_is_told_where_that_is_configured() -> None:
    traced = Traced(TracingSettings(sample_rate=1.0, exception_texts=True))
    with pytest.raises(Unfit), Model(KEY, tracing=traced.tracing.of(KEY)).span():
        raise Unfit("card 4111")
    assert "4111" in traced.span("model.predict").to_json()


def test_stage_whose_failure_is_caught_fails_alone(model: Model, traced: Traced) -> None:
    with model.span() as span, suppress(Unfit), span.stage("inference"):
        raise Unfit
    assert traced.span("inference").status.status_code is StatusCode.ERROR
    assert traced.span("model.predict").status.status_code is StatusCode.UNSET


async def test_cancelled_and_refused_predictions_are_no_errors(model: Model, traced: Traced) -> None:
    with pytest.raises(asyncio.CancelledError), model.span():
        raise asyncio.CancelledError
    with model.span() as span:
        span.invalid()
    told = [((one.attributes or {})["outcome"], one.status.status_code) for one in traced.spans()]
    assert told == [("cancelled", StatusCode.UNSET), ("invalid", StatusCode.UNSET)]


def test_current_span_takes_what_the_application_says_about_it(model: Model, traced: Traced) -> None:
    with model.span() as span, span.stage("inference"):
        get_current_span().set_attribute("device", "cuda:0")
        get_current_span().add_event("warm", {"batch": 3})
    stage = traced.span("inference")
    assert (stage.attributes or {})["device"] == "cuda:0"
    assert [event.name for event in stage.events] == ["warm"]


def test_span_that_is_over_says_so_and_takes_nothing_more(model: Model, traced: Traced) -> None:
    with model.span():
        kept = get_current_span()
        assert kept.is_recording()
    assert not kept.is_recording()
    kept.set_attribute("late", value=True)
    assert "late" not in (traced.span("model.predict").attributes or {})


def test_example_of_a_success_names_its_span(model: Model, traced: Traced) -> None:
    with pytest.raises(Unfit), model.span():
        raise Unfit
    with model.span():
        pass
    counted = taken(model)
    (example,) = counted.exemplars
    context = traced.spans()[-1].context
    assert context is not None
    assert example.seconds == counted.ok[0]
    assert (int(example.trace_id, 16), int(example.span_id, 16)) == (context.trace_id, context.span_id)


# --- what is current ----------------------------------------------------------------------------------------


def test_span_of_any_other_tracer_inside_is_a_child(model: Model, traced: Traced) -> None:
    """As of an HTTP client that OpenTelemetry instruments."""
    with model.span() as span, span.stage("inference"):
        traced.provider.get_tracer("http").start_span("GET").end()
    assert traced.span("GET").parent == traced.span("inference").context


def test_model_that_calls_a_model_has_it_as_a_child(model: Model, traced: Traced) -> None:
    inner = Model(SeriesKey("embedding", ""), tracing=traced.tracing.of(SeriesKey("embedding", "")))
    model.observe(inner.observe(lambda: None))()
    embedded, whole = traced.spans()
    assert (embedded.attributes or {})["model.name"] == "embedding"
    assert embedded.parent == whole.context


@pytest.mark.parametrize("fails", [False, True], ids=["returns", "raises"])
def test_nothing_is_current_afterwards(model: Model, fails: bool) -> None:
    @model.observe
    def score() -> None:
        assert current().is_valid
        if fails:
            raise Unfit

    with suppress(Unfit):
        score()
    assert current() is NOBODY


async def test_each_task_has_its_own_current_span(model: Model, traced: Traced) -> None:
    @model.observe
    async def score() -> int:
        before = current()
        await asyncio.sleep(1.0)
        assert current() is before
        return before.trace_id

    traces = await asyncio.gather(*(score() for _ in range(20)))
    assert len(set(traces)) == 20
    assert current() is NOBODY
    assert len(traced.spans()) == 20


@pytest.mark.realtime("threads")
def test_each_thread_has_its_own_current_span_and_none_is_lost(model: Model, traced: Traced) -> None:
    @model.observe
    def score() -> int:
        return current().trace_id

    def many(_: int) -> set[int]:
        return {score() for _ in range(100)}

    with ThreadPoolExecutor(8) as pool:
        traces = set().union(*pool.map(many, range(8)))
    assert len(traces) == 800
    assert len(traced.spans()) == 800


def test_generator_is_current_in_its_steps_only(model: Model, traced: Traced) -> None:
    @model.observe
    def tokens() -> Iterator[int]:
        for _ in range(3):
            yield current().trace_id

    seen = []
    for trace_id in tokens():
        assert current() is NOBODY
        seen.append(trace_id)
    assert set(seen) == {getattr(traced.span("model.predict").context, "trace_id", None)}


def test_two_generators_in_turn_keep_apart(model: Model, traced: Traced) -> None:
    @model.observe
    def tokens() -> Iterator[int]:
        for _ in range(3):
            yield current().trace_id

    ids = list(zip(tokens(), tokens(), strict=False))
    assert len(set(ids)) == 1
    assert ids[0][0] != ids[0][1]
    assert current() is NOBODY
    assert len(traced.spans()) >= 1


async def test_asynchronous_generator_closed_from_another_task_leaves_nothing_current(
    model: Model, traced: Traced, caplog: pytest.LogCaptureFixture
) -> None:
    @model.observe
    async def tokens() -> AsyncIterator[int]:
        for number in range(3):
            await asyncio.sleep(0.1)
            yield number

    stream = tokens()
    assert await anext(stream) == 0
    assert current() is NOBODY
    await asyncio.create_task(stream.aclose())  # type: ignore[attr-defined]
    assert current() is NOBODY
    assert (traced.span("model.predict").attributes or {})["outcome"] == "cancelled"
    assert caplog.records == []


async def test_block_left_in_another_task_than_it_was_entered_in_is_traced_all_the_same(
    model: Model, traced: Traced, caplog: pytest.LogCaptureFixture
) -> None:
    """As a fixture or a framework does; what was current there cannot be given back here."""
    span = model.span()
    await asyncio.create_task(span.__aenter__())
    await asyncio.create_task(span.__aexit__(None, None, None))
    assert traced.span("model.predict").parent is None
    assert caplog.records == []
    assert current() is NOBODY


def test_handler_of_a_prediction_runs_in_its_trace(model: Model, traced: Traced) -> None:
    heard = []
    telemetry.attach_many(
        "ids",
        [("model", "predict", "start"), ("model", "predict", "stop")],
        lambda *_: heard.append(current().trace_id),
    )
    model.observe(lambda: None)()
    telemetry.detach("ids")
    context = traced.span("model.predict").context
    assert context is not None
    assert heard == [context.trace_id] * 2


# --- who is sampled -----------------------------------------------------------------------------------------


async def test_every_form_of_a_prediction_is_sampled(model: Model, traced: Traced) -> None:
    @model.observe
    async def stream() -> AsyncIterator[int]:
        yield 1

    @model.observe
    async def score() -> None: ...

    @model.observe
    def tokens() -> Iterator[int]:
        yield 1

    model.observe(lambda: None)()
    model.observe(batch=2)(lambda: None)()
    assert list(tokens()) == [1]
    await score()
    assert [item async for item in stream()] == [1]
    with model.span():
        pass
    assert len(traced.spans()) == 6


@pytest.mark.parametrize("rate", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("has_handler", [False, True], ids=["", "with-handler"])
def test_share_of_the_traced_is_the_rate(rate: float, has_handler: bool) -> None:
    traced = Traced(TracingSettings(sample_rate=rate))
    model = Model(KEY, tracing=traced.tracing.of(KEY))
    score = model.observe(lambda: None)
    if has_handler:
        telemetry.attach("it", ("model", "predict", "stop"), lambda *_: None)
    for _ in range(1000):
        score()
        with model.span():
            pass
    if has_handler:
        telemetry.detach("it")
    assert traced.tracing.counts.sampled == pytest.approx(2000 * rate, abs=60 if 0 < rate < 1 else 0)


def test_without_tracing_nothing_is_traced_and_stages_and_headers_stay_as_they_are() -> None:
    model, headers = Model(KEY), {"accept": "*/*"}
    with model.span() as span, span.stage("inference"):
        span.inject(headers)
        assert current() is NOBODY
    assert headers == {"accept": "*/*"}


# --- what goes wrong ----------------------------------------------------------------------------------------


def test_dice_that_fail_harm_no_prediction_and_are_counted_exactly(
    model: Model, traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(traced.tracing, "new_span_id", fail)
    with model.span() as span, span.stage("inference"):
        pass
    assert [model.observe(lambda: 7)() for _ in range(3)] == [7, 7, 7]
    with pytest.raises(Unfit), model.span():
        raise Unfit
    assert outcomes(model) == (4, 1, 0, 0)
    assert traced.counts["broken"] == 5 + 1  # each begin, and the failed one that was to be kept
