"""What an HTTP status says of a prediction."""

from typing import TYPE_CHECKING

import pytest

from actors.recording.requests.statuses import outcome_of_status

if TYPE_CHECKING:
    from actors.recording.outcome import Outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        pytest.param(100, "ok", id="continue"),
        pytest.param(200, "ok", id="ok"),
        pytest.param(204, "ok", id="no-content"),
        pytest.param(304, "ok", id="not-modified"),
        pytest.param(399, "ok", id="last-redirect"),
        pytest.param(400, "invalid", id="bad-request"),
        pytest.param(404, "invalid", id="not-found"),
        pytest.param(422, "invalid", id="unprocessable"),
        pytest.param(429, "invalid", id="too-many"),
        pytest.param(498, "invalid", id="before-client-closed"),
        pytest.param(499, "cancelled", id="client-closed"),
        pytest.param(500, "error", id="internal"),
        pytest.param(503, "error", id="unavailable"),
        pytest.param(599, "error", id="last-server-error"),
        pytest.param(600, "error", id="not-http"),
        pytest.param(99, "error", id="not-http-below"),
        pytest.param(0, "error", id="none"),
    ],
)
def test_status_says_whose_fault_it_was(status: int, outcome: "Outcome") -> None:
    assert outcome_of_status(status) == outcome
