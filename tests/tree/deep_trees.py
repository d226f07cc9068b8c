"""Trees deeper than calls can be nested."""

from supervisor import ChildSpec, Supervisor


def deep(levels: int, leaf: ChildSpec) -> ChildSpec:
    """The spec of so many supervisors, each the only child of the one before, and a leaf."""
    for level in reversed(range(levels)):
        leaf = Supervisor.spec(f"level-{level}", [leaf])
    return leaf
