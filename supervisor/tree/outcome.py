"""How a task has ended, as a value: with a result, or without."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from supervisor.process.exits import ExitReason
    from supervisor.tree.task import Task

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Ok(Generic[T_co]):
    """It has returned.

    Attributes:
        value: What.
    """

    value: T_co


@dataclass(frozen=True, slots=True)
class Exited:
    """It has ended without a result.

    Attributes:
        reason: Why: `Crashed` with what it raised, `Shutdown` or `Killed`.
        input: In a stream with `zip_input_on_exit`, what it was started for.
    """

    reason: "ExitReason"
    input: object = None


Outcome: TypeAlias = Ok[T] | Exited


@dataclass(frozen=True, slots=True)
class TaskDone:
    """Message to an actor that has asked for it by `Task.deliver`.

    Attributes:
        task: Which one has ended.
        outcome: How.
    """

    task: "Task[object]"
    outcome: Outcome[object]
