"""What an answer to a push means."""

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from actors.posting import Answer, NoAnswer
from actors.recording.otlp.verdict import Later, Refused, Taken, judge

NOW = 784_111_777.0


def partial(rejected: int, message: str) -> bytes:
    response = ExportMetricsServiceResponse()
    response.partial_success.rejected_data_points = rejected
    response.partial_success.error_message = message
    body: bytes = response.SerializeToString()
    return body


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *[pytest.param(status, Taken, id=f"{status}-taken") for status in (200, 202, 204)],
        *[pytest.param(status, Later, id=f"{status}-later") for status in (429, 502, 503, 504)],
        *[
            pytest.param(status, Refused, id=f"{status}-refused")
            for status in (301, 307, 400, 401, 403, 404, 408, 413, 415, 422, 500, 501, 505)
        ],
    ],
)
def test_status_decides_as_the_specification_says(status: int, kind: type) -> None:
    assert type(judge(Answer(status), NOW)) is kind


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        pytest.param(Answer(503, "7"), 7.0, id="seconds"),
        pytest.param(Answer(429, "Sun, 06 Nov 1994 08:49:44 GMT"), 7.0, id="date"),
        pytest.param(Answer(503), None, id="none"),
        pytest.param(Answer(503, "soon"), None, id="nonsense"),
    ],
)
def test_pause_that_is_asked_for_is_passed_on(answer: Answer, after: float | None) -> None:
    outcome = judge(answer, NOW)
    assert isinstance(outcome, Later)
    assert outcome.after == after


def test_points_that_were_thrown_away_are_told() -> None:
    assert judge(Answer(200, body=partial(3, "too old")), NOW) == Taken(3, "too old")


def test_warning_without_a_loss_is_told() -> None:
    assert judge(Answer(200, body=partial(0, "deprecated")), NOW) == Taken(0, "deprecated")


def test_what_was_said_is_one_line_of_a_bounded_length() -> None:
    assert judge(Answer(200, body=partial(1, "a\n\x1b[31m" + "x" * 999)), NOW) == Taken(
        1, ("a  [31m" + "x" * 999)[:200]
    )


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(200, body=b"\xff\xff"), id="no-protobuf"),
        pytest.param(Answer(200, body=b"OK"), id="text"),
        pytest.param(Answer(200, body=partial(3, "too old")[:4], is_whole=False), id="broken-off"),
    ],
)
def test_body_that_cannot_be_read_takes_nothing_back(answer: Answer) -> None:
    assert judge(answer, NOW) == Taken()


def test_no_answer_is_asked_again_unless_it_cannot_help() -> None:
    assert judge(NoAnswer("no connection"), NOW) == Later(None, "no connection")
    assert judge(NoAnswer("no address", may_pass=False), NOW) == Refused("no address")
