"""What PagerDuty is sent: fields, limits, and one key for one alert."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.config import Secret
from actors.posting import create_client
from actors.receivers.outcome import Delivered, GivenUp, Outcome
from actors.receivers.pagerduty import (
    MAX_BYTES,
    TOO_LARGE,
    PagerDuty,
    dedup_key,
    encode_event,
    render,
    severity,
)
from tests.receivers.notices import ANNOTATIONS, FIRED_AT_TEXT, LABELS, notice
from tests.receivers.servers import ScriptedServer, answer

KEY = Secret("R0UT1NGhunter4" + "0" * 18)
LIMITS = {"summary": 1024, "source": 255, "component": 255, "group": 255, "class": 255}


def test_trigger() -> None:
    assert render(notice(), KEY, source="node-1") == {
        "routing_key": KEY.reveal(),
        "event_action": "trigger",
        "dedup_key": "5f" * 32,
        "payload": {
            "summary": ANNOTATIONS["summary"],
            "source": "node-1",
            "severity": "critical",
            "timestamp": FIRED_AT_TEXT,
            "component": "fraud",
            "group": "fraud-latency",
            "class": "latency",
            "custom_details": {"labels": LABELS, "annotations": ANNOTATIONS},
        },
        "client": "slokeeper",
        "links": [{"href": "https://runbooks.example.org/latency", "text": "runbook"}],
    }


def test_resolve_holds_what_identifies_the_alert_and_nothing_else() -> None:
    assert render(notice(status="resolved"), KEY) == {
        "routing_key": KEY.reveal(),
        "event_action": "resolve",
        "dedup_key": "5f" * 32,
    }


def test_host_of_the_alert_is_its_source() -> None:
    assert render(notice(labels={"instance": "10.0.0.7:8000"}), KEY)["payload"]["source"] == "10.0.0.7:8000"


def test_alert_without_labels_and_annotations_has_what_is_required() -> None:
    event = render(notice(labels={}, annotations={}), KEY)
    assert event["payload"].keys() == {"summary", "source", "severity", "timestamp", "custom_details"}
    assert event["payload"]["summary"] == "5f" * 32
    assert event["links"] == []


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("page", "critical"),
        ("ticket", "warning"),
        ("info", "info"),
        ("error", "error"),
        ("", "error"),
        ("P1", "error"),
    ],
)
def test_severity_is_one_of_theirs(label: str, word: str) -> None:
    assert severity(label) == word


def test_key_that_is_too_long_stays_one_of_its_own() -> None:
    """Two long keys that differ at the end only must not become one."""
    one, other = dedup_key("x" * 255 + "1"), dedup_key("x" * 255 + "2")
    assert one != other
    assert max(len(one), len(other)) <= 255
    assert dedup_key("x" * 255) == "x" * 255


def decoded(body: bytes) -> dict[str, Any]:
    assert len(body) <= MAX_BYTES
    return msgspec.json.decode(body, type=dict[str, Any])


def test_details_that_are_too_large_give_way_to_a_note() -> None:
    huge = {"description": "x" * 513_000, "runbook_url": "https://a"}
    event = decoded(encode_event(render(notice(annotations=huge), KEY)))
    assert event["payload"]["custom_details"] == {"note": TOO_LARGE}
    assert event["payload"]["summary"] == "fraud-latency fraud"
    assert event["links"] == [{"href": "https://a", "text": "runbook"}]


def test_links_go_after_the_details_and_before_the_summary() -> None:
    links = {f"link_{number}": "https://a/" + "x" * 30_000 for number in range(18)}
    event = decoded(encode_event(render(notice(annotations={"summary": "kept", **links}), KEY)))
    assert event["links"] == []
    assert event["payload"]["summary"] == "kept"


@pytest.mark.parametrize(
    ("max_bytes", "is_shrunk"), [pytest.param(0, False, id="exactly"), pytest.param(-1, True, id="one-over")]
)
def test_limit_is_in_bytes_of_the_encoded_event(max_bytes: int, is_shrunk: bool) -> None:
    event = render(notice(annotations={"description": "ü😀" * 100}), KEY)
    body = encode_event(event, len(msgspec.json.encode(event)) + max_bytes)
    assert (TOO_LARGE.encode() in body) is is_shrunk


def test_summary_is_cut_last() -> None:
    event = render(notice(annotations={"summary": "😀" * 1024}), KEY)
    body = encode_event(event, 2_000)
    assert len(body) <= 2_000
    assert msgspec.json.decode(body)["payload"]["summary"] == "😀" * 99 + "…"


def test_huge_labels_are_cut_in_their_fields() -> None:
    huge = dict.fromkeys(("model", "slo", "sli", "instance"), "x" * 1_000_000)
    payload = decoded(encode_event(render(notice(labels=huge), KEY)))["payload"]
    assert all(payload[name] == "x" * 254 + "…" for name in ("component", "group", "class", "source"))


@given(
    labels=st.dictionaries(st.text(), st.text(max_size=2_000), max_size=30),
    annotations=st.dictionaries(st.text(), st.text(max_size=2_000), max_size=30),
)
@settings(max_examples=50)
def test_any_alert_keeps_the_limits(labels: dict[str, str], annotations: dict[str, str]) -> None:
    event = decoded(encode_event(render(notice(labels=labels, annotations=annotations), KEY)))
    payload = event["payload"]
    assert all(1 <= len(payload[name]) <= limit for name, limit in LIMITS.items() if name in payload)
    assert payload["severity"] in {"critical", "error", "warning", "info"}


@pytest.mark.realtime("real sockets on the loopback")
@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        pytest.param(202, b'{"status":"success"}', Delivered(), id="taken"),
        pytest.param(
            400,
            b'{"status":"invalid event","errors":["bad key ' + KEY.reveal().encode() + b'"]}',
            GivenUp("""answered 400: '{"status":"invalid event","errors":["bad key ***"]}'"""),
            id="invalid",
        ),
    ],
)
async def test_event_is_sent_and_the_answer_judged(status: int, body: bytes, outcome: Outcome) -> None:
    async with ScriptedServer(answer(status, body)).running() as server, create_client() as client:
        pagerduty = PagerDuty(KEY, Secret(server.url("/v2/enqueue")), timeout=5.0, source="node-1")
        assert await pagerduty.send(notice(), client) == outcome
        assert [request.json for request in server.received] == [render(notice(), KEY, "node-1")]
