"""What a partition supervisor can be told, and what it refuses."""

import inspect
import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from supervisor.errors import BadChildSpecError
from supervisor.process.registry import Via, is_name
from supervisor.tree.child_spec import as_child_spec
from supervisor.tree.dynamic_options import is_count, strategy_problems
from supervisor.tree.options import checked_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from supervisor.process.registry import Name
    from supervisor.tree.child_spec import ChildSpec, Startable
    from supervisor.tree.options import Options

WithArguments: TypeAlias = Callable[[tuple[object, ...], int], tuple[object, ...]]
"""Makes the arguments of one partition from those of the spec and its index."""


def check_partitions(
    child: "Startable", partitions: object, with_arguments: object, options: "Options"
) -> None:
    """Refuse a partition supervisor that cannot work.

    Raises:
        BadChildSpecError: Naming everything that cannot.
    """
    problems = list(_problems(partitions, with_arguments, options))
    try:
        checked_options((as_child_spec(child),), options)
    except BadChildSpecError as error:
        problems += (one for one in error.problems if one not in problems)
    if problems:
        raise BadChildSpecError(*problems)


def _problems(partitions: object, with_arguments: object, options: "Options") -> "Iterator[str]":
    if partitions is not None and not is_count(partitions, at_least=1):
        yield f"partitions must be a whole number >= 1 or None, got {partitions!r}"
    if with_arguments is not None and not _takes_two(with_arguments):
        yield f"with_arguments must take the arguments and an index, got {with_arguments!r}"
    yield from strategy_problems(options, "partitions")
    if options.get("auto_shutdown", "never") != "never":
        yield f"auto_shutdown of partitions must be 'never', got {options['auto_shutdown']!r}"


def _takes_two(function: object) -> bool:
    if not callable(function):
        return False
    try:
        inspect.signature(function).bind((), 0)
    except TypeError:
        return False
    except ValueError:  # of some callables the signature cannot be had; those are taken on trust
        return True
    return True


def checked_id(name: "Name | None", given: str | None) -> str:
    """The id of a partition supervisor of that name.

    Raises:
        BadChildSpecError: It has none.
    """
    if not is_name(name):
        raise BadChildSpecError(f"name must be a non-empty string or a Via, got {name!r}")
    if given is not None:
        return given
    return str(name.key) if isinstance(name, Via) else str(name)


def partition_specs(
    child: "Startable", partitions: int | None, with_arguments: WithArguments | None
) -> "list[ChildSpec]":
    """The specs of all partitions: the index is the id.

    Raises:
        BadChildSpecError: `with_arguments` returned no tuple.
    """
    spec = as_child_spec(child)
    return [
        replace(spec, id=str(index), args=_arguments(spec.args, index, with_arguments))
        for index in range(cores() if partitions is None else partitions)
    ]


def _arguments(
    args: tuple[object, ...], index: int, with_arguments: WithArguments | None
) -> tuple[object, ...]:
    made: object = args if with_arguments is None else with_arguments(args, index)
    if not isinstance(made, tuple | list):
        raise BadChildSpecError(f"with_arguments must return a tuple, got {made!r} for partition {index}")
    return tuple(made)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
