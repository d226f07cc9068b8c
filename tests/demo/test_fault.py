import math
from random import Random

import msgspec
import pytest

from actors.demo.fault import HEALTHY, Fault, FeatureStore, UnreadableImageError
from supervisor.clock import monotonic


def inputs(count: int) -> list[bytes]:
    rng = Random(1)
    return [rng.randbytes(64) for _ in range(count)]


def test_a_healthy_model_raises_on_nothing() -> None:
    assert not any(HEALTHY.raises_on(one) for one in inputs(500))


def test_the_share_of_inputs_that_raise_is_the_one_asked_for() -> None:
    raised = sum(Fault(fail_share=0.25).raises_on(one) for one in inputs(4000))
    assert math.isclose(raised / 4000, 0.25, abs_tol=0.02)


def test_an_input_that_raises_raises_again_and_under_every_larger_share() -> None:
    small, large = Fault(fail_share=0.1), Fault(fail_share=0.6)
    raising = [one for one in inputs(1000) if small.raises_on(one)]
    assert raising
    assert all(small.raises_on(one) and large.raises_on(one) for one in raising)


async def test_a_slow_model_really_waits() -> None:
    began = monotonic()
    await FeatureStore(Fault(slow_seconds=0.15)).fetch(b"image", ink=3.0)
    assert monotonic() - began == pytest.approx(0.15)


async def test_a_broken_input_is_an_error_that_names_it() -> None:
    with pytest.raises(UnreadableImageError, match="image with 3 units of ink"):
        await FeatureStore(Fault(fail_share=1.0)).fetch(b"image", ink=3.0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            b'{"slow_seconds": -1}', "slow_seconds must lie between 0 and 10, got -1", id="negative"
        ),
        pytest.param(b'{"fail_share": 25}', "fail_share must lie between 0 and 1, got 25", id="percent"),
        pytest.param(b'{"slow": 1}', "unknown field", id="unknown-key"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(text: bytes, problem: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=problem):
        msgspec.json.decode(text, type=Fault)
