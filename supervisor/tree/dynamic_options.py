"""What a dynamic supervisor can be told, and what it refuses."""

from typing import TYPE_CHECKING

from supervisor.errors import BadChildSpecError
from supervisor.tree.child_spec import as_child_spec
from supervisor.tree.options import checked_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from supervisor.tree.child_spec import ChildSpec, Startable
    from supervisor.tree.options import Options


def checked_template(
    template: "Startable | None", max_children: object, extra_args: object, options: "Options"
) -> "ChildSpec | None":
    """The template of a dynamic supervisor, if it has one and all its options can work.

    Raises:
        BadChildSpecError: Naming everything that cannot work.
    """
    problems = list(_problems(template, max_children, extra_args, options))
    spec = None
    try:
        spec = None if template is None else as_child_spec(template)
        checked_options(() if spec is None else (spec,), options)
    except BadChildSpecError as error:
        problems += error.problems
    if problems:
        raise BadChildSpecError(*problems)
    return spec


def _problems(
    template: object, max_children: object, extra_args: object, options: "Options"
) -> "Iterator[str]":
    if max_children is not None and not is_count(max_children, at_least=0):
        yield f"max_children must be a whole number >= 0 or None, got {max_children!r}"
    if not isinstance(extra_args, tuple | list):
        yield f"extra_args must be a tuple, got {extra_args!r}"
    yield from strategy_problems(options, "a dynamic supervisor's children")
    if template is None and options.get("auto_shutdown", "never") != "never":
        yield f"auto_shutdown must be 'never' without a template, got {options['auto_shutdown']!r}"


def strategy_problems(options: "Options", whose: str) -> "Iterator[str]":
    """Those of a supervisor whose children do not know each other."""
    strategy = options.get("strategy", "one_for_one")
    if strategy != "one_for_one":
        yield f"strategy must be 'one_for_one', as {whose} do not depend on each other, got {strategy!r}"


def is_count(value: object, *, at_least: int) -> bool:
    """Whether it is a whole number of that size; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= at_least


def key_problems(key: object) -> "Iterator[str]":
    """What is wrong with a key, which is to be a part of a path and unlike a number that we give."""
    if not isinstance(key, str) or not key or "/" in key or key.startswith("#"):
        yield f"key must be a non-empty string without '/' that does not begin with '#', got {key!r}"


def checked_key(key: str | None) -> str | None:
    """The key of a child; None for one that has none.

    Raises:
        BadChildSpecError: It cannot be one.
    """
    problems: Sequence[str] = () if key is None else tuple(key_problems(key))
    if problems:
        raise BadChildSpecError(*problems)
    return key
