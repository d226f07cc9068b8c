"""Which traced predictions are shown, and for how long."""

import pytest

from actors.recording.buffers import Exemplar
from actors.recording.exemplars import Exemplars

NOW = 1_000_000.0


def traced(seconds: float, at: float = NOW, trace: str = "a") -> Exemplar:
    return Exemplar(seconds, trace * 32, "b" * 16, at)


@pytest.mark.parametrize(
    ("seconds", "bound"),
    [
        pytest.param(0.05, 0.1, id="within"),
        pytest.param(0.1, 0.1, id="at-the-bound"),
        pytest.param(0.11, 1.0, id="just-above"),
        pytest.param(5.0, float("inf"), id="above-all"),
    ],
)
def test_exemplar_stands_at_the_bucket_its_prediction_fell_into(seconds: float, bound: float) -> None:
    exemplars = Exemplars([0.1, 1.0])
    exemplars.add([traced(seconds)])
    assert list(exemplars.recent(NOW)) == [bound]


@pytest.mark.parametrize("order", [(1, -1), (-1, 1)])
def test_newest_of_a_bucket_is_shown(order: tuple[int, int]) -> None:
    """They come in chunks, the newest chunk first."""
    exemplars = Exemplars([0.1])
    for offset in order:
        exemplars.add([traced(0.05, NOW + offset)])
    assert [one.at for one in exemplars.recent(NOW).values()] == [NOW + 1]


def test_one_that_is_five_minutes_old_is_shown_no_more() -> None:
    exemplars = Exemplars([0.1])
    exemplars.add([traced(0.05, NOW - 300.0), traced(0.5, NOW - 300.1)])
    assert [one.seconds for one in exemplars.recent(NOW).values()] == [0.05]
