from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from actors.demo.delivered import Delivery
from actors.demo.picture import Outbox
from actors.demo.traffic import Tally
from actors.demo.verdict import Kill, Line, Measured, as_json, as_table, is_passed, judge
from tests.demo.pictures import alerts, deliveries, objectives, passed


def picture(**changes: object) -> Callable[[Measured], Measured]:
    return lambda measured: replace(measured, picture=replace(measured.picture, **changes))  # type: ignore[arg-type]


def outbox(**changes: int) -> Callable[[Measured], Measured]:
    held = {"ml-team": replace(Outbox(4, 4), **changes), "oncall": Outbox(4, 4)}
    return picture(outbox=held)


def measured(**changes: object) -> Callable[[Measured], Measured]:
    return lambda before: replace(before, **changes)  # type: ignore[arg-type]


def tally(**changes: int) -> Callable[[Measured], Measured]:
    return lambda before: replace(
        before, tallies={**before.tallies, "v2": replace(before.tallies["v2"], **changes)}
    )


def false_claims(one: Measured) -> list[str]:
    return [line.claim for line in judge(one) if not line.is_true]


def test_a_play_in_which_everything_went_well_passes() -> None:
    lines = judge(passed())
    assert [line for line in lines if not line.is_true] == []
    assert is_passed(lines)


def test_a_verdict_without_lines_is_no_pass() -> None:
    assert not is_passed([])


REFUSED = Delivery(13.0, "pagerduty", "refused", problems=("payload must be an object",))
TWICE = Delivery(13.0, "pagerduty", "accepted", "alert 1", "firing", "late")


@pytest.mark.parametrize(
    ("spoil", "claims"),
    [
        pytest.param(measured(unfinished=("recovery",)), ["every act ended by"], id="act-over-its-limit"),
        pytest.param(
            tally(sent=901, unanswered=1),
            ["sent = answered + errors", "counted by the node = sent", "budget spent"],
            id="a-request-without-an-answer",
        ),
        pytest.param(
            picture(objectives=objectives(v2=899)),
            ["counted by the node = sent", "timed by the node = answered", "budget spent"],
            id="a-prediction-lost",
        ),
        pytest.param(
            picture(objectives=objectives(v1=1001)),
            ["counted by the node = sent", "timed by the node = answered"],
            id="a-prediction-counted-twice",
        ),
        pytest.param(
            picture(objectives=objectives(errors=49)),
            ["errors counted = errors seen", "timed by the node = answered", "budget spent"],
            id="an-error-lost",
        ),
        pytest.param(tally(right=700), ["a real model"], id="a-model-that-guesses"),
        pytest.param(measured(early_pages=1), ["nobody was woken"], id="a-page-for-nothing"),
        pytest.param(measured(detected_after=None), ["first page within"], id="never-detected"),
        pytest.param(measured(detected_after=5.1), ["first page within"], id="detected-late"),
        pytest.param(outbox(pending=1, sent=3), ["delivered to slack"], id="still-waiting"),
        pytest.param(outbox(dead=1, sent=3), ["delivered to slack"], id="given-up"),
        pytest.param(outbox(decided=5), ["delivered to slack"], id="decided-and-vanished"),
        pytest.param(
            outbox(decided=3, sent=3), ["alerts decided", "delivered to slack"], id="too-few-decided"
        ),
        pytest.param(measured(deliveries=deliveries()[1:]), ["Slack said 429"], id="no-429-seen"),
        pytest.param(
            measured(deliveries=(replace(deliveries()[0], at=11.6), *deliveries()[1:])),
            ["Slack said 429"],
            id="retry-before-retry-after",
        ),
        pytest.param(
            measured(deliveries=(*deliveries()[:6], TWICE, *deliveries()[6:])),
            ["delivered to pagerduty", "nobody was told anything twice"],
            id="told-twice",
        ),
        pytest.param(measured(deliveries=(*deliveries(), REFUSED)), ["payloads refused"], id="refused"),
        pytest.param(measured(kills=()), ["killed actors back"], id="nobody-was-killed"),
        pytest.param(
            measured(kills=(Kill("a", "v2", 0.1), Kill("b", "v2", None))),
            ["killed actors back"],
            id="one-not-back",
        ),
        pytest.param(
            measured(kills=(Kill("a", "v2", 0.1), Kill("b", "v2", 1.2))),
            ["killed actors back"],
            id="one-slow-to-return",
        ),
        pytest.param(picture(alerts=alerts("firing")), ["every alert resolved"], id="still-firing"),
        pytest.param(picture(alerts=()), ["every alert resolved"], id="no-alert-at-all"),
    ],
)
def test_each_thing_that_goes_wrong_makes_its_own_claims_false(
    spoil: Callable[[Measured], Measured], claims: list[str]
) -> None:
    found = false_claims(spoil(passed()))
    assert [claim for claim, prefix in zip(found, claims, strict=True) if not claim.startswith(prefix)] == []


def test_nothing_measured_is_nothing_proved() -> None:
    """A play that never began must not pass by having nothing to object to."""
    nothing = replace(
        passed(), tallies={"v1": Tally(), "v2": Tally()}, deliveries=(), kills=(), detected_after=None
    )
    nothing = picture(objectives=(), alerts=(), outbox={})(nothing)
    assert len(false_claims(nothing)) >= 10


def test_a_later_word_that_overtook_an_earlier_one_counts_as_delivered() -> None:
    assert false_claims(outbox(decided=5, superseded=1)(passed())) == []


def test_programs_get_every_line_and_the_whole() -> None:
    found = as_json([Line("a", True, "1"), Line("b", False, "2")], 51.23456)
    assert found == {
        "passed": False,
        "seconds": 51.235,
        "lines": [
            {"claim": "a", "is_true": True, "measured": "1"},
            {"claim": "b", "is_true": False, "measured": "2"},
        ],
    }


def test_people_see_a_mark_on_every_line() -> None:
    console = Console(width=100, record=True, file=StringIO())
    console.print(as_table([Line("first [claim]", True, "1"), Line("second", False, "2")]))
    told = console.export_text()
    assert "✓ │ first [claim] │ 1" in told
    assert "✗ │ second" in told
