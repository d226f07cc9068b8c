"""Labels that are known at the call only, and the limit to the series that come of them."""

import threading
from typing import TYPE_CHECKING, Final

from actors.recording.series import SeriesKey, is_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from actors.recording.predict.complaints import Complaints
    from actors.recording.predict.declaration import Declaration
    from actors.recording.predict.model import Model

OVERFLOW: Final = "__overflow__"
"""The value of every label of the series that is shared by what has none of its own."""

Given = tuple[tuple[str, str], ...]
"""Labels as they were given at a call, in that order."""


class PerCall:
    """The series of one model that are told apart at the call.

    A label that is left out or empty is a label that is not there. What cannot have a series of its own,
    since a name is not declared, a value is no text or the limit is reached, is counted in the overflow
    series: a prediction must neither fail for its labels nor be lost. Each reason is logged once.

    Args:
        model: Where labels that are all left out lead.
        declaration: The names, and how many series there may be.
        make: Gives the model of a series, the same one for the same series.
        complaints: Where mistakes are told.

    Attributes:
        known: The model for labels that have been given before; an entry for each order of names.
    """

    __slots__ = ("_complaints", "_declaration", "_lock", "_make", "_model", "_overflow", "_series", "known")

    def __init__(
        self,
        model: "Model",
        declaration: "Declaration",
        make: "Callable[[SeriesKey], Model]",
        complaints: "Complaints",
    ) -> None:
        self.known: dict[Given, Model] = {(): model}
        self._model, self._declaration, self._make, self._complaints = model, declaration, make, complaints
        self._series: dict[Given, Model] = {(): model}
        self._overflow: Model | None = None
        self._lock = threading.Lock()

    def find(self, values: "Mapping[str, str]") -> "Model":
        """The model for labels that have not been given before, in this order."""
        if not self._is_right(values):
            return self._overflowing()
        labels = tuple(sorted((name, value) for name, value in values.items() if value))
        found = self._series.get(labels) or self._new(labels)
        if found is None:
            self._complaints.say(
                "too many series, further ones are counted in one", most=self._declaration.max_series
            )
            return self._overflowing()
        self.known[tuple(values.items())] = found
        return found

    def _new(self, labels: Given) -> "Model | None":
        if self._is_full:  # asked before the lock: beyond the limit every call comes here
            return None
        # Only what is new waits here, for as long as a series takes to be made.
        with self._lock:
            found = self._series.get(labels)
            if found is None and not self._is_full:
                found = self._series[labels] = self._make(self._key(labels))
            return found

    @property
    def _is_full(self) -> bool:
        return len(self._series) > self._declaration.max_series

    def forget(self, idle: "Collection[SeriesKey]") -> None:
        """Forget the models of these series, so that there is room for others."""
        if len(self._series) == 1:
            return
        with self._lock:
            self._series = {
                labels: model for labels, model in self._series.items() if not labels or model.key not in idle
            }
            for labels, model in tuple(self.known.items()):
                if labels and model.key in idle:
                    del self.known[labels]

    def forked(self) -> None:
        """Go on in a process that was forked off: whoever held the lock does not run there."""
        self._lock = threading.Lock()

    def _is_right(self, values: "Mapping[str, object]") -> bool:
        declared = self._declaration.per_call
        undeclared = sorted(values.keys() - set(declared))
        if undeclared:
            self._complaints.say(
                "label not declared in per_call, its predictions are counted as overflow",
                undeclared=undeclared,
                declared=declared,
            )
            return False
        wrong = {name: type(value).__name__ for name, value in values.items() if not is_text(value)}
        if wrong:
            # The type alone: a value may be somebody's input.
            self._complaints.say("label is no text, its predictions are counted as overflow", types=wrong)
        return not wrong

    def _overflowing(self) -> "Model":
        if self._overflow is None:
            labels = tuple((name, OVERFLOW) for name in self._declaration.per_call)
            self._overflow = self._make(self._key(labels)) if labels else self._model
        return self._overflow

    def _key(self, labels: Given) -> SeriesKey:
        key = self._model.key
        return SeriesKey(key.model, key.version, tuple(sorted((*key.labels, *labels))))
