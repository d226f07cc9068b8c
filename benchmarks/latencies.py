"""Latencies of many kinds, of which one was measured: predictions of a real model."""

from math import log
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from actors.demo.digits import normalise, train

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Latencies: TypeAlias = NDArray[np.float64]

SYNTHETIC: Final = ("lognormal", "Pareto", "bimodal", "constant")
REAL: Final = "digits classifier"
KINDS: Final = (*SYNTHETIC, REAL)


def synthetic(kind: str, many: int, seed: int) -> "Latencies":
    """Seconds, in the order in which they came.

    Args:
        kind: One of `SYNTHETIC`.
        many: How many.
        seed: For the same ones again.

    Raises:
        ValueError: There is no such kind.
    """
    dice = np.random.default_rng(seed)
    match kind:
        case "lognormal":
            return dice.lognormal(log(0.02), 0.7, many)
        case "Pareto":
            return 0.01 * (1 + dice.pareto(1.5, many))
        case "bimodal":
            is_cached = dice.random(many) < 0.95
            found = np.where(is_cached, dice.normal(0.012, 0.001, many), dice.normal(0.8, 0.05, many))
            return np.maximum(found, 1e-4)
        case "constant":
            return np.full(many, 0.0337)
        case _:
            raise ValueError(f"kind of latencies must be one of {SYNTHETIC}, got {kind!r}")


def real(many: int) -> "Latencies":
    """What so many predictions of scikit-learn's classifier of digits took, here and now, one image each."""
    lesson = train(0)
    classifier, images = lesson.classifiers["v1"], normalise(lesson.images)
    found = np.empty(many)
    for at in range(many):
        image = images[at % len(images)][np.newaxis]
        began = perf_counter()
        classifier.predict(image)
        found[at] = perf_counter() - began
    return found


def peers(many: int, each: int) -> "list[Latencies]":
    """Of so many unlike peers: medians of 5 to 80 ms, some steady and some not."""
    dice = np.random.default_rng(3)
    return [
        dice.lognormal(log(0.005 * 2 ** dice.uniform(0, 4)), dice.uniform(0.4, 1.0), each)
        for _ in range(many)
    ]
