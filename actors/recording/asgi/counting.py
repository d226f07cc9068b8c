"""Where an answer's prediction is counted."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from supervisor.clock import Seconds


def count(model: "Model", outcome: "Outcome", seconds: "Seconds", first: "Seconds | None") -> None:
    """Count one prediction: which list its duration is appended to tells how it ended.

    Args:
        model: Whose.
        outcome: How it ended.
        seconds: From the request to the end.
        first: Seconds to the first item of a stream that went well to its end; None if it was none.
    """
    buffers = model.buffers
    match outcome:
        case "ok":
            buffers.ok.append(seconds)
        case "error":
            buffers.errors.append(seconds)
        case "cancelled":
            buffers.cancelled.append(seconds)
        case "invalid":
            buffers.invalid.append(seconds)
    if first is not None and outcome == "ok":
        buffers.first_item.append(first)
