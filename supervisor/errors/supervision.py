"""Child specs, and what is asked of supervisors."""

from typing import Final

from supervisor.errors.base import SupervisorError

_SHOWN: Final = 20
"""Names that a message lists at most."""


class BadChildSpecError(SupervisorError, ValueError):
    """A child spec, or a supervisor's options, that cannot work.

    Attributes:
        problems: All that is wrong with it, one sentence each.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


class BadTreeError(SupervisorError, ValueError):
    """A tree of child specs that could not run.

    Attributes:
        problems: All that is wrong anywhere in it: the path, and a sentence each.
    """

    def __init__(self, problems: "tuple[tuple[str, str], ...]") -> None:
        self.problems = problems
        super().__init__("\n".join(f"{path!r}: {problem}" for path, problem in problems))


class ChildNotFoundError(SupervisorError, LookupError):
    """No child of that id, handle or path."""

    def __init__(self, child: object, supervisor: str, known: "tuple[str, ...]" = ()) -> None:
        self.child, self.supervisor, self.known = child, supervisor, known
        more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
        hint = f"; it has {', '.join(map(repr, known[:_SHOWN]))}{more}" if known else ""
        super().__init__(f"no child {child!r} under {supervisor!r}{hint}")


class ChildStateError(SupervisorError, RuntimeError):
    """The child is in a state in which this cannot be done to it."""

    def __init__(self, child: str, state: str, wanted: str) -> None:
        self.child, self.state, self.wanted = child, state, wanted
        super().__init__(f"child {child!r} is {state}; to {wanted} it must not be")


class AlreadyPresentError(SupervisorError, RuntimeError):
    """A child of that id does not run, but its place is kept.

    Attributes:
        child: Its id.
        state: What it does meanwhile.
    """

    def __init__(self, child: str, state: str) -> None:
        self.child, self.state = child, state
        is_at_rest = state in {"stopped", "failed"}
        hint = "; restart it, or delete it first" if is_at_rest else "; terminate it first"
        super().__init__(f"child {child!r} is already present ({state}){hint}")


class MaxChildrenError(SupervisorError, RuntimeError):
    """A dynamic supervisor has as many children as it may.

    Attributes:
        supervisor: Its path.
        max_children: Its limit.
    """

    def __init__(self, supervisor: str, max_children: int) -> None:
        self.supervisor, self.max_children = supervisor, max_children
        super().__init__(f"{supervisor!r} has as many children as it may (max_children={max_children})")


class NoPartitionsError(SupervisorError, LookupError):
    """A key leads nowhere: its partition supervisor has been resized to no partitions.

    Attributes:
        supervisor: Its path.
        key: Which.
    """

    def __init__(self, supervisor: str, key: object) -> None:
        self.supervisor, self.key = supervisor, key
        super().__init__(f"key {key!r} leads nowhere: {supervisor!r} has been resized to no partitions")


class PartitionCountError(SupervisorError, ValueError):
    """A number of partitions that cannot be.

    Attributes:
        partitions: The number.
        most: What there can be; None if that was not asked.
    """

    def __init__(self, partitions: object, most: int | None = None) -> None:
        self.partitions, self.most = partitions, most
        wanted = ">= 0" if most is None else f"between 0 and {most}"
        super().__init__(f"partitions must be a whole number {wanted}, got {partitions!r}")


class RequestRefusedError(SupervisorError, TypeError):
    """A request that this kind of supervisor does not serve.

    Attributes:
        request: Its name.
        supervisor: Path of who refuses.
    """

    def __init__(self, request: str, supervisor: str, why: str) -> None:
        self.request, self.supervisor = request, supervisor
        super().__init__(f"{request} is refused by {supervisor!r}: {why}")
