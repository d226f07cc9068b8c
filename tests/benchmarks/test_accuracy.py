"""How exact quantiles are: the promise over many distributions, and the page that shows it."""

import re
import subprocess
import sys
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import latencies

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytest.importorskip("ddsketch")
from benchmarks.accuracy import LIMIT, PAGE, PEERS, QS, SIZES, Row, grid
from benchmarks.quantiles import LastThousand, Ours, Prometheus, truth

ROOT = Path(__file__).parents[2]
TOLD = re.compile(r"\*{0,2}([\d.,]+) (%|×)\*{0,2}")

shapes = st.one_of(
    st.tuples(st.just("lognormal"), st.floats(-9, 3), st.floats(0.0, 2.0)),
    st.tuples(st.just("pareto"), st.floats(-9, 1), st.floats(0.8, 5.0)),
    st.tuples(st.just("exponential"), st.floats(-9, 3), st.just(1.0)),
    st.tuples(st.just("uniform"), st.floats(-9, 3), st.just(1.0)),
    st.tuples(st.just("steps"), st.floats(-9, 1), st.floats(1.1, 100.0)),
)


def drawn(shape: tuple[str, float, float], many: int, seed: int) -> "NDArray[np.float64]":
    name, scale, width = shape
    dice = np.random.default_rng(seed)
    found: NDArray[np.floating]
    match name:
        case "lognormal":
            found = dice.lognormal(scale, width, many)
        case "pareto":
            found = exp(scale) * (1 + dice.pareto(width, many))
        case "exponential":
            found = dice.exponential(exp(scale), many)
        case "uniform":
            found = dice.uniform(0, exp(scale), many)
        case _:
            found = exp(scale) * width ** dice.integers(0, 3, many)
    return np.maximum(found, 1e-8).astype(np.float64)


@given(
    shape=shapes,
    many=st.integers(1, 3000),
    seed=st.integers(0, 2**32),
    q=st.one_of(st.sampled_from(QS), st.floats(0, 1)),
)
def test_any_quantile_of_any_distribution_is_within_what_is_promised(
    shape: tuple[str, float, float], many: int, seed: int, q: float
) -> None:
    values = drawn(shape, many, seed)
    assert Ours([values]).quantile(q) == pytest.approx(truth(values, q), rel=LIMIT)


@given(
    parts=st.lists(st.tuples(shapes, st.integers(1, 300)), min_size=2, max_size=20),
    seed=st.integers(0, 2**32),
    q=st.sampled_from(QS),
)
def test_merging_unlike_peers_adds_no_error(
    parts: list[tuple[tuple[str, float, float], int]], seed: int, q: float
) -> None:
    peers = [drawn(shape, many, seed + at) for at, (shape, many) in enumerate(parts)]
    assert Ours(peers).quantile(q) == pytest.approx(truth(np.concatenate(peers), q), rel=LIMIT)


@pytest.mark.parametrize("kind", latencies.SYNTHETIC)
def test_the_kinds_on_the_page_are_within_what_is_promised(kind: str) -> None:
    values = latencies.synthetic(kind, 2000, 7)
    for q in QS:
        assert Ours([values]).quantile(q) == pytest.approx(truth(values, q), rel=LIMIT)


def test_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="got 'weibull'"):
        latencies.synthetic("weibull", 10, 1)


@pytest.mark.realtime("times a real model")
def test_latencies_of_the_real_model_are_within_what_is_promised() -> None:
    pytest.importorskip("sklearn")
    values = latencies.real(200)
    assert len(np.unique(values)) > 100
    for q in QS:
        assert Ours([values]).quantile(q) == pytest.approx(truth(values, q), rel=LIMIT)


@pytest.mark.parametrize(
    ("values", "q", "told"),
    [
        pytest.param([0.3] * 4, 0.5, 0.375, id="middle-of-the-bucket-that-holds-all"),
        pytest.param([0.001, 0.3], 0.5, 0.005, id="upper-bound-of-a-bucket-that-is-all-taken"),
        pytest.param([20.0], 0.5, 10.0, id="beyond-the-last-bound"),
    ],
)
def test_prometheus_quantile_is_as_prometheus_tells_it(values: list[float], q: float, told: float) -> None:
    assert Prometheus([np.array(values)]).quantile(q) == pytest.approx(told)


def test_last_thousand_forgets_what_was_before() -> None:
    values = np.concatenate([np.full(5000, 9.0), np.linspace(0.001, 1.0, 1000)])
    assert LastThousand([values]).quantile(0.99) == pytest.approx(0.991)
    assert LastThousand([np.array([0.5])]).quantile(0.99) == 0.5


def test_error_beyond_what_is_promised_stands_out() -> None:
    found = [
        Row("Pareto", 0.99, {"slokeeper": 0.002, "Prometheus, default buckets": 0.3, "DDSketch, 1 %": 4.0})
    ]
    assert grid("", found).rows == (("Pareto", "p99", "0.20 %", "**30.00 %**", "**5 ×**", "–"),)


@pytest.mark.realtime("starts a process that times a real model")
def test_page_is_made_by_its_generator() -> None:
    pytest.importorskip("sklearn")
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.accuracy", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    assert [line for line in made.splitlines() if line.startswith("#")] == [
        "# How exact quantiles are",
        "## 1,000 events",
        "## 2,000 events",
        f"## {PEERS} unlike peers",
    ]


def test_page_shows_every_kind_at_every_size_and_holds_the_promise() -> None:
    lines = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if "| p" in line]
    assert [line[:2] for line in lines] == [
        [kind, f"p{q * 100:g}"] for kind in (*latencies.KINDS * len(SIZES), "lognormals") for q in QS
    ]
    ours = [TOLD.fullmatch(line[2]) for line in lines]
    assert max(float(one[1]) for one in ours if one and one[2] == "%") <= LIMIT * 100
    assert all(one and one[2] == "%" for one in ours)
