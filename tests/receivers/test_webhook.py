"""The webhook's payload is Alertmanager's."""

from typing import TYPE_CHECKING, Any

import pytest

from actors.config import Secret
from actors.posting import create_client
from actors.receivers.outcome import Delivered
from actors.receivers.webhook import Webhook, render
from tests.receivers.notices import ANNOTATIONS, FIRED_AT_TEXT, LABELS, notice

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

KEY = "5f" * 32


def expected(status: str, ends_at: str) -> dict[str, Any]:
    return {
        "version": "4",
        "groupKey": KEY,
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "oncall",
        "groupLabels": LABELS,
        "commonLabels": LABELS,
        "commonAnnotations": ANNOTATIONS,
        "externalURL": "",
        "alerts": [
            {
                "status": status,
                "labels": LABELS,
                "annotations": ANNOTATIONS,
                "startsAt": FIRED_AT_TEXT,
                "endsAt": ends_at,
                "generatorURL": "",
                "fingerprint": KEY,
            }
        ],
    }


def test_firing_alert_has_not_ended() -> None:
    assert render(notice()) == expected("firing", "0001-01-01T00:00:00Z")


def test_resolved_alert_says_when_it_ended() -> None:
    assert render(notice(status="resolved")) == expected("resolved", "2025-11-24T08:10:00.250Z")


@pytest.mark.realtime("real sockets on the loopback")
async def test_request_carries_its_id_so_that_a_repetition_is_known(httpserver: "HTTPServer") -> None:
    httpserver.expect_request(
        "/hook", method="POST", headers={"Idempotency-Key": "n-1"}, json=render(notice())
    ).respond_with_data(status=204)
    async with create_client() as client:
        assert await Webhook(Secret(httpserver.url_for("/hook"))).send(notice(), client) == Delivered()
