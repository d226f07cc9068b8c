from typing import TYPE_CHECKING, Any

import httpx
import pytest

from actors.demo.checkers import Checkers

if TYPE_CHECKING:
    from actors.demo.delivered import Delivery

TOKEN = "hook-token"
KEY = "k" * 32
HOOK = f"/services/T0/B0/{TOKEN}"


def client(checkers: Checkers) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(checkers.create_app()), base_url="http://checkers")


def message(word: str = "FIRING", version: str = "v2") -> dict[str, Any]:
    fields = [{"type": "mrkdwn", "text": f"*version*\n{version}"}]
    return {"text": f"{word}: digits-latency is late", "blocks": [{"type": "section", "fields": fields}]}


def event(action: str = "trigger", **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"routing_key": KEY, "event_action": action, "dedup_key": "abc"}
    if action == "trigger":
        body["payload"] = {"summary": "digits-latency is late", "source": "node", "severity": "critical"}
    return body | changes


async def test_slack_limits_the_first_message_and_takes_it_the_second_time() -> None:
    checkers = Checkers(TOKEN, KEY, limit_first=1)
    async with client(checkers) as http:
        first, second = await http.post(HOOK, json=message()), await http.post(HOOK, json=message())
    assert (first.status_code, first.headers["retry-after"], first.text) == (429, "1", "rate_limited")
    assert (second.status_code, second.text) == (200, "ok")
    assert [one.verdict for one in checkers.deliveries] == ["limited", "accepted"]


async def test_a_slack_message_is_told_by_its_labels_and_its_first_word() -> None:
    """The summary may hold figures that change; the labels do not."""
    checkers = Checkers(TOKEN, KEY, limit_first=0)
    async with client(checkers) as http:
        await http.post(HOOK, json=message("FIRING"))
        await http.post(HOOK, json=message("RESOLVED"))
    fired, resolved = checkers.deliveries
    assert (fired.action, resolved.action) == ("firing", "resolved")
    assert fired.key == resolved.key == "*version*\nv2"
    assert fired.title == "digits-latency is late"


async def test_slack_refuses_what_breaks_a_rule_and_keeps_the_reason() -> None:
    checkers = Checkers(TOKEN, KEY)
    async with client(checkers) as http:
        answer = await http.post(HOOK, json={"text": "a < b"})
        broken = await http.post(HOOK, content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.text) == (400, "invalid_blocks")
    assert (broken.status_code, broken.text) == (400, "invalid_payload")
    assert [one.verdict for one in checkers.deliveries] == ["refused", "refused"]
    assert checkers.deliveries[0].problems == ("text has an '&', '<' or '>' that is not escaped",)


async def test_an_unknown_webhook_is_refused_and_its_token_kept_nowhere() -> None:
    checkers = Checkers(TOKEN, KEY)
    async with client(checkers) as http:
        answer = await http.post("/services/T0/B0/wrong-token", json=message())
    assert (answer.status_code, answer.text) == (403, "invalid_token")
    assert "wrong-token" not in repr(checkers.deliveries)


async def test_pagerduty_takes_a_trigger_and_a_resolve() -> None:
    checkers = Checkers(TOKEN, KEY)
    async with client(checkers) as http:
        answer = await http.post("/v2/enqueue", json=event())
        await http.post("/v2/enqueue", json=event("resolve"))
    assert answer.status_code == 202
    assert answer.json() == {"status": "success", "message": "Event processed", "dedup_key": "abc"}
    assert [(one.key, one.action) for one in checkers.deliveries] == [("abc", "firing"), ("abc", "resolved")]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        pytest.param(event(routing_key="x" * 32), "routing_key belongs to no integration", id="wrong-key"),
        pytest.param(event(payload=None), "payload must be an object", id="broken-rule"),
        pytest.param(
            event(client="x" * 512_000), "event must have at most 512000 bytes, got 512", id="too-large"
        ),
    ],
)
async def test_pagerduty_refuses_with_its_reasons(sent: dict[str, Any], reason: str) -> None:
    checkers = Checkers(TOKEN, KEY)
    async with client(checkers) as http:
        answer = await http.post("/v2/enqueue", json=sent)
    assert answer.status_code == 400
    assert answer.json()["status"] == "invalid event"
    assert [one.startswith(reason) for one in answer.json()["errors"]] == [True]
    assert checkers.deliveries[0].verdict == "refused"


async def test_json_must_be_called_json() -> None:
    checkers = Checkers(TOKEN, KEY)
    async with client(checkers) as http:
        answer = await http.post("/v2/enqueue", content=b"{}", headers={"content-type": "text/plain"})
    assert "content-type must be application/json, got 'text/plain'" in answer.json()["errors"]


async def test_each_record_is_told_as_it_is_made_and_holds_no_key() -> None:
    told: list[Delivery] = []
    checkers = Checkers(TOKEN, KEY, on_delivery=told.append)
    async with client(checkers) as http:
        await http.post("/v2/enqueue", json=event())
        await http.post(HOOK, json=message())
    assert told == checkers.deliveries
    assert len(told) == 2
    assert KEY not in repr(told)
    assert TOKEN not in repr(told)
