"""What is known of a prediction that is more than a success in one piece."""

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.recording.outcome import Outcome
    from actors.recording.predict import Model
    from actors.recording.requests.targets import Target
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds


class Account:
    """One prediction of which anything may be told; made where the quick way of counting does not do.

    Args:
        target: Where it is counted.
        outcomes: What each HTTP status means; one that is missing is an error.

    Attributes:
        first: Seconds to the first part of a streamed body; None if there was none.
        is_gone: Whether the client has left, and the prediction is cancelled whatever else it is.
        status: As sent; 0 before the end.
        counted: How, the seconds until then, and with which model; None before, or if that failed.
    """

    __slots__ = ("_outcomes", "_target", "counted", "first", "is_gone", "status")

    def __init__(self, target: "Target", outcomes: "Mapping[int, Outcome]") -> None:
        self._target, self._outcomes = target, outcomes
        self.first: Seconds | None = None
        self.is_gone = False
        self.status = 0
        self.counted: tuple[Outcome, Seconds, Model] | None = None

    @property
    def key(self) -> "SeriesKey":
        """The series, as far as it is known at the start."""
        return self._target.key

    def account(self) -> Self:
        """Itself."""
        return self

    def answered(self, status: int, seconds: "Seconds") -> None:
        """Count one whose answer is whole."""
        self.ended(self._outcomes.get(status, "error"), status, seconds)

    def ended(self, outcome: "Outcome", status: int, seconds: "Seconds") -> None:
        """Count one that has ended so."""
        self.status = status
        if self.is_gone:
            outcome = "cancelled"
        self.counted = outcome, seconds, self._target.ended(outcome, seconds, self.first)
