"""Predictions that were not sampled, and are traced because they were slow or failed."""

import asyncio
from contextlib import suppress

import pytest
from opentelemetry.trace import StatusCode, get_current_span

from actors.config import TracingSettings
from actors.recording import Declaration, Model, SeriesKey
from tests.recording.predict.counted import Unfit, taken
from tests.recording.tracing.traced import Traced

KEY = SeriesKey("fraud", "2.1.0")
NEVER = 86_400.0


def unsampled(
    *, slower_than: float = NEVER, failed: bool = True, per_second: int = 1000
) -> tuple[Model, Traced]:
    settings = TracingSettings(
        sample_rate=0.0, keep_slower_than=slower_than, keep_failed=failed, max_kept_per_second=per_second
    )
    traced = Traced(settings)
    declaration = Declaration(invalid=(ValueError,))
    return Model(KEY, declaration, tracing=traced.tracing.of(KEY)), traced


def test_slow_one_is_traced_with_its_stages_as_they_were() -> None:
    model, traced = unsampled(slower_than=0.0)
    with model.span(input_size=9) as span:
        with span.stage("preprocessing"):
            pass
        with suppress(Unfit), span.stage("inference"):
            raise Unfit
    whole, first, second = (traced.span(name) for name in ("model.predict", "preprocessing", "inference"))
    assert dict(whole.attributes or {}) == {
        "model.name": "fraud",
        "model.version": "2.1.0",
        "input.size": 9,
        "kept": "slow",
        "outcome": "ok",
    }
    assert first.parent == second.parent == whole.context
    assert second.status.status_code is StatusCode.ERROR
    times = [whole.start_time, first.start_time, first.end_time, second.start_time, second.end_time]
    assert times == sorted(times, key=lambda time: time or 0)
    took = (whole.end_time or 0) - (whole.start_time or 0)
    assert took == pytest.approx(taken(model).ok[0] * 1e9, abs=1000)


async def test_every_form_is_kept() -> None:
    model, traced = unsampled(slower_than=0.0)

    @model.observe
    async def score() -> None:
        await asyncio.sleep(0)

    model.observe(lambda: None)()
    await score()
    model.observe(batch=3)(lambda: None)()
    assert [(one.attributes or {})["kept"] for one in traced.spans()] == ["slow"] * 3
    assert len(taken(model).exemplars) == 3


@pytest.mark.parametrize(
    ("error", "keeps"),
    [
        pytest.param(Unfit(), True, id="failed"),
        pytest.param(ValueError(), False, id="refused"),
        pytest.param(asyncio.CancelledError(), False, id="cancelled"),
        pytest.param(SystemExit(1), True, id="gave-up"),
    ],
)
def test_of_those_that_raise_the_failed_ones_are_kept(error: BaseException, keeps: bool) -> None:
    model, traced = unsampled()

    @model.observe
    def score() -> None:
        raise error

    for form in (score, lambda: _in_span(model, error)):
        with pytest.raises(type(error)):
            form()
    assert [(one.attributes or {})["kept"] for one in traced.spans()] == ["failed", "failed"] * keeps
    assert not taken(model).exemplars


def _in_span(model: Model, error: BaseException) -> None:
    with model.span():
        raise error


def test_failed_ones_are_not_kept_where_that_is_switched_off() -> None:
    model, traced = unsampled(failed=False)
    with pytest.raises(Unfit), model.span():
        raise Unfit
    assert not traced.spans()
    assert traced.counts == {}


def test_outage_is_kept_up_to_the_limit_and_the_rest_is_counted() -> None:
    model, traced = unsampled(per_second=3)
    for _ in range(500):
        with suppress(Unfit), model.span():
            raise Unfit
    counts = traced.counts
    assert 3 <= counts["kept"] < 500  # they may have taken more than a second
    assert counts["kept"] + counts["over_limit"] == 500
    assert len(traced.spans()) == counts["kept"]


def test_fast_success_leaves_nothing() -> None:
    model, traced = unsampled()
    with model.span() as span, span.stage("inference"):
        assert not get_current_span().get_span_context().is_valid
    model.observe(lambda: None)()
    assert not traced.spans()
    assert not taken(model).exemplars
    assert traced.counts == {}


def test_recorder_that_is_far_behind_costs_no_memory_without_end() -> None:
    model, traced = unsampled(per_second=10_000)
    for _ in range(1500):
        with suppress(Unfit), model.span():
            raise Unfit
    assert traced.counts == {"kept": 1500, "dropped": 500}
    assert len(traced.spans()) == 1000


def test_forked_child_sends_nothing_of_its_parent() -> None:
    model, traced = unsampled(slower_than=0.0)
    model.observe(lambda: None)()
    traced.tracing.forget()
    model.observe(lambda: None)()
    assert not traced.spans()
