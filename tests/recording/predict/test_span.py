"""Predictions as blocks."""

import asyncio

import pytest
from structlog.testing import capture_logs

from actors.recording import Model
from tests.recording.predict.counted import Refused, Unfit, outcomes, taken


async def test_block_is_counted_with_and_async_with(model: Model) -> None:
    with model.span():
        pass
    async with model.span():
        await asyncio.sleep(1.0)
    assert outcomes(model) == (2, 0, 0, 0)


async def test_block_lets_errors_through_and_counts_them(model: Model) -> None:
    with pytest.raises(Unfit), model.span():
        raise Unfit
    with pytest.raises(Unfit):
        async with model.span():
            raise Unfit
    assert outcomes(model) == (0, 2, 0, 0)


def test_stages_cost_and_change_nothing_where_nobody_traces(model: Model) -> None:
    with model.span() as span:
        with span.stage("preprocessing"):
            pass
        with span.stage("inference"), pytest.raises(Unfit), span.stage("feature store"):
            raise Unfit
    assert outcomes(model) == (1, 0, 0, 0)


def test_block_says_that_its_input_was_refused_however_it_ends(model: Model) -> None:
    with model.span() as span:
        span.invalid()
    with pytest.raises(Unfit), model.span() as span:  # noqa: PT012  in this order
        span.invalid()
        raise Unfit
    with pytest.raises(Refused), model.span():
        raise Refused
    assert outcomes(model) == (0, 0, 0, 3)


async def test_cancelled_block_is_in_no_total(model: Model) -> None:
    async def score() -> None:
        async with model.span():
            await asyncio.sleep(60.0)

    waiting = asyncio.ensure_future(score())
    await asyncio.sleep(1.0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert outcomes(model) == (0, 0, 1, 0)


def test_block_of_many_predictions_counts_each_with_the_time_of_all(model: Model) -> None:
    with model.span(n=3):
        pass
    found = taken(model)
    assert len(found.ok) == 3
    assert len(set(found.ok)) == 1


def test_block_may_find_out_later_how_many_it_is(model: Model) -> None:
    with model.span() as span:
        span.n = 4
    with pytest.raises(Unfit), model.span(n=9) as span:  # noqa: PT012  in this order
        span.n = 2
        raise Unfit
    with model.span(n=0):
        pass
    assert outcomes(model) == (4, 2, 0, 0)


@pytest.mark.parametrize("n", [-1, 2.5, "many", None, [1]], ids=repr)
def test_number_that_is_none_counts_as_one_and_is_told_once(model: Model, n: object) -> None:
    """Never raised: the prediction is the caller's business, counting it is ours."""
    with capture_logs() as logs:
        for _ in range(2):
            with model.span(n=n):  # type: ignore[arg-type]
                pass
    assert outcomes(model) == (2, 0, 0, 0)
    assert [line["event"] for line in logs] == ["size of a batch unknown, it counts as one prediction"]


def test_block_tells_its_first_item_once(model: Model) -> None:
    with model.span() as span:
        for _ in range(3):
            span.first_item()
    found = taken(model)
    assert (len(found.first_item), len(found.ok)) == (1, 1)
    assert found.first_item[0] <= found.ok[0]
