"""Targets that would have held."""

from fractions import Fraction

from actors.replay.fit import fit
from tests.replay.traffics import UNGUARDED, collected, steady
from tests.slo.replay import objective

TRAFFIC = collected([*steady(0, 1000, 300), *steady(37, 1000, 100), *steady(0, 1000, 100)])
"""A share of 0.0074 is bad."""


def test_strictest_target_is_found_to_three_digits() -> None:
    (found,) = fit(TRAFFIC, [objective(**UNGUARDED)], 1e6)
    assert found.target == 1 - Fraction(74, 10_000)
    assert not found.holds_now
    assert found.pages_now == 1


def test_few_pages_ask_for_a_looser_target_than_the_budget_alone() -> None:
    """With 0.74 % the rules fire, above 3.7 % / 14.4 none of the hour does, and at more none at all."""
    (found,) = fit(TRAFFIC, [objective(**UNGUARDED)], 0)
    assert found.pages == 0
    assert found.target is not None
    assert found.target <= 1 - Fraction(74, 10_000)


def test_target_that_nothing_holds_is_none() -> None:
    (found,) = fit(collected(steady(1000, 1000, 60)), [objective(**UNGUARDED)], 10)
    assert found.target is None


def test_each_objective_has_its_own() -> None:
    names = [one.objective.name for one in fit(TRAFFIC, [objective(name="a"), objective(name="b")], 100)]
    assert names == ["a", "b"]
