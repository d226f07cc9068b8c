"""Which actions are to be run, and what they are told."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from actors.policy.action import Action
from actors.policy.decision import EdgeKey, condition, decide
from actors.policy.edge import Edge
from actors.policy.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1_700_000_000.0
FREEZE = Action(name="freeze", on="exhausted")


def standing(
    left: float | None, slo: str = "fraud", paging: "Mapping[str, float | None] | None" = None
) -> Standing:
    return Standing(slo, {"version": "2"}, left, {"1h": 20.0}, paging or {})


@pytest.mark.parametrize(
    ("left", "is_there"),
    [
        pytest.param(0.001, False, id="some-left"),
        pytest.param(0.0, True, id="exactly-spent"),
        pytest.param(-1.0, True, id="overspent"),
        pytest.param(None, None, id="unmeasured"),
    ],
)
def test_a_budget_is_exhausted_when_nothing_is_left(left: float | None, is_there: bool | None) -> None:
    assert condition(FREEZE, standing(left)) is is_there


def test_the_first_failures_of_a_quiet_service_exhaust_nothing() -> None:
    """One of a hundred is ten times the budget of 99.9 %, and says little."""
    few = replace(standing(-9.0), has_enough_bad=False)
    assert condition(FREEZE, few) is False


@pytest.mark.parametrize(
    ("min_burn", "paging", "is_there"),
    [
        pytest.param(None, {}, False, id="no-page"),
        pytest.param(None, {"1h/5m": 20.0}, True, id="a-page"),
        pytest.param(None, {"1h/5m": None}, True, id="a-page-that-is-held"),
        pytest.param(20.0, {"1h/5m": 20.0}, False, id="exactly-so-fast-is-not-above"),
        pytest.param(20.0, {"6h/30m": 7.0, "1h/5m": 20.1}, True, id="the-fastest-counts"),
        pytest.param(20.0, {"1h/5m": None}, None, id="silent"),
        pytest.param(20.0, {}, False, id="no-page-however-fast"),
    ],
)
def test_a_budget_burns_fast_while_a_page_fires(
    min_burn: float | None, paging: dict[str, float | None], is_there: bool | None
) -> None:
    action = Action(name="roll-back", on="fast_burn", min_burn=min_burn)
    assert condition(action, standing(0.5, paging=paging)) is is_there


def test_each_group_has_its_own_run_and_its_own_cool_down() -> None:
    both = (standing(-0.1), Standing("fraud", {"version": "1"}, -0.2))
    first = decide([FREEZE], {}, both, NOW)
    assert [run.event.labels for run in first.runs] == [{"version": "2"}, {"version": "1"}]
    assert decide([FREEZE], first.edges, both, NOW + 60) == type(first)()


def test_an_action_looks_at_its_objectives_only() -> None:
    action = Action(name="freeze", on="exhausted", slos=("checkout",))
    decision = decide([action], {}, [standing(-0.1), standing(-0.1, "checkout")], NOW)
    assert [run.event.slo for run in decision.runs] == ["checkout"]


def test_what_is_remembered_is_told_apart_by_action() -> None:
    other = Action(name="other", on="exhausted")
    first = decide([FREEZE], {}, [standing(-0.1)], NOW)
    second = decide([FREEZE, other], first.edges, [standing(-0.1)], NOW + 60)
    assert [run.action for run in second.runs] == ["other"]


def test_the_order_of_labels_makes_no_other_group() -> None:
    edges: dict[EdgeKey, Edge] = {("freeze", "fraud", (("a", "1"), ("b", "2"))): Edge(is_true=True)}
    assert not decide([FREEZE], edges, [Standing("fraud", {"b": "2", "a": "1"}, -1.0)], NOW).runs


def test_runs_have_ids_of_their_own_and_the_same_one_when_decided_anew() -> None:
    """A decision whose writing failed is taken again; one that is new is another run."""
    ids = [decide([FREEZE], {}, [standing(-0.1)], now).runs[0].event.id for now in (NOW, NOW, NOW + 60)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("action", "one", "says"),
    [
        pytest.param(
            FREEZE,
            standing(-0.021),
            "fraud (version 2) has spent its error budget: -2.1% of it is left",
            id="spent",
        ),
        pytest.param(
            Action(name="a", on="fast_burn"),
            standing(0.5, paging={"6h/30m": 7.0, "1h/5m": 32.0}),
            "fraud (version 2) burns its error budget 32 times too fast over 1h: 50% of it is left",
            id="burns",
        ),
        pytest.param(
            Action(name="a", on="fast_burn"),
            Standing("fraud", {}, None, {}, {"1h/5m": None}),
            "fraud burns its error budget too fast",
            id="figures-unknown",
        ),
    ],
)
def test_people_are_told_why(action: Action, one: Standing, says: str) -> None:
    assert decide([action], {}, [one], NOW).runs[0].event.why == says
