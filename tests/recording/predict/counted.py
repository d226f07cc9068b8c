"""What was counted of a model's predictions."""

from typing import TYPE_CHECKING, Final

from actors.recording import SeriesKey
from actors.recording.counts import Taken

if TYPE_CHECKING:
    from actors.recording import Model

KEY: Final = SeriesKey("fraud", "2.1.0")


class Unfit(Exception):  # noqa: N818  a name for what went wrong in a model
    """The model's own error."""


class Refused(ValueError):  # noqa: N818  a name for what is wrong with an input
    """What the model says to an input that it does not take."""


def taken(model: "Model") -> Taken:
    """Everything that waits for the recorder; takes it."""
    return model.buffers.take(1_000_000) or Taken()


def outcomes(model: "Model") -> tuple[int, int, int, int]:
    """How many succeeded, failed, were cancelled and were refused; takes them."""
    found = taken(model)
    kinds = (found.ok, found.errors, found.cancelled, found.invalid)
    assert all(seconds >= 0 for kind in kinds for seconds in kind)
    ok, errors, cancelled, invalid = map(len, kinds)
    return ok, errors, cancelled, invalid
