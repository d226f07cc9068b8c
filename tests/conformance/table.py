"""The items of OTP's behaviour, and the tests that hold them.

    python -m tests.conformance

writes the page and takes off the list of missing items what is held by now.
"""

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "conformance.md"
MISSING: Final = Path(__file__).parent / "missing.txt"
COMMAND: Final = "python -m tests.conformance"

_INTRODUCTION: Final = f"""\
# What of OTP is held

<!-- Written by `{COMMAND}` from the marks in the tests; a conflict here is resolved by running it again. -->

What Erlang/OTP, Elixir and the telemetry library do, what asyncio cannot do, and the tests by which each
item is held here. A test says so by `@pytest.mark.conformance("A46")`. Where this library decides
otherwise than they do, [semantics.md](semantics.md) says how.

"""


@dataclass(frozen=True, slots=True)
class Item:
    """One item.

    Attributes:
        id: Letter and number, `A46`; of a test case of the originals, suite and number, `S1.64`.
        says: The behaviour, in one line.
        excused: Why no test can hold it; None for one that must be held.
    """

    id: str
    says: str
    excused: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Items that belong together.

    Attributes:
        title: Of its part of the page.
        items: In their order.
    """

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """One test, or all tests of a file, and what it holds.

    Attributes:
        path: The file, from the root of the repository.
        test: Its name; None for all of the file.
        ids: The items.
    """

    path: str
    test: str | None
    ids: tuple[str, ...]


def read_groups() -> tuple[Group, ...]:
    """Every item there is."""
    table = tomllib.loads((Path(__file__).parent / "items.toml").read_text(encoding="utf-8"))
    return tuple(
        Group(rows.pop("title"), tuple(_item(id_, row) for id_, row in rows.items()))
        for rows in table.values()
    )


def _item(id_: str, row: "str | Mapping[str, str]") -> Item:
    return Item(id_, row) if isinstance(row, str) else Item(id_, row["says"], row["excused"])


def read_missing() -> set[str]:
    """Items that no test holds yet; this list may only shrink."""
    return set(MISSING.read_text(encoding="utf-8").split())


def read_holders() -> list[Holder]:
    """Every mark in the tests, in the order of files and lines."""
    return [
        holder
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for holder in holders_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    ]


def holders_in(source: str, path: str) -> "Iterator[Holder]":
    """The marks of one file, in the order of its lines."""
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                yield from _holder([value], path, None)
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _of_definition(node, path)


def _of_definition(
    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, path: str
) -> "Iterator[Holder]":
    yield from _holder(node.decorator_list, path, node.name)
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _holder(inner.decorator_list, path, f"{node.name}.{inner.name}")


def _holder(where: "Iterable[ast.expr]", path: str, test: str | None) -> "Iterator[Holder]":
    """What the marks within these expressions name, also those of single parameters."""
    calls = [node for one in where for node in ast.walk(one) if _is_mark(node)]
    ids = tuple(dict.fromkeys(str(ast.literal_eval(arg)) for call in calls for arg in call.args))
    if ids:
        yield Holder(path, test, ids)


def _is_mark(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "conformance"
    )


def still_missing(groups: "Iterable[Group]", holders: "Iterable[Holder]", missing: set[str]) -> list[str]:
    """Of the items on the list those that are still neither held nor excused, in the order of the items."""
    held = {id_ for holder in holders for id_ in holder.ids}
    wanted = [item.id for group in groups for item in group.items if item.excused is None]
    return [id_ for id_ in wanted if id_ in missing and id_ not in held]


def render(groups: "Iterable[Group]", holders: "Iterable[Holder]") -> str:
    """The page."""
    by_id: dict[str, list[Holder]] = {}
    for holder in holders:
        for id_ in holder.ids:
            by_id.setdefault(id_, []).append(holder)
    return _INTRODUCTION + "\n".join(_section(group, by_id) for group in groups)


def _section(group: Group, by_id: "Mapping[str, list[Holder]]") -> str:
    rows = "".join(
        f"| {item.id} | {item.says} | {_held_by(item, by_id.get(item.id, []))} |\n" for item in group.items
    )
    return f"## {group.title}\n\n| item | what it says | held by |\n|---|---|---|\n{rows}"


def _held_by(item: Item, holders: list[Holder]) -> str:
    if holders:
        return "<br>".join(map(_link, holders))
    return "**not yet held**" if item.excused is None else f"*nothing:* {item.excused}"


def _link(holder: Holder) -> str:
    name = "all of " + Path(holder.path).stem if holder.test is None else holder.test
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{holder.path})"
