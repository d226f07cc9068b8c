"""The catalogue and the code agree."""

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import supervisor
from supervisor import telemetry
from supervisor.telemetry import EVENTS, EventSpec
from supervisor.telemetry.bus import execute
from supervisor.telemetry.structlog_handler import LINES
from tests.catalogue import watched
from tests.telemetry import events_page

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = [
    path.read_text(encoding="utf-8")
    for path in Path(supervisor.__file__).parent.rglob("*.py")
    if path.name != "events.py"
]


def emitted(source: str) -> "Iterator[tuple[str, ...]]":
    """Every event name that a module executes or asks about.

    A name is a tuple of strings, the constant of one, or made from the arguments of the function around it.
    """
    tree = ast.parse(source)
    constants = {
        node.target.id: node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    reporters: dict[str, tuple[list[str], ast.Tuple]] = {}
    for function in ast.walk(tree):
        for call in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
            name = _event_of(call, constants)
            if isinstance(name, ast.Tuple) and any(isinstance(word, ast.Name) for word in name.elts):
                assert isinstance(function, ast.FunctionDef)
                reporters[function.name] = [arg.arg for arg in function.args.args], name
    for call in ast.walk(tree):
        name = _event_of(call, constants)
        if isinstance(name, ast.Tuple) and all(isinstance(word, ast.Constant) for word in name.elts):
            yield ast.literal_eval(name)
        elif isinstance(call, ast.Call) and _name_of(call.func) in reporters:
            arguments, name = reporters[_name_of(call.func)]
            given = dict(zip(arguments, call.args, strict=False))
            yield tuple(_word(word, given) for word in name.elts)


def _event_of(node: ast.AST, constants: dict[str, ast.expr | None]) -> ast.expr | None:
    if not isinstance(node, ast.Call) or _name_of(node.func) not in {"execute", "has_handlers"}:
        return None
    name = node.args[0]
    return constants.get(name.id) if isinstance(name, ast.Name) else name


def _name_of(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _word(node: ast.expr, given: dict[str, ast.expr]) -> str:
    return str(ast.literal_eval(given[node.id] if isinstance(node, ast.Name) else node))


def test_catalogue_has_every_event_that_is_emitted_and_no_other() -> None:
    assert {name for source in SOURCES for name in emitted(source)} == set(EVENTS)


def test_names_are_found_as_literals_as_constants_and_as_words_that_are_handed_on() -> None:
    source = """
FAILURE: Final = ("a", "failed")
def run():
    telemetry.execute(("a", "began"), {"count": 1})
    execute(FAILURE)
    if has_handlers(("a", "idle")): ...
    _report("ended", 1.0)
    execute((*prefix, "start"))
def _report(what, seconds):
    telemetry.execute(("a", "b", what), {"seconds": seconds})
"""
    assert set(emitted(source)) == {("a", "began"), ("a", "failed"), ("a", "idle"), ("a", "b", "ended")}


def test_catalogue_is_in_order() -> None:
    assert list(EVENTS) == sorted(EVENTS)


def test_page_of_events_is_up_to_date() -> None:
    assert events_page.PAGE.read_text(encoding="utf-8") == events_page.render(), f"run {events_page.COMMAND}"


def test_logged_events_are_in_the_catalogue() -> None:
    assert set(LINES) <= set(EVENTS)


# --- what an execution holds: see tests/catalogue.py, which every test runs under ---------------------------

SPEC = EventSpec("it happened", ("count",), ("path",), optional=("reason",))


@pytest.mark.parametrize(
    ("measurements", "metadata", "misses"),
    [
        pytest.param(["count"], ["path"], set(), id="exact"),
        pytest.param(["count"], ["path", "reason"], set(), id="with-what-is-optional"),
        pytest.param([], ["path"], {"count"}, id="no-measurement"),
        pytest.param(["count", "seconds"], ["path"], {"seconds"}, id="one-measurement-more"),
        pytest.param(["count"], [], {"path"}, id="no-fact"),
        pytest.param(["count"], ["path", "pid"], {"pid"}, id="one-fact-more"),
    ],
)
def test_execution_is_held_against_its_entry(
    measurements: list[str], metadata: list[str], misses: set[str]
) -> None:
    assert SPEC.misses(measurements, metadata) == misses


def test_execution_that_differs_from_the_catalogue_is_noted_and_still_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[object] = []
    telemetry.attach("it", ("supervisor", "child", "restarted"), lambda *event: heard.append(event))
    monkeypatch.setattr(telemetry, "execute", execute)  # not the one that this test runs under
    noted = watched(monkeypatch)
    telemetry.execute(("supervisor", "child", "restarted"), {"restarts": 1}, {"path": "a"})
    telemetry.execute(("somebody", "elses"))
    telemetry.detach("it")
    assert noted == [(("supervisor", "child", "restarted"), {"supervisor"})]
    assert len(heard) == 1
