from typing import Any

import pytest

from actors.demo.pagerduty_rules import problems_of


def trigger(**changes: Any) -> dict[str, Any]:
    """An event that breaks no rule, but for the changes; a change to `...` leaves the field out."""
    payload = {
        "summary": "digits-latency burns its budget 14 times too fast",
        "source": "node-1",
        "severity": "critical",
        "timestamp": "2026-11-24T10:00:00.000Z",
        "component": "digits",
        "custom_details": {"version": "v2"},
    }
    event = {
        "routing_key": "k" * 32,
        "event_action": "trigger",
        "dedup_key": "abc",
        "payload": payload,
        "links": [{"href": "https://example.com/runbook", "text": "runbook"}],
        "client": "slokeeper",
    }
    for path, value in changes.items():
        place, name = (
            (payload, path.removeprefix("payload_")) if path.startswith("payload_") else (event, path)
        )
        place[name] = value
        if value is ...:
            del place[name]
    return event


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(trigger(), id="trigger"),
        pytest.param(trigger(dedup_key=...), id="trigger-may-leave-the-key-to-pagerduty"),
        pytest.param(trigger(payload_summary="x" * 1024, dedup_key="x" * 255), id="longest"),
        pytest.param(
            trigger(payload_timestamp="2015-07-17T08:42:58.315+0000"), id="the-documents-own-timestamp"
        ),
        pytest.param(
            {"routing_key": "k" * 32, "event_action": "resolve", "dedup_key": "abc"},
            id="resolve-needs-no-payload",
        ),
    ],
)
def test_an_event_that_keeps_the_rules_has_no_problem(event: dict[str, Any]) -> None:
    assert problems_of(event) == []


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        pytest.param([], "event must be an object", id="no-object"),
        pytest.param(trigger(routing_key=...), "routing_key must be a string of 32", id="no-routing-key"),
        pytest.param(
            trigger(routing_key="k" * 31), "routing_key must be a string of 32", id="short-routing-key"
        ),
        pytest.param(trigger(event_action="fire"), "event_action must be one of", id="unknown-action"),
        pytest.param(
            trigger(dedup_key="x" * 256), "dedup_key must be a string of 1 to 255", id="long-dedup-key"
        ),
        pytest.param(trigger(dedup_key=""), "dedup_key must be a string of 1 to 255", id="empty-dedup-key"),
        pytest.param(
            trigger(event_action="resolve", dedup_key=...),
            "dedup_key is required on resolve",
            id="resolve-of-what",
        ),
        pytest.param(trigger(payload=...), "payload must be an object", id="no-payload"),
        pytest.param(trigger(payload_summary=...), "payload.summary must be", id="no-summary"),
        pytest.param(trigger(payload_summary="x" * 1025), "payload.summary must be", id="long-summary"),
        pytest.param(trigger(payload_source=...), "payload.source must be", id="no-source"),
        pytest.param(
            trigger(payload_severity="page"), "payload.severity must be one of", id="unknown-severity"
        ),
        pytest.param(trigger(payload_timestamp="yesterday"), "payload.timestamp must be", id="no-time"),
        pytest.param(
            trigger(payload_timestamp="2026-11-24T10:00:00"), "payload.timestamp must be", id="no-zone"
        ),
        pytest.param(trigger(payload_group=3), "payload.group must be a string", id="group-is-a-number"),
        pytest.param(
            trigger(payload_custom_details="x"), "payload.custom_details must be", id="details-are-text"
        ),
        pytest.param(trigger(payload_colour="red"), "payload.colour is not a field", id="unknown-in-payload"),
        pytest.param(trigger(colour="red"), "colour is not a field", id="unknown"),
        pytest.param(trigger(links=[{"text": "runbook"}]), "links[0].href must be", id="link-to-nowhere"),
        pytest.param(
            trigger(images=[{"src": "http://x/y.png"}]), "images[0].src must be", id="image-without-tls"
        ),
    ],
)
def test_each_broken_rule_is_one_problem_that_names_it(event: object, problem: str) -> None:
    found = problems_of(event)
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_no_problem_repeats_the_routing_key() -> None:
    assert "secret" not in str(problems_of(trigger(routing_key="secret", event_action="fire")))
