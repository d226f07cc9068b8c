"""What an HTTP status says of the prediction behind it."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from actors.recording.outcome import Outcome

CLIENT_CLOSED: Final = 499
"""nginx's own status: the client had gone before there was an answer."""


def outcome_of_status(status: int) -> "Outcome":
    """The outcome of a prediction that was answered with a status.

    A 4xx blames the request, so it is no failure of the model: who sends rubbish all day must not spend
    the error budget. Everything else that is no success is a failure, and so are numbers outside of HTTP.

    Args:
        status: As sent; of an informational one (1xx) the final status follows, and that one counts.

    Returns:
        `ok` up to 399, `invalid` for 4xx but 499, `cancelled` for 499, `error` for the rest.

    Source:
        RFC 9110, section 15: with 4xx "the client seems to have erred", with 5xx "the server is aware that
        it has erred".
    """
    if 100 <= status < 400:
        return "ok"
    if status == CLIENT_CLOSED:
        return "cancelled"
    return "invalid" if 400 <= status < 500 else "error"
