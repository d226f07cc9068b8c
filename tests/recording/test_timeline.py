"""Nominal time: the wall clock, or faster."""

import asyncio

import pytest

from actors.recording.timeline import ScaledTimeline
from supervisor.clock import monotonic, unix_now


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
