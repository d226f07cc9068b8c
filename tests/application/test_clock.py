"""A node whose wall clock was set between two runs."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from actors.application import Application
from supervisor.clock import monotonic, unix_now
from supervisor.testing import settle
from tests.application.nodes import settings, totals


async def counted(data_dir: Path, times: int) -> tuple[int, int]:
    """Run a node for some minutes, with so many predictions; what was judged (good, total)."""
    application = Application(settings(data_dir=str(data_dir)))
    async with application.running():
        score = application.recordings.model("fraud", version="1").observe(lambda: 1)
        for _ in range(times):
            score()
        await asyncio.sleep(125.0)
        await settle()
        return totals(application, "availability")


@pytest.mark.parametrize("jump", [-3600.0, -150.0, 0.0, 3600.0])
async def test_predictions_are_judged_at_once_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    assert await counted(tmp_path, 3) == (3, 3)
    ahead = unix_now() - monotonic() + jump
    monkeypatch.setattr(asyncio.get_running_loop(), "unix_time", lambda: monotonic() + ahead)
    with capture_logs() as logs:
        assert await counted(tmp_path, 4) == (7, 7)
    assert await counted(tmp_path, 5) == (12, 12)
    told = [line["event"] for line in logs if line["log_level"] == "warning" and "clock" in line["event"]]
    assert told == ["wall clock is behind what was counted; time goes on from there"] * (jump < 0)
