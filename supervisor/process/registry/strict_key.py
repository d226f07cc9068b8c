"""Keys compared by type as well as by value."""

from typing import TYPE_CHECKING

from supervisor.errors import BadNameError

if TYPE_CHECKING:
    from collections.abc import Hashable


def strict_key(key: object) -> "Hashable":
    """What stands for a key in a table: equal for equal keys of equal types, so 1, 1.0 and True are three.

    Tuples, lists, sets and mappings are compared item by item in the same way, and as they are now: to change
    one later does not change what was claimed with it. Any other key is compared by its own `==`.

    Raises:
        BadNameError: It cannot be hashed, and is none of those.

    Source:
        ETS compares keys by `=:=`, where 1 and 1.0 differ; a `dict` of Python does not.
    """
    kind = type(key)
    if kind is str:
        return key
    match key:
        case tuple() | list():
            return kind, tuple(strict_key(item) for item in key)
        case set() | frozenset():
            return kind, frozenset(strict_key(item) for item in key)
        case dict():
            return kind, frozenset((strict_key(name), strict_key(item)) for name, item in key.items())
    try:
        hash(key)
    except TypeError:
        raise BadNameError("a key", "be hashable, or a list, set or dict of such", key) from None
    return kind, key
