from typing import Any

import pytest

from actors.demo.slack_rules import problems_of


def plain(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, **more}


def mrkdwn(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, **more}


def message(*blocks: Any, text: Any = "FIRING: digits-latency") -> dict[str, Any]:
    return {"text": text, "blocks": list(blocks)}


HEADER = {"type": "header", "text": plain("FIRING", emoji=True)}
SECTION = {"type": "section", "text": mrkdwn("p99 is late", verbatim=True), "fields": [mrkdwn("*slo*\nx")]}
CONTEXT = {"type": "context", "elements": [mrkdwn("fired <!date^1700000000^{time_secs}|then>")]}


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"text": "only text"}, id="text-alone"),
        pytest.param(message(HEADER, SECTION, {"type": "divider"}, CONTEXT), id="all-blocks"),
        pytest.param(message({"type": "section", "fields": [plain("x" * 2000)] * 10}), id="most-fields"),
        pytest.param(message({"type": "header", "text": plain("x" * 150)}), id="longest-header"),
        pytest.param(message(*[{"type": "divider"}] * 50), id="most-blocks"),
        pytest.param(message(text="a &lt; b &amp;&amp; <https://example.com|link>"), id="escaped"),
        pytest.param(
            message({"type": "header", "text": plain("a < b & c")}), id="plain-text-needs-no-escape"
        ),
    ],
)
def test_a_message_that_keeps_the_rules_has_no_problem(sent: dict[str, Any]) -> None:
    assert problems_of(sent) == []


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        pytest.param("text", "message must be an object", id="no-object"),
        pytest.param(message(HEADER, text=""), "text must be a string of 1 to 40000", id="empty-text"),
        pytest.param({"blocks": [HEADER]}, "text must be a string of 1 to 40000", id="no-text"),
        pytest.param({"text": "x", "channel_": "#a"}, "channel_ is not a field", id="unknown-field"),
        pytest.param(message(text="a < b"), "text has an '&', '<' or '>'", id="less-than-not-escaped"),
        pytest.param(message(text="AT&T"), "text has an '&', '<' or '>'", id="ampersand-not-escaped"),
        pytest.param(message(text="<!channel> wake up"), "text pings a whole channel", id="pings-all"),
        pytest.param(
            message(*[{"type": "divider"}] * 51), "blocks must be a list of at most 50", id="51-blocks"
        ),
        pytest.param(message("header"), "blocks[0] must be an object", id="block-is-text"),
        pytest.param(message({"type": "heading"}), "blocks[0].type must be one of", id="unknown-block"),
        pytest.param(
            message({"type": "header", "text": plain("x" * 151)}),
            "blocks[0].text.text must be a string of 1 to 150",
            id="long-header",
        ),
        pytest.param(
            message({"type": "header", "text": mrkdwn("x")}),
            "blocks[0].text.type must be plain_text",
            id="header-in-markup",
        ),
        pytest.param(message({"type": "section"}), "blocks[0] must have text or fields", id="empty-section"),
        pytest.param(
            message({"type": "section", "fields": [plain("x")] * 11}),
            "blocks[0].fields must be a list of 1 to 10",
            id="11-fields",
        ),
        pytest.param(
            message({"type": "section", "fields": [plain("x" * 2001)]}),
            "blocks[0].fields[0].text must be a string of 1 to 2000",
            id="long-field",
        ),
        pytest.param(
            message({"type": "section", "text": mrkdwn("x" * 3001)}),
            "blocks[0].text.text must be a string of 1 to 3000",
            id="long-section",
        ),
        pytest.param(
            message({"type": "section", "text": mrkdwn("x", emoji=True)}),
            "blocks[0].text.emoji is not a field of a mrkdwn text",
            id="emoji-in-markup",
        ),
        pytest.param(
            message({"type": "section", "text": plain("x", verbatim=True)}),
            "blocks[0].text.verbatim is not a field of a plain_text text",
            id="verbatim-in-plain-text",
        ),
        pytest.param(
            message({"type": "context", "elements": [plain("x")] * 11}),
            "blocks[0].elements must be a list of 1 to 10",
            id="11-elements",
        ),
        pytest.param(
            message({"type": "context", "elements": [{"type": "image", "image_url": "https://x/y.png"}]}),
            "blocks[0].elements[0].alt_text must be a string",
            id="image-without-words",
        ),
        pytest.param(
            message({"type": "divider", "block_id": "x" * 256}),
            "blocks[0].block_id must be a string of at most 255",
            id="long-block-id",
        ),
        pytest.param(
            message({"type": "divider", "text": "x"}), "blocks[0].text is not a field", id="divider-text"
        ),
        pytest.param(
            message({"type": "section", "text": "x"}),
            "blocks[0].text must be a text object",
            id="text-is-bare",
        ),
    ],
)
def test_each_broken_rule_is_one_problem_that_names_it(sent: object, problem: str) -> None:
    found = problems_of(sent)
    assert len(found) == 1
    assert found[0].startswith(problem)
