"""A dry run: all that is wrong anywhere in a tree of child specs, and a picture of it, without a start."""

import inspect
from typing import TYPE_CHECKING, TypeAlias

from supervisor.errors import BadChildSpecError, BadTreeError
from supervisor.tree.child_spec import ChildSpec
from supervisor.tree.children import ROOT, path_below
from supervisor.tree.introspection import TreeNode
from supervisor.tree.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from supervisor.process.registry import Name
    from supervisor.tree.child_spec import Startable

    # One, its path, and where its parent stands in the list of those found.
    _Found: TypeAlias = tuple[ChildSpec, str, int]


def check_tree(spec: ChildSpec) -> TreeNode:
    """Check a whole tree of child specs, as `start_tree` takes it, without starting any of it.

    Actors are not made, but their arguments are held against what makes them. Supervisors are made, as
    their children must be known.

    Returns:
        The tree as it would come up; `render` makes a picture of it.

    Raises:
        BadTreeError: With every problem at once, each with its full path.
    """
    problems: list[tuple[str, str]] = []
    bearers: dict[Name, str] = {}
    found: list[_Found] = []
    todo: list[_Found] = [(spec, ROOT, 0)]
    while todo:  # and no calls within calls: a tree may be deeper than those can be
        found.append(todo.pop())
        one, path, _ = found[-1]
        below, above = _checked(one, path, problems, bearers), len(found) - 1
        todo += [(child, path_below(path, child.id), above) for child in reversed(below)]
    problems += [(ROOT, "no child can have the root's own name") for _, path, _ in found[1:] if path == ROOT]
    if problems:
        raise BadTreeError(tuple(problems))
    return _tree_of(found)


def _tree_of(found: "Sequence[_Found]") -> TreeNode:
    """Make the nodes from the leaves on; parents stand before their children."""
    below: list[list[TreeNode]] = [[] for _ in found]  # of each, the last child first
    for position in reversed(range(1, len(found))):
        below[found[position][2]].append(_node(found[position], below[position]))
    return _node(found[0], below[0])


def _node(found: "_Found", below: "Sequence[TreeNode]") -> TreeNode:
    spec, path, _ = found
    children = tuple(reversed(below))
    return TreeNode(spec.id, path, spec.kind, "stopped", None, restarts=0, mailbox=0, children=children)


def _checked(
    spec: ChildSpec, path: str, problems: list[tuple[str, str]], bearers: "dict[Name, str]"
) -> "Sequence[ChildSpec]":
    """Note what is wrong with one, and return its children."""
    problems.extend((path, problem) for problem in _name_problems(spec, path, bearers))
    problem = _arguments_problem(spec)
    if problem is not None:
        problems.append((path, problem))
    return _children_of(spec, path, problems) if problem is None and spec.kind == "supervisor" else ()


def _name_problems(spec: ChildSpec, path: str, bearers: "dict[Name, str]") -> "Iterator[str]":
    """Names of one that another bears already; `bearers` are the paths of those before it, by their names."""
    for name in (path, spec.name):
        if name is not None and bearers.setdefault(name, path) != path:
            yield f"name {name!r} is that of {bearers[name]!r}, too"


def _arguments_problem(spec: ChildSpec) -> str | None:
    try:
        inspect.signature(spec.start).bind(*spec.args, **spec.kwargs)
    except (TypeError, ValueError) as error:
        # Of some callables the signature cannot be had; those are taken on trust.
        return None if isinstance(error, ValueError) else f"arguments do not fit {spec.start!r}: {error}"
    return None


def _children_of(spec: ChildSpec, path: str, problems: list[tuple[str, str]]) -> "Sequence[ChildSpec]":
    try:
        made = spec.start(*spec.args, **spec.kwargs)
    except BadChildSpecError as error:
        problems.extend((path, problem) for problem in error.problems)
        return _given_children(spec)
    except Exception as error:  # noqa: BLE001  whatever it is, it would fail at the start too
        problems.append((path, f"could not be made: {type(error).__name__}: {error}"))
        return ()
    return made.specs if isinstance(made, Supervisor) else ()


def _given_children(spec: ChildSpec) -> "Sequence[ChildSpec]":
    """Those that a refused supervisor was given, so that their problems are found as well."""
    given: Iterable[Startable] = spec.args[0] if spec.args else spec.kwargs.get("children", ())  # type: ignore[assignment]
    return [child for child in given if isinstance(child, ChildSpec)] if spec.start is Supervisor else ()
