"""What is wrong with how a model is used, said where nothing may be raised."""

from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)


class Complaints:
    """Each is logged the first time and no more: a mistake in a call is made at every call.

    Args:
        model: Whose use it is about.
    """

    __slots__ = ("_model", "_said")

    def __init__(self, model: str) -> None:
        self._model = model
        self._said: set[str] = set()

    def say(self, what: str, **facts: object) -> None:
        """Log one, unless it has been logged.

        Args:
            what: Which one, and what follows from it.
            facts: What was wrong, and what would be right.
        """
        if what in self._said:
            return
        self._said.add(what)
        with suppress(Exception):  # whatever the log has, the prediction goes on
            log.error(what, model=self._model, **facts)
