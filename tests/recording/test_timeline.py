"""Nominal time: the wall clock, or faster."""

import asyncio

import pytest

from actors.recording.timeline import ScaledTimeline
from supervisor.clock import monotonic, unix_now
from supervisor.testing import VirtualTimeLoop


async def test_real_time_line_is_the_wall_clock() -> None:
    timeline = ScaledTimeline()
    await asyncio.sleep(100.0)
    assert timeline.now() == pytest.approx(unix_now())


async def test_factor_sixty_makes_a_minute_of_a_second() -> None:
    timeline = ScaledTimeline(60.0)
    before, minute = timeline.now(), timeline.minute()
    await asyncio.sleep(1.0)
    assert timeline.now() - before == pytest.approx(60.0)
    assert timeline.minute() == minute + 1


@pytest.mark.parametrize("factor", [1.0, 60.0])
async def test_timer_goes_off_at_its_nominal_instant(factor: float) -> None:
    timeline = ScaledTimeline(factor)
    due = timeline.now() + 90.0
    await asyncio.sleep(timeline.monotonic_at(due) - monotonic())
    assert timeline.now() == pytest.approx(due, abs=1e-3)


async def test_time_goes_on_while_the_machine_sleeps() -> None:
    timeline = ScaledTimeline()
    due = timeline.now() + 7200.0
    loop().sleep_machine(3600.0)
    assert timeline.now() == pytest.approx(unix_now())
    await asyncio.sleep(timeline.monotonic_at(due) - monotonic())
    assert monotonic() == pytest.approx(3600.0)
    assert timeline.now() == pytest.approx(due)


async def test_wall_clock_that_is_set_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = ScaledTimeline()
    minute = timeline.minute()
    monkeypatch.setattr(loop(), "unix_time", lambda: 0.0)
    assert timeline.minute() == minute


@pytest.mark.parametrize(
    ("newest", "ahead"),
    [
        pytest.param(-60, 0.0, id="an-hour-ago"),
        pytest.param(0, 0.0, id="the-running-minute-was-closed-early"),
        pytest.param(1, 90.0, id="a-minute-to-come"),
        pytest.param(59, 59 * 60 + 30.0, id="an-hour-to-come"),
    ],
)
async def test_time_goes_on_after_what_was_counted(newest: int, ahead: float) -> None:
    await asyncio.sleep(60.0 - unix_now() % 60.0 + 30.0)  # the middle of a minute
    timeline = ScaledTimeline()
    counted = timeline.minute() + newest
    assert timeline.go_on_after(counted) == pytest.approx(ahead)
    assert timeline.minute() == (counted + 1 if ahead else counted - newest)


def loop() -> VirtualTimeLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, VirtualTimeLoop)
    return running
