"""What an exception says of a model."""

import asyncio
import concurrent.futures

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.recording.outcome import Outcome, outcome_of


class Refused(ValueError):  # noqa: N818  a name for what is wrong with an input
    """Declared as a refusal of the input."""


ENDS: list[tuple[BaseException, Outcome]] = [
    (asyncio.CancelledError(), "cancelled"),
    (GeneratorExit(), "cancelled"),
    (KeyboardInterrupt(), "cancelled"),
    (SystemExit(), "cancelled"),
    (SystemExit(0), "cancelled"),
    (SystemExit(1), "error"),
    (SystemExit("out of memory"), "error"),
    (Refused(), "invalid"),
    (ValueError(), "error"),
    (TimeoutError(), "error"),
    (concurrent.futures.CancelledError(), "error"),
    (BaseException(), "error"),
]
single = st.sampled_from(ENDS)


def grouped(members: list[tuple[BaseException, Outcome]]) -> tuple[BaseException, Outcome]:
    outcomes = {outcome for _, outcome in members}
    worst: Outcome = "error" if "error" in outcomes else "invalid" if "invalid" in outcomes else "cancelled"
    return BaseExceptionGroup("several", [error for error, _ in members]), worst


@pytest.mark.parametrize(("error", "outcome"), ENDS, ids=[repr(error) for error, _ in ENDS])
def test_each_kind_of_end_has_its_outcome(error: BaseException, outcome: Outcome) -> None:
    assert outcome_of(error, (Refused,)) == outcome


@given(
    st.recursive(single, lambda inner: st.lists(inner, min_size=1, max_size=4).map(grouped), max_leaves=12)
)
def test_group_is_as_bad_as_its_worst_member_however_deep(
    ended: tuple[BaseException, Outcome],
) -> None:
    error, outcome = ended
    assert outcome_of(error, (Refused,)) == outcome


def test_only_what_is_declared_is_an_invalid_input() -> None:
    assert outcome_of(ValueError()) == "error"
    assert outcome_of(Refused(), (ValueError,)) == "invalid"
