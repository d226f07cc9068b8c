"""A stage of a prediction that is not traced, and may yet be when it turns out slow or fails."""

from time import perf_counter
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from types import TracebackType

    from supervisor.clock import Seconds

Stage: TypeAlias = "tuple[str, Seconds, Seconds, type[BaseException] | None]"
"""Its name, its begin and its end by `perf_counter`, and the type of what it raised."""


class TimedStage:
    """Writes down when it was, for `with`.

    Args:
        stages: Where to, at its end.
        name: Of the stage.
    """

    __slots__ = ("_began", "_name", "_stages")

    def __init__(self, stages: "list[Stage]", name: str) -> None:
        self._stages, self._name = stages, name

    def __enter__(self) -> Self:
        self._began = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self._stages.append((self._name, self._began, perf_counter(), kind))
