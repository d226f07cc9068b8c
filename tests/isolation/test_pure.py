"""Decisions of isolation that need no thread and no process."""

import pytest

from supervisor import Crashed, ExitReason, ProcessExitedError, ProcessSignalledError
from supervisor.isolation.process_exits import reason_of
from supervisor.isolation.silence import BEATS_PER_LIMIT, Silence
from supervisor.process import NORMAL, SHUTDOWN

TOLD = Crashed(ZeroDivisionError())


@pytest.mark.conformance("F16")
@pytest.mark.parametrize(
    ("code", "told", "reason"),
    [
        pytest.param(0, None, NORMAL, id="left-without-a-word"),
        pytest.param(0, SHUTDOWN, SHUTDOWN, id="said-so"),
        pytest.param(1, TOLD, TOLD, id="what-it-said-counts-more-than-its-code"),
        pytest.param(-11, TOLD, TOLD, id="also-than-a-signal-on-its-way-out"),
    ],
)
def test_reason_of_an_end(code: int, told: ExitReason | None, reason: ExitReason) -> None:
    assert reason_of("it", code, told) == reason


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        (3, ProcessExitedError, "process of 'it' exited with code 3"),
        (-9, ProcessSignalledError, "process of 'it' was ended by SIGKILL"),
        (-11, ProcessSignalledError, "process of 'it' was ended by SIGSEGV"),
        (-77, ProcessSignalledError, "process of 'it' was ended by signal 77"),
    ],
)
def test_error_of_an_end(code: int, error: type[Exception], says: str) -> None:
    reason = reason_of("it", code, None)
    assert isinstance(reason, Crashed)
    assert type(reason.exception) is error
    assert str(reason.exception) == says


@pytest.mark.conformance("F9", "F21")
def test_silence_is_counted_in_checks_so_that_ones_own_absence_is_none() -> None:
    """However long ago the last sign is: after one check it is not too long."""
    silence = Silence()
    assert [silence.is_too_long() for _ in range(BEATS_PER_LIMIT + 2)] == [False] * (BEATS_PER_LIMIT + 1) + [
        True
    ]
    silence.broken()
    assert not silence.is_too_long()
