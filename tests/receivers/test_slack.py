"""What Slack is sent, and what its answers mean."""

import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.config import Secret
from actors.posting import Answer, NoAnswer, create_client
from actors.receivers.outcome import Delivered, GivenUp, Outcome, RetryLater
from actors.receivers.slack import Slack, escape, judge_slack, render
from tests.receivers.notices import ANNOTATIONS, FIRED_AT_TEXT, LABELS, notice
from tests.receivers.servers import ScriptedServer, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.receivers.servers import Step


def shown(**changes: object) -> dict[str, Any]:
    return msgspec.convert(render(notice(**changes)), dict[str, Any])


texts = st.dictionaries(st.text(), st.text(), max_size=30)


def test_firing_message() -> None:
    fired = f"<!date^1763971200^{{date_short_pretty}} {{time_secs}}|{FIRED_AT_TEXT}>"
    assert render(notice()) == {
        "text": f"FIRING: {ANNOTATIONS['summary']}",
        "blocks": [
            {
                "type": "header",
                "text": {
                    "type": "plain_text",
                    "text": f":red_circle: FIRING: {ANNOTATIONS['summary']}",
                    "emoji": True,
                },
            },
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": ANNOTATIONS["description"], "verbatim": True},
                "fields": [
                    {"type": "mrkdwn", "text": f"*{name}*\n{value}", "verbatim": True}
                    for name, value in LABELS.items()
                ],
            },
            {
                "type": "context",
                "elements": [
                    {"type": "mrkdwn", "text": f"fired {fired}", "verbatim": True},
                    {
                        "type": "mrkdwn",
                        "text": "<https://runbooks.example.org/latency|runbook>",
                        "verbatim": True,
                    },
                ],
            },
        ],
    }


def test_resolved_message_looks_different_and_says_when() -> None:
    message = shown(status="resolved")
    header, _, context = message["blocks"]
    assert header["text"]["text"].startswith(":large_green_circle: RESOLVED: ")
    assert context["elements"][1]["text"].startswith("resolved <!date^1763971800^")


def all_texts(block: object) -> "Iterator[dict[str, Any]]":
    if isinstance(block, dict):
        if isinstance(block.get("text"), str):
            yield block
        for part in block.values():
            yield from all_texts(part)
    elif isinstance(block, list):
        for part in block:
            yield from all_texts(part)


def mentions(text: str) -> list[str]:
    """What Slack would take for a mention, a date or a link."""
    return re.findall(r"<([^>|]*)", text)


@pytest.mark.parametrize(
    "ping", ["<!channel>", "<!here|here>", "<@U012AB3CD>", "<https://evil|bank>", "&lt;!channel&gt;"]
)
def test_nothing_in_an_alert_can_ping_or_link(ping: str) -> None:
    ours = {"summary": ping, "description": ping, "runbook_url": f"https://a/{ping}"}
    message = shown(labels={ping: ping}, annotations=ours)
    assert mentions(message["text"]) == []
    for text in all_texts(message["blocks"]):
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            assert all(found.startswith(("!date^1763971", "https://a/")) for found in mentions(text["text"]))


def test_ampersand_is_escaped_once() -> None:
    assert escape("a & b < c > d &amp;", 100) == "a &amp; b &lt; c &gt; d &amp;amp;"


@given(text=st.text(), limit=st.integers(1, 40))
def test_escaped_text_fits_and_no_entity_is_cut(text: str, limit: int) -> None:
    escaped = escape(text, limit)
    assert len(escaped) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", escaped)


def check_limits(message: dict[str, Any]) -> None:
    """Block Kit's limits, and the unwritten one on all text together."""
    header, section, context = message["blocks"]
    assert 1 <= len(message["text"]) <= 3_000
    assert 1 <= len(header["text"]["text"]) <= 150
    assert "text" in section or section["fields"]
    assert 1 <= len(section.get("text", {"text": "x"})["text"]) <= 3_000
    assert len(section.get("fields", ())) <= 10
    assert all(1 <= len(field["text"]) <= 2_000 for field in section.get("fields", ()))
    assert 1 <= len(context["elements"]) <= 10
    assert sum(len(text["text"]) for text in all_texts(message["blocks"])) <= 12_000


@given(labels=texts, annotations=texts, status=st.sampled_from(["firing", "resolved"]))
@settings(max_examples=50)
def test_any_alert_keeps_the_limits(labels: dict[str, str], annotations: dict[str, str], status: str) -> None:
    check_limits(shown(labels=labels, annotations=annotations, status=status))


@pytest.mark.parametrize("char", ["x", "&", "😀"])
def test_huge_alert_keeps_the_limits(char: str) -> None:
    huge = char * 100_000
    labels = {f"{number}{huge}": huge for number in range(50)}
    links = {f"link_{number}": f"https://a/{number}/" + "x" * 350 for number in range(50)}
    message = shown(labels=labels, annotations={"summary": huge, "description": huge, **links})
    check_limits(message)
    assert "and 40 more labels" in [text["text"] for text in all_texts(message["blocks"])]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        pytest.param(Answer(200, body=b"ok"), Delivered(), id="ok"),
        pytest.param(Answer(200, body=b"ok\n"), Delivered(), id="ok-with-line-end"),
        pytest.param(Answer(200, body=b'{"ok": true}'), Delivered(), id="ok-as-json"),
        pytest.param(Answer(200, body=b'{"success": true}'), Delivered(), id="as-rocket-chat-says-it"),
        pytest.param(
            Answer(200, body=b'{"ok":false,"error":"invalid_auth"}'),
            GivenUp("""answered 200: '{"ok":false,"error":"invalid_auth"}'; 'ok' was expected"""),
            id="not-ok",
        ),
        pytest.param(
            Answer(200, body=b'{"ok":false,"error":"ratelimited"}'),
            RetryLater(None, """answered 200: '{"ok":false,"error":"ratelimited"}'"""),
            id="not-ok-for-now",
        ),
        pytest.param(
            Answer(200, body=b"<html>"), GivenUp("answered 200: '<html>'; 'ok' was expected"), id="a-page"
        ),
        pytest.param(Answer(200), GivenUp("answered 200; 'ok' was expected"), id="nothing"),
        pytest.param(
            Answer(200, body=b"o", is_whole=False),
            RetryLater(None, "answered 200, but the body broke off"),
            id="broken-off",
        ),
        pytest.param(
            Answer(429, "7", b"rate_limited"),
            RetryLater(7.0, "answered 429: 'rate_limited'"),
            id="rate-limited",
        ),
        pytest.param(
            Answer(500, None, b"rollup_error"),
            RetryLater(None, "answered 500: 'rollup_error'"),
            id="rollup-error",
        ),
        pytest.param(
            Answer(403, None, b"invalid_token"), GivenUp("answered 403: 'invalid_token'"), id="token"
        ),
        pytest.param(
            Answer(404, None, b"no_service"), GivenUp("answered 404: 'no_service'"), id="no-service"
        ),
        pytest.param(
            Answer(410, None, b"channel_is_archived"),
            GivenUp("answered 410: 'channel_is_archived'"),
            id="archived",
        ),
        pytest.param(NoAnswer("gone"), RetryLater(None, "gone"), id="no-answer"),
    ],
)
def test_answers_are_judged(reply: Answer | NoAnswer, outcome: Outcome) -> None:
    assert judge_slack(reply, now=0.0) == outcome


async def send(*script: "Step") -> tuple[Outcome, list[Any]]:
    async with ScriptedServer(*script).running() as server, create_client() as client:
        outcome = await Slack(Secret(server.url("/services/T/B/X")), timeout=5.0).send(notice(), client)
        return outcome, [request.json for request in server.received]


@pytest.mark.realtime("real sockets on the loopback")
async def test_message_is_posted_as_rendered() -> None:
    assert await send(answer(200, b"ok")) == (Delivered(), [render(notice())])


@pytest.mark.realtime("real sockets on the loopback")
async def test_blocks_that_slack_does_not_understand_are_sent_as_bare_text() -> None:
    outcome, bodies = await send(answer(400, b"invalid_blocks"), answer(200, b"ok"))
    assert outcome == Delivered()
    assert bodies == [render(notice()), {"text": f"FIRING: {ANNOTATIONS['summary']}"}]


@pytest.mark.realtime("real sockets on the loopback")
async def test_bare_text_that_is_not_understood_either_is_given_up() -> None:
    outcome, bodies = await send(answer(400, b"invalid_blocks"))
    assert (outcome, len(bodies)) == (GivenUp("answered 400: 'invalid_blocks'"), 2)
