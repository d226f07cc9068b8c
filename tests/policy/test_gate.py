"""What is demanded of a budget, and what passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.policy.gate import Demand, Finding, Unmeasured, judge_standing, pass_or_not
from actors.policy.standing import Standing

shares = st.floats(-2.0, 1.0) | st.none()
rates = st.floats(0.0, 1000.0) | st.none()


def standing(left: float | None, burn: float | None = None) -> Standing:
    return Standing("fraud", {}, left, {"1h": burn})


@pytest.mark.parametrize(
    ("left", "passes"),
    [
        pytest.param(0.1, True, id="exactly-so-much-is-enough"),
        pytest.param(0.0999999, False, id="a-little-less-is-not"),
        pytest.param(1.0, True, id="untouched"),
        pytest.param(-0.5, False, id="overspent"),
        pytest.param(None, None, id="unmeasured-is-neither"),
    ],
)
def test_budget_left_is_held_against_the_least(left: float | None, passes: bool | None) -> None:
    assert judge_standing(standing(left), Demand(min_budget=0.1)).passes is passes


@pytest.mark.parametrize(
    ("burn", "passes"),
    [
        pytest.param(1.0, True, id="exactly-so-fast-is-allowed"),
        pytest.param(1.001, False, id="a-little-faster-is-not"),
        pytest.param(None, None, id="silence-does-not-say-that-it-is-slow"),
    ],
)
def test_burn_rate_is_held_against_the_most(burn: float | None, passes: bool | None) -> None:
    assert judge_standing(standing(0.9, burn), Demand(max_burn=1.0)).passes is passes


@pytest.mark.parametrize(("unmeasured", "passes"), [("unknown", None), ("pass", True), ("fail", False)])
def test_what_unmeasured_means_can_be_chosen(unmeasured: Unmeasured, passes: bool | None) -> None:
    assert judge_standing(standing(None), Demand(unmeasured=unmeasured)).passes is passes


@given(left=shares, burn=rates, least=st.floats(0.0, 1.0), most=st.floats(0.0, 100.0))
def test_what_is_measured_and_wrong_never_passes(
    left: float | None, burn: float | None, least: float, most: float
) -> None:
    """Whatever else is unmeasured, and whatever unmeasured is said to mean."""
    finding = judge_standing(standing(left, burn), Demand(min_budget=least, max_burn=most, unmeasured="pass"))
    is_wrong = (left is not None and left < least) or (burn is not None and burn > most)
    assert (finding.passes is False) is is_wrong


@pytest.mark.parametrize(
    ("answers", "passes"),
    [
        pytest.param([True, True], True, id="all"),
        pytest.param([True, None], None, id="one-unknown"),
        pytest.param([None, False], False, id="a-no-is-a-no"),
        pytest.param([], None, id="nothing-tells-nothing"),
    ],
)
def test_all_groups_decide_together(answers: list[bool | None], passes: bool | None) -> None:
    assert pass_or_not([Finding(standing(1.0), one) for one in answers]) is passes
