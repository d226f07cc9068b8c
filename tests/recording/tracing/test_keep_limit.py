"""So many a second, and no more."""

import pytest

from actors.recording.tracing.keep_limit import KeepLimit


@pytest.mark.parametrize(
    ("times", "passes"),
    [
        pytest.param([0.0, 0.1, 0.2], [True, True, False], id="third-in-its-second"),
        pytest.param([0.9, 0.95, 1.0, 1.1], [True, True, True, True], id="next-second"),
        pytest.param(
            [5.0, 9.0, 9.1, 9.2, 9.999, 10.0], [True, True, True, False, False, True], id="after-a-rest"
        ),
    ],
)
def test_two_of_each_second_pass(times: list[float], passes: list[bool]) -> None:
    limit = KeepLimit(2)
    assert [limit.passes(now) for now in times] == passes


def test_limit_of_none_lets_none_pass() -> None:
    assert not KeepLimit(0).passes(3.0)
