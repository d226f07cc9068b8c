"""How many predictions one call is."""

import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, SupportsIndex

if TYPE_CHECKING:
    from actors.recording.predict.complaints import Complaints

UNKNOWN_SIZE: Final = "size of a batch unknown, it counts as one prediction"


def size_of(n: SupportsIndex) -> int:
    """A number of predictions, from whatever kind of whole number.

    Raises:
        TypeError: It is no whole number.
        ValueError: It is less than 0.
    """
    size = operator.index(n)
    if size < 0:
        raise ValueError(f"a batch must hold 0 or more, got {size!r}")
    return size


class Batch:
    """How many predictions a call of an observed function is.

    Whatever goes wrong in finding out is logged once, and the call counts as one.

    Args:
        of_call: A number, or a function of the call's arguments.
        of_result: A function of what it returned; None to go by the call.
        complaints: Where mistakes are told.

    Attributes:
        is_one: Whether every call is one prediction.
    """

    __slots__ = ("_complaints", "_of_call", "_of_result", "is_one")

    def __init__(
        self,
        of_call: int | Callable[..., SupportsIndex],
        of_result: Callable[..., SupportsIndex] | None,
        complaints: "Complaints",
    ) -> None:
        self._of_call = of_call if callable(of_call) else size_of(of_call)
        self._of_result, self._complaints = of_result, complaints
        self.is_one = self._of_call == 1 and of_result is None

    def of_call(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> int:
        """How many a call with these arguments is; asked before it, for it may use them up."""
        if isinstance(self._of_call, int):
            return self._of_call
        try:
            return size_of(self._of_call(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  the prediction must go on
            return self._one(error)

    def of_result(self, result: object, n: int) -> int:
        """How many a call that returned this was, if the result decides; else what the call said."""
        if self._of_result is None:
            return n
        try:
            return size_of(self._of_result(result))
        except Exception as error:  # noqa: BLE001  the prediction must go on
            return self._one(error)

    def refuse_result(self, function: Callable[..., object]) -> None:
        """Check that the result does not decide, for a function that gives none.

        Raises:
            TypeError: It does.
        """
        if self._of_result is not None:
            raise TypeError(
                f"batch_of_result needs a result, and {function!r} generates items; use batch, or span.n"
            )

    def _one(self, error: Exception) -> int:
        # The type alone: the message of a stranger's error may hold its input.
        self._complaints.say(UNKNOWN_SIZE, error=type(error).__name__)
        return 1
