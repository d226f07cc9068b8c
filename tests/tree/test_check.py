"""The dry run of a whole tree of specs."""

from collections.abc import Callable
from itertools import product

import pytest

from supervisor import (
    Actor,
    BadChildSpecError,
    BadTreeError,
    ChildSpec,
    Registry,
    Supervisor,
    Via,
    check_tree,
)
from supervisor.tree import render


class Counter(Actor):
    made = 0

    def __init__(self, start: int, *, step: int = 1) -> None:
        type(self).made += 1


@pytest.mark.conformance("A68")
def test_tree_that_can_run_is_shown_as_it_would_come_up_and_nothing_is_started() -> None:
    inner = Supervisor.spec("inner", [ChildSpec("x", Counter, (1,), {"step": 2})])
    node = check_tree(Supervisor.spec("root", [ChildSpec("a", Actor), inner]))
    assert render(node).splitlines() == [
        "root  (stopped)",
        "├── a  (stopped)",
        "└── inner  (stopped)",
        "    └── x  (stopped)",
    ]
    assert [(one.path, one.kind) for one in node.walk()][2:] == [
        ("inner", "supervisor"),
        ("inner/x", "worker"),
    ]
    assert Counter.made == 0


class Unmakeable(Supervisor):
    def __init__(self) -> None:
        raise OSError("no plan")


class Planned(Supervisor):
    def __init__(self) -> None:
        super().__init__([ChildSpec("below", Counter)])


@pytest.mark.conformance("A61", "A68", "S1.68")
def test_every_problem_is_told_at_once_with_its_full_path() -> None:
    twins = [ChildSpec("twin", Counter), ChildSpec("twin", Counter, (1,))]
    matters = ChildSpec("matters", Actor, restart="temporary", significant=True)
    by_hand = ChildSpec("by_hand", Supervisor, (twins,), {"max_restarts": -1}, kind="supervisor")
    unheard = ChildSpec("unheard", Supervisor, ([matters],), kind="supervisor")
    spec = Supervisor.spec(
        "root",
        [
            ChildSpec("a", Counter, (), {"stepp": 1}),
            Supervisor.spec("inner", [by_hand, unheard]),
            ChildSpec.of(Unmakeable, id="b"),
            ChildSpec.of(Planned, id="c"),
            ChildSpec("root", Actor),
        ],
    )
    with pytest.raises(BadTreeError) as refused:
        check_tree(spec)
    assert [path for path, _ in refused.value.problems] == [
        "a",
        "inner/by_hand",
        "inner/by_hand",
        "inner/by_hand/twin",
        "inner/unheard",
        "b",
        "c/below",
        "root",
    ]
    problems = [problem for _, problem in refused.value.problems]
    assert "missing a required argument: 'start'" in problems[0]
    assert problems[1] == "max_restarts must be a whole number >= 0, got -1"
    assert problems[2] == "child id 'twin' stands 2 times among its siblings; ids must differ"
    assert "missing a required argument: 'start'" in problems[3]
    assert "auto_shutdown must be 'any' or 'all', got 'never'" in problems[4]
    assert problems[5] == "could not be made: OSError: no plan"
    assert str(refused.value).splitlines()[1] == f"'inner/by_hand': {problems[1]}"


unknowable: Callable[..., Actor] = type  # type: ignore[assignment]  # of which Python knows no signature


def test_callable_whose_arguments_cannot_be_known_is_taken_on_trust() -> None:
    node = check_tree(Supervisor.spec("root", [ChildSpec("it", unknowable, (1, 2, 3))]))
    assert [one.path for one in node.walk()] == ["root", "it"]


@pytest.mark.conformance("S1.15", "S1.68")
def test_spec_names_every_field_that_is_wrong_at_once() -> None:
    with pytest.raises(BadChildSpecError) as refused:
        ChildSpec("it", 7, restart="always", shutdown=-1, kind="boss", mailbox="lose", start_timeout=-1.0)  # type: ignore[arg-type]
    assert [problem.split(" must ")[0] for problem in refused.value.problems] == [
        f"child 'it': {field}"
        for field in ("start", "restart", "kind", "mailbox", "shutdown", "start_timeout")
    ]


@pytest.mark.conformance("S1.15")
@pytest.mark.parametrize(
    ("fields", "missing"), [({"start": Actor}, "id"), ({"id": "it"}, "start"), ({}, "id")]
)
def test_spec_without_id_or_start_says_so(fields: dict[str, object], missing: str) -> None:
    with pytest.raises(TypeError, match=f"missing .* required positional argument.*'{missing}'"):
        ChildSpec(**fields)  # type: ignore[arg-type]


@pytest.mark.conformance("S1.15")
def test_what_is_no_spec_is_refused_among_the_children() -> None:
    with pytest.raises(BadChildSpecError, match=r"a child must be a ChildSpec, .* got 'nonsense'"):
        Supervisor.spec("root", ["nonsense"])  # type: ignore[list-item]


@pytest.mark.conformance("S1.68")
def test_every_right_combination_is_taken() -> None:
    taken = 0
    for restart, shutdown, kind, significant in product(
        ("permanent", "transient", "temporary"),
        ("brutal_kill", "infinity", 0, 2.5),
        ("worker", "supervisor"),
        (False, True),
    ):
        if significant and restart == "permanent":
            continue
        spec = ChildSpec("it", Actor, restart=restart, shutdown=shutdown, kind=kind, significant=significant)  # type: ignore[arg-type]
        mode = "all" if significant else "never"
        Supervisor.spec("root", [spec], auto_shutdown=mode)  # type: ignore[arg-type]
        taken += 1
    assert taken == 40


def test_supervisor_names_every_option_that_is_wrong_at_once() -> None:
    with pytest.raises(BadChildSpecError) as refused:
        Supervisor.spec(
            "root",
            [ChildSpec("it", Actor), ChildSpec("it", Actor)],
            strategy="some",  # type: ignore[arg-type]
            auto_shutdown="soon",  # type: ignore[arg-type]
            when_limit_hit="cry",  # type: ignore[arg-type]
            max_restarts=-1,
            pause_seconds=0.0,
        )
    assert [problem.split()[0] for problem in refused.value.problems] == [
        "strategy",
        "auto_shutdown",
        "when_limit_hit",
        "max_restarts",
        "pause_seconds",
        "child",
    ]


def test_name_that_two_would_bear_is_found_before_anything_starts() -> None:
    taken = Via("names", 17)
    below = Supervisor.spec("sub", [ChildSpec("c", Actor, name=taken), ChildSpec("d", Actor, name="a")])
    children = [
        Registry.spec("names"),
        ChildSpec("a", Actor),
        ChildSpec("b", Actor, name=taken),
        below,
        ChildSpec("e", Actor, name=Via("names", 17.0)),
    ]
    with pytest.raises(BadTreeError) as refused:
        check_tree(Supervisor.spec("root", children))
    assert refused.value.problems == (
        ("sub/c", "name Via('names', 17) is that of 'b', too"),
        ("sub/d", "name 'a' is that of 'a', too"),
    )
