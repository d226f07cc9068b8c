"""A prediction that is not sampled, while it may yet turn out slow or fail."""

from time import perf_counter
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from types import TracebackType

    from supervisor.clock import Seconds

Stage: TypeAlias = "tuple[str, Seconds, Seconds, type[BaseException] | None]"
"""Its name, its begin and its end by `perf_counter`, and the type of what it raised."""


class PassedOver:
    """What is needed to make its spans afterwards: its stages, and its ids if somebody has been told them.

    Attributes:
        stages: Those that are over, in the order of their ends.
        ids: Of the trace and of the span; None until somebody is told.
    """

    __slots__ = ("ids", "stages")

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self.ids: tuple[int, int] | None = None

    def stage(self, name: str) -> "PassedStage":
        """A part of it, for `with`."""
        return PassedStage(self.stages, name)


class PassedStage:
    """One stage that is timed."""

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
