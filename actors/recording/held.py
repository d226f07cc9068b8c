"""One model that was handed out, for as long as anything may come of it."""

from typing import TYPE_CHECKING, Final
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Collection

    from actors.recording.predict import Model
    from actors.recording.series import SeriesKey

IDLE_MINUTES: Final = 60
"""So long a model that counts nothing is kept for whoever asks for it again."""


class Held:
    """A model and its buffers.

    The buffers are held until they are empty and nobody is left who could append to them: whoever could holds
    the model. The model itself is let go when it has been idle; the program may go on with it all the same.

    Args:
        model: As handed out.

    Attributes:
        key: Whose predictions.
        buffers: Where they wait.
        is_overflow: Whether they are of series that got none of their own.
    """

    __slots__ = ("_idle_since", "_is_used", "_model", "_ref", "buffers", "is_overflow", "key")

    def __init__(self, model: "Model") -> None:
        self.key, self.buffers, self.is_overflow = model.key, model.buffers, model.is_overflow
        self._model: Model | None = model
        self._ref = ref(model)
        self._idle_since = 0
        self._is_used = True

    def use(self) -> "Model | None":
        """The model, which is not idle; None if it is gone."""
        self._is_used = True
        if self._model is None:
            self._model = self._ref()
        return self._model

    def let_go(self, minute: int) -> bool:
        """Let the model go if it has been idle for long, and tell whether that is so just now.

        Args:
            minute: The running one; must not go back.
        """
        if self._is_used:
            self._is_used, self._idle_since = False, minute
            return False
        if self._model is None or minute - self._idle_since < IDLE_MINUTES:
            return False
        self._model = None
        return True

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come of it."""
        # In this order: when the model is gone, nothing is appended any more.
        return self._model is None and self._ref() is None and not self.buffers.longest()

    def forget_labels(self, idle: "Collection[SeriesKey]") -> None:
        """Have the model forget the series of its calls that are idle."""
        if (model := self._ref()) is not None:
            model.forget_labels(idle)

    def begin_anew(self) -> None:
        """In a forked process: drop what the parent counts."""
        self.buffers.clear()
        if (model := self._ref()) is not None:
            model.forked()
