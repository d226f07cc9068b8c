"""What an answer means for a notification."""

import pytest

from actors.posting import Answer, NoAnswer
from actors.receivers.outcome import Delivered, GivenUp, RetryLater
from actors.receivers.retry import judge

NOW = 784_111_777.0


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *[pytest.param(status, Delivered, id=f"{status}-delivered") for status in (200, 201, 202, 204, 299)],
        *[pytest.param(status, GivenUp, id=f"{status}-not-followed") for status in (300, 301, 302, 307, 308)],
        *[
            pytest.param(status, GivenUp, id=f"{status}-given-up")
            for status in (400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 499)
        ],
        *[pytest.param(status, RetryLater, id=f"{status}-again") for status in (408, 425, 429)],
        *[
            pytest.param(status, RetryLater, id=f"{status}-again")
            for status in (*range(500, 509), 510, 511, 599)
        ],
    ],
)
def test_status_decides(status: int, kind: type) -> None:
    assert type(judge(Answer(status), NOW)) is kind


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        pytest.param(Answer(429, "7"), 7.0, id="429-with-header"),
        pytest.param(Answer(429), 1.0, id="429-without-header"),
        pytest.param(Answer(429, "abc"), 1.0, id="429-with-nonsense"),
        pytest.param(Answer(429, "0"), 0.0, id="429-with-zero"),
        pytest.param(Answer(503, "7"), 7.0, id="503-with-header"),
        pytest.param(Answer(500), None, id="500-without-header"),
    ],
)
def test_what_the_server_asks_for_is_passed_on(answer: Answer, after: float | None) -> None:
    outcome = judge(answer, NOW)
    assert isinstance(outcome, RetryLater)
    assert outcome.after == after


def test_no_answer_comes_again_unless_it_cannot_help() -> None:
    assert judge(NoAnswer("no answer within 10 s"), NOW) == RetryLater(None, "no answer within 10 s")
    assert judge(NoAnswer("the address cannot be used", may_pass=False), NOW) == GivenUp(
        "the address cannot be used"
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(
            Answer(400, body=b"invalid_payload"), "answered 400: 'invalid_payload'", id="with-the-body"
        ),
        pytest.param(Answer(404), "answered 404", id="empty"),
        pytest.param(Answer(404, body=b"a\r\n\x1b[31m\xff"), "answered 404: 'a   [31m�'", id="control-codes"),
        pytest.param(Answer(404, body=b"x" * 9_999), f"answered 404: '{'x' * 200}'", id="long"),
        pytest.param(Answer(404, body=b"T00/hal", is_whole=False), "answered 404", id="broken-off"),
        pytest.param(Answer(302, body=b""), "answered 302; redirects are not followed", id="redirect"),
    ],
)
def test_giving_up_says_what_was_answered(answer: Answer, why: str) -> None:
    assert judge(answer, NOW) == GivenUp(why)
