"""Counters of a real Prometheus, replayed: the same alerts as from the rows that they were made of."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.cli.calls import answer, call
from tests.real.test_prometheus import installed, prometheus, value_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.real, pytest.mark.realtime("another program's sockets and clock")]

CONFIG = """
[[slo]]
name = "up"
sli = "availability"
match = { model = "fraud" }
group_by = ["version"]
objective = 0.999
"""
MINUTES = 700
BEGIN = 1_700_000_040 // 3600 * 3600
"""Long ago: blocks of old samples need no clock."""


def failed(minute: int) -> int:
    return 50 if 600 <= minute < 620 else 0


def rows() -> str:
    lines = [f"{BEGIN + 60 * at},{100 - failed(at)},100,fraud,1" for at in range(MINUTES)]
    return "\n".join(["timestamp,good,total,model,version", *lines]) + "\n"


def openmetrics() -> str:
    """Two processes' counters; one of them begins anew after 300 minutes."""
    samples: dict[str, list[str]] = {"ok": [], "error": []}
    for pod, share in (("a", 0.3), ("b", 0.7)):
        ok = error = 1000
        for at in range(MINUTES + 1):
            if at:
                ok += round((100 - failed(at - 1)) * share)
                error += round(failed(at - 1) * share)
            if pod == "a" and at == 300:
                ok, error = 30, 0
            for outcome, value in (("ok", ok), ("error", error)):
                labels = f'model="fraud",version="1",pod="{pod}",outcome="{outcome}"'
                samples[outcome].append(f"requests_total{{{labels}}} {value} {BEGIN + 60 * at}")
    return "\n".join(["# TYPE requests counter", *samples["ok"], *samples["error"], "# EOF"]) + "\n"


async def test_counters_of_a_prometheus_give_the_alerts_of_the_rows(tmp_path: "Path") -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "rows.csv").write_text(rows())
    (tmp_path / "metrics.txt").write_text(openmetrics())
    made = await asyncio.create_subprocess_exec(
        installed("promtool"), "tsdb", "create-blocks-from", "openmetrics",
        str(tmp_path / "metrics.txt"), str(tmp_path / "tsdb"), stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await made.wait() == 0
    config = ("--config", tmp_path / "config.toml", "--json")
    wanted = answer(call("replay", tmp_path / "rows.csv", *config))
    async with prometheus(tmp_path, "http://127.0.0.1:9") as client:
        await value_of(client, "vector(1) == 1")
        found = await asyncio.to_thread(
            call, "replay", f"prometheus+{client.base_url}", *config,
            "--good", 'requests_total{outcome="ok"}', "--total", "requests_total",
            "--from", BEGIN, "--until", BEGIN + 60 * MINUTES,
        )  # fmt: skip
    told = answer(found)
    assert wanted["alerts"]
    assert [told[name] for name in ("alerts", "pages", "from", "until")] == [
        wanted[name] for name in ("alerts", "pages", "from", "until")
    ]
