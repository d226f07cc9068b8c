"""A whole node, on virtual time: counted, judged, told, and killed anywhere."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest

from actors.application import Application
from actors.recording import Model
from supervisor.tree import TreeNode
from tests.application.nodes import MODEL, settings, totals

if TYPE_CHECKING:
    from pathlib import Path

PATHS = [
    "storage",
    "recording/tables",
    "recording/recorder",
    "slo/monitor",
    "alerting/dispatcher",
    "alerting/receivers/hook",
    "policy",
]


class Hook:
    """Takes what a webhook receiver sends."""

    def __init__(self) -> None:
        self.taken: list[Mapping[str, object]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.taken.append(msgspec.json.decode(request.content, type=dict[str, object]))
        return httpx.Response(200)

    def told(self) -> list[tuple[object, object]]:
        """(status, severity) of everything that came, in order."""
        return [(one["status"], labels["severity"]) for one in self.taken for labels in [_labels(one)]]


def _labels(payload: Mapping[str, object]) -> Mapping[str, object]:
    labels = payload["commonLabels"]
    assert isinstance(labels, Mapping)
    return labels


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Hook:
    """Every client for sending goes to this hook."""
    hook = Hook()

    def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(hook))

    monkeypatch.setattr("actors.application.application.create_sending_client", client)
    return hook


def predict(model: Model, *, ok: int = 0, failed: int = 0) -> None:
    """So many predictions, each through the span that a user's would go through."""
    for _ in range(ok):
        with model.span():
            pass
    for _ in range(failed):
        with pytest.raises(ZeroDivisionError), model.span():
            raise ZeroDivisionError


def paths(node: TreeNode) -> list[str]:
    return [one.path for one in node.walk() if one.kind == "worker"]


async def test_predictions_are_judged_within_the_minute() -> None:
    application = Application(settings())
    async with application.running():
        predict(application.recordings.model(MODEL, "1"), ok=98, failed=2)
        await asyncio.sleep(121.0)
        assert totals(application, "availability") == (98, 100)
        assert totals(application, "latency") == (98, 98)


async def test_alert_is_told_once_when_it_fires_and_once_when_it_is_over(hook: Hook) -> None:
    application = Application(settings(hook="http://hook.test/x"))
    async with application.running():
        model = application.recordings.model(MODEL, "1")
        predict(model, ok=50, failed=50)
        await asyncio.sleep(3 * 60.0)
        assert ("firing", "page") in hook.told()
        for _ in range(3 * 60):  # the 1 h and 6 h rules clear by their short windows
            predict(model, ok=20)
            await asyncio.sleep(60.0)
        page = [status for status, severity in hook.told() if severity == "page"]
    assert page == ["firing", "resolved"]


async def test_tree_holds_an_actor_for_everything_the_settings_name() -> None:
    application = Application(settings(hook="http://hook.test/x"))
    async with application.running():
        assert paths(application.supervision.describe()) == PATHS


@pytest.mark.parametrize("path", PATHS)
async def test_actor_that_is_killed_again_and_again_costs_no_prediction(path: str, hook: Hook) -> None:
    """Nothing lost, nothing twice: whoever dies, in the middle of whatever."""
    application = Application(settings(hook="http://hook.test/x"))
    sent = 0
    async with application.running():
        model = application.recordings.model(MODEL, "1")
        for step in range(40):
            predict(model, ok=7, failed=1)
            sent += 8
            if step % 3 == 0:
                application.supervision.kill(path)
            await asyncio.sleep(7.3)
        await asyncio.sleep(121.0)
        assert totals(application, "availability") == (sent * 7 // 8, sent)
        assert ("firing", "page") in hook.told()
    assert len({str(one["alerts"]) for one in hook.taken}) == len(hook.taken)  # no notification twice


async def test_minutes_and_alerts_are_there_after_a_new_start(hook: Hook, tmp_path: "Path") -> None:
    configured = settings(hook="http://hook.test/x", data_dir=str(tmp_path))
    first = Application(configured)
    async with first.running():
        predict(first.recordings.model(MODEL, "1"), ok=50, failed=50)
        await asyncio.sleep(200.0)
        before = totals(first, "availability"), await first.alerts()
    told = len(hook.taken)
    second = Application(configured)
    async with second.running():
        await asyncio.sleep(61.0)
        assert (totals(second, "availability"), await second.alerts()) == before
    assert len(hook.taken) == told


async def test_orderly_stop_writes_the_running_minute_down(tmp_path: "Path") -> None:
    """Also the second one within a minute, whose counts come after a minute that is closed already."""
    configured = settings(data_dir=str(tmp_path))
    for _ in range(3):
        application = Application(configured)
        async with application.running():
            await asyncio.sleep(1.0)
            predict(application.recordings.model(MODEL, "1"), ok=9, failed=1)
    last = Application(configured)
    async with last.running():
        await asyncio.sleep(300.0)
        assert totals(last, "availability") == (27, 30)


async def test_stop_takes_readiness_away_first() -> None:
    application = Application(settings())
    assert not application.is_ready()
    async with application.running():
        assert application.is_ready()
        application.no_longer_ready()
        assert not application.is_ready()
