"""How a request ended, from what was seen of its response."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.recording.requests.statuses import outcome_of_status
from actors.recording.wsgi.ending import Seen, outcome_of, status_number

if TYPE_CHECKING:
    from actors.recording.outcome import Outcome

UNFIT = ValueError("unfit")
OUTCOMES = {status: outcome_of_status(status) for status in range(100, 600)}


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        pytest.param(Seen(200, is_whole=True), "ok", id="sent-whole"),
        pytest.param(Seen(302, is_whole=True), "ok", id="redirect"),
        pytest.param(Seen(422, is_whole=True), "invalid", id="input-refused"),
        pytest.param(Seen(503, is_whole=True), "error", id="server-error"),
        pytest.param(Seen(499, is_whole=True), "cancelled", id="client-closed-request"),
        pytest.param(Seen(200), "cancelled", id="closed-early"),
        pytest.param(Seen(500), "cancelled", id="error-page-closed-early"),
        pytest.param(Seen(), "cancelled", id="never-begun"),
        pytest.param(Seen(is_whole=True), "error", id="never-answered"),
        pytest.param(Seen(200, raised=UNFIT), "error", id="raised-in-the-middle"),
        pytest.param(Seen(None, raised=UNFIT), "error", id="raised-at-call"),
        pytest.param(Seen(400, raised=UNFIT), "error", id="raised-after-a-4xx"),
        pytest.param(Seen(200, raised=GeneratorExit()), "cancelled", id="left-by-a-cancellation"),
        pytest.param(Seen(500, has_answered_error=True, is_whole=True), "error", id="exc-info-with-500"),
        pytest.param(Seen(200, has_answered_error=True, is_whole=True), "error", id="exc-info-with-200"),
        pytest.param(Seen(400, has_answered_error=True, is_whole=True), "invalid", id="exc-info-with-400"),
        pytest.param(Seen(200, is_client_gone=True), "cancelled", id="write-failed"),
        pytest.param(Seen(200, is_whole=True, is_client_gone=True), "cancelled", id="last-write-failed"),
        pytest.param(Seen(200, raised=UNFIT, is_client_gone=True), "cancelled", id="stumbled-over-it"),
    ],
)
def test_ending_is_judged_by_what_was_seen(seen: Seen, outcome: "Outcome") -> None:
    assert outcome_of(seen, OUTCOMES) == outcome


@pytest.mark.parametrize(
    ("line", "number"),
    [("200 OK", 200), ("200", 200), ("404 Not Found", 404), ("", 0), ("OK", 0), ("2", 2), ("²00 OK", 0)],
)
def test_status_line_that_has_no_number_is_no_success(line: str, number: int) -> None:
    assert status_number(line) == number


@given(
    seen=st.builds(
        Seen,
        status=st.none() | st.integers(0, 999),
        has_answered_error=st.booleans(),
        raised=st.none() | st.just(UNFIT),
        is_whole=st.booleans(),
        is_client_gone=st.booleans(),
    )
)
def test_only_a_whole_response_that_blames_nobody_is_a_success(seen: Seen) -> None:
    outcome = outcome_of(seen, OUTCOMES)
    is_clean = seen.is_whole and not seen.is_client_gone and not seen.has_answered_error and not seen.raised
    assert (outcome == "ok") is (is_clean and seen.status is not None and 100 <= seen.status < 400)
    if seen.is_client_gone:
        assert outcome == "cancelled"
    elif seen.raised:
        assert outcome == "error"
