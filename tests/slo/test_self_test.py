"""Shadows of objectives do what the formulas say, and one that does not is noticed."""

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pytest

from actors.slo import self_test
from actors.slo.evaluator import Evaluator
from actors.slo.rule import BurnRateRule
from actors.slo.self_test import SelfTest
from tests.slo.promises import unguarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actors.recording.tables import Tables
    from actors.slo.evaluated import Evaluated
    from actors.slo.objective import Objective

GUARDS: Final[dict[str, Any]] = {"min_coverage": Fraction(1, 2), "min_bad_events": 5, "resolve_hold": 5}
SHORT = (BurnRateRule("page", 30, 2, Fraction(20)),)
"""Its run takes half an hour of minutes and not three days."""

PROMISES = (
    unguarded(0.999, name="workbook"),
    unguarded(0.999, name="guarded", **GUARDS),
    unguarded(0.9, name="one-nine", **GUARDS),
    unguarded(0.999, days=90, name="a-quarter", calendar="quarter", time_zone="Asia/Kolkata", **GUARDS),
    unguarded(
        0.99, name="latency", sli="latency", threshold=0.25, group_by=("version",), rollup=True, **GUARDS
    ),
    unguarded(0.99, name="p99", sli="latency", threshold=0.1, quantile=Fraction(99, 100), **GUARDS),
    unguarded(0.999, name="p99.9", sli="latency", threshold=0.1, quantile=Fraction(999, 1000), **GUARDS),
    unguarded(0.999, name="own", own_rules=SHORT, **GUARDS),
    unguarded(0.999, name="wants-many", **{**GUARDS, "min_bad_events": 100_000}),
    unguarded(0.99, name="ten-days", own_rules=(BurnRateRule("ticket", 14_400, 600, Fraction(2)),), **GUARDS),
)


def minutes_of(found: "Sequence[self_test.RuleTest]") -> list[tuple[int | None, int | None]]:
    return [(one.fired, one.resolved) for one in found]


def test_every_rule_of_every_kind_does_what_the_formula_says() -> None:
    """In one run. By hand: J1, with the hold of five minutes added where there is one."""
    found = SelfTest(PROMISES).run()
    assert [str(one) for rules in found.values() for one in rules if not one.is_right] == []
    assert all(one.fired is not None for rules in found.values() for one in rules)
    assert minutes_of(found["workbook"]) == [(1, 5), (3, 30), (5, 120), (5, 360)]
    assert minutes_of(found["guarded"]) == [(1, 10), (3, 35), (5, 125), (5, 365)]


def test_rule_that_cannot_fire_does_not_and_that_is_right() -> None:
    """Five minutes hold five events of a quantile, and the guard wants six."""
    own = (BurnRateRule("page", 5, 1, Fraction(2)),)
    by_minutes: dict[str, Any] = {"sli": "latency", "threshold": 0.1, "quantile": Fraction(99, 100)}
    (one,) = SelfTest([unguarded(own_rules=own, min_bad_events=6, **by_minutes)]).run()["fraud"]
    assert (one.fired, one.resolved, one.is_right) == (None, None, True)


class OfAnotherTarget(Evaluator):
    """Judges by half the error budget."""

    def __init__(self, objectives: "Sequence[Objective]", tables: "Tables") -> None:
        super().__init__([replace(one, target=(one.target + 1) / 2) for one in objectives], tables)


class WithoutHold(Evaluator):
    """Resolves at once."""

    def __init__(self, objectives: "Sequence[Objective]", tables: "Tables") -> None:
        super().__init__([replace(one, resolve_hold=0) for one in objectives], tables)


class Silent(Evaluator):
    """Notices nothing."""

    def evaluate(self, *, is_partial: bool = False) -> "Evaluated":
        return replace(super().evaluate(is_partial=is_partial), changes=())


@pytest.mark.parametrize(
    ("broken", "did"),
    [
        pytest.param(OfAnotherTarget, "4 min and 7 min", id="another-target"),
        pytest.param(WithoutHold, "7 min and 2 min", id="no-hold"),
        pytest.param(Silent, "never and never", id="silent"),
    ],
)
def test_evaluator_that_does_something_else_is_told(
    monkeypatch: pytest.MonkeyPatch, broken: type[Evaluator], did: str
) -> None:
    monkeypatch.setattr(self_test, "Evaluator", broken)
    (one,) = SelfTest([unguarded(0.99, own_rules=SHORT, **GUARDS)]).run()["fraud"]
    assert not one.is_right
    should = "page 20 over 30m/2m must fire after 7 min and resolve after 7 min"
    assert str(one) == f"{should}, and its shadow did after {did}"


def test_objectives_that_differ_in_nothing_that_matters_share_a_shadow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []

    class Counting(Evaluator):
        def __init__(self, objectives: "Sequence[Objective]", tables: "Tables") -> None:
            made.append(len(objectives))
            super().__init__(objectives, tables)

    monkeypatch.setattr(self_test, "Evaluator", Counting)
    many = [
        unguarded(0.99, name=f"{number}", match={"model": f"{number}"}, own_rules=SHORT, **GUARDS)
        for number in range(300)
    ]
    found = SelfTest([*many, unguarded(0.999, own_rules=SHORT, **GUARDS)]).run()
    assert len(found) == 301
    assert max(made) == 2
    assert all(one.is_right for rules in found.values() for one in rules)


def test_no_objectives_need_no_steps() -> None:
    assert list(SelfTest([]).steps()) == []
