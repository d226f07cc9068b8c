"""Small pictures in text: a curve, a bar, a tree."""

from collections.abc import Mapping, Sequence

from rich.text import Text
from rich.tree import Tree

_STEPS = "▁▂▃▄▅▆▇█"


def curve(values: Sequence[float | None], width: int, top: float) -> str:
    """The last values as a row of blocks, one each.

    Args:
        values: Oldest first; None leaves a gap.
        width: How many of them are shown at most, >= 1.
        top: The value that fills a block, > 0; what is larger fills it as well.
    """
    return "".join(_block(value, top) for value in values[-width:])


def _block(value: float | None, top: float) -> str:
    if value is None:
        return " "
    return _STEPS[min(max(int(value / top * len(_STEPS)), 0), len(_STEPS) - 1)]


def bar(share: float | None, width: int) -> str:
    """A share of 0..1 as a bar; one below 0 is empty, one that is unknown has question marks."""
    if share is None:
        return "?" * width
    filled = round(min(max(share, 0.0), 1.0) * width)
    return "█" * filled + "░" * (width - filled)


def tree_of(node: Mapping[str, object]) -> Tree:
    """The supervision tree, with the restarts of each actor."""
    tree = Tree(_label(node), guide_style="dim")
    _grow(tree, node)
    return tree


def _grow(tree: Tree, node: Mapping[str, object]) -> None:
    children = node.get("children", ())
    for child in children if isinstance(children, Sequence) else ():
        _grow(tree.add(_label(child)), child)


def _label(node: Mapping[str, object]) -> Text:
    state, restarts = str(node.get("state", "")), node.get("restarts", 0)
    style = {"running": "green"}.get(state, "bold red")
    label = Text(str(node.get("id", "")), style=style)
    if state != "running":
        label.append(f" {state}")
    if restarts:
        label.append(f" ↻{restarts}", style="bold yellow")
    return label
