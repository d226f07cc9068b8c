from dataclasses import replace

import pytest

from actors.demo.picture import Outbox, Picture
from actors.demo.story import STORY, Facts, is_back, is_counted, is_healthy, is_noticed, is_resolved
from tests.demo.pictures import alerts, deliveries, objectives

CALM = Picture(at=0.0, objectives=objectives())
FIRED = tuple(one for one in deliveries() if one.action == "firing")


def facts(**changes: object) -> Facts:
    return replace(Facts(picture=CALM, sent={"v1": 1000, "v2": 900}), **changes)  # type: ignore[arg-type]


def test_the_story_shortens_no_act_below_what_it_waits_for() -> None:
    assert all(0 < act.at_least < act.limit for act in STORY)


def test_the_story_ends_within_its_time_even_if_every_act_fails() -> None:
    assert sum(act.limit for act in STORY) <= 68.0


def test_what_is_broken_is_healed_again_and_the_traffic_ends_last() -> None:
    assert [act.deed for act in STORY] == ["nothing", "break", "kill", "heal", "stop traffic"]


@pytest.mark.parametrize(
    ("picture", "over"),
    [
        pytest.param(CALM, True, id="enough-of-both"),
        pytest.param(replace(CALM, objectives=objectives(v1=399)), False, id="one-version-short"),
        pytest.param(replace(CALM, objectives=objectives()[:3]), False, id="one-objective-not-judged-yet"),
        pytest.param(Picture(at=0.0), False, id="nothing-yet"),
    ],
)
def test_healthy_is_over_when_both_versions_are_counted_and_judged(picture: Picture, over: bool) -> None:
    assert is_healthy(facts(picture=picture)) is over


@pytest.mark.parametrize(
    ("changes", "over"),
    [
        pytest.param({"deliveries": FIRED}, True, id="both-page-and-both-services-know"),
        pytest.param({"deliveries": FIRED[:3]}, False, id="pagerduty-does-not-know"),
        pytest.param({"deliveries": FIRED[3:]}, False, id="slack-does-not-know"),
        pytest.param(
            {"deliveries": FIRED, "picture": replace(CALM, alerts=alerts("firing")[:1])},
            False,
            id="only-one-pages",
        ),
        pytest.param(
            {"deliveries": FIRED, "picture": replace(CALM, alerts=alerts("firing", "ticket"))},
            False,
            id="tickets",
        ),
        pytest.param(
            {"deliveries": FIRED, "picture": replace(CALM, alerts=alerts("pending"))},
            False,
            id="only-pending",
        ),
    ],
)
def test_the_fault_is_noticed_when_both_objectives_page_and_both_services_know(
    changes: dict[str, object], over: bool
) -> None:
    assert is_noticed(facts(**{"picture": replace(CALM, alerts=alerts("firing")), **changes})) is over


@pytest.mark.parametrize(
    ("changes", "over"),
    [
        pytest.param({"back": True}, True, id="back-and-busy"),
        pytest.param({"back": False}, False, id="one-is-not-back"),
        pytest.param({"back": None}, False, id="none-was-killed"),
        pytest.param({"back": True, "sent_at_start": {"v2": 890}}, False, id="too-few-since"),
    ],
)
def test_the_kill_is_over_when_the_actors_have_seen_more(changes: dict[str, object], over: bool) -> None:
    assert is_back(facts(**{"sent_at_start": {"v2": 800}, **changes})) is over


@pytest.mark.parametrize(
    ("changes", "over"),
    [
        pytest.param({}, True, id="all-resolved-and-told"),
        pytest.param({"picture": replace(CALM, alerts=alerts("firing"))}, False, id="still-firing"),
        pytest.param(
            {"picture": replace(CALM, alerts=alerts("acknowledged"))}, False, id="acknowledged-is-open"
        ),
        pytest.param(
            {"picture": replace(CALM, outbox={"oncall": Outbox(2, 1, pending=1)})}, False, id="still-to-tell"
        ),
        pytest.param({"deliveries": FIRED}, False, id="nobody-was-told-of-the-end"),
    ],
)
def test_recovery_is_over_when_everybody_knows_that_it_is(changes: dict[str, object], over: bool) -> None:
    base = {"picture": replace(CALM, alerts=alerts("resolved")), "deliveries": deliveries()}
    assert is_resolved(facts(**{**base, **changes})) is over


@pytest.mark.parametrize(
    ("changes", "over"),
    [
        pytest.param({}, True, id="counted-equals-sent"),
        pytest.param({"sent": {"v1": 1001, "v2": 900}}, False, id="one-not-counted"),
        pytest.param({"sent": {"v1": 999, "v2": 900}}, False, id="one-counted-twice"),
        pytest.param({"in_flight": 1}, False, id="one-not-answered"),
    ],
)
def test_the_count_is_over_when_the_totals_agree(changes: dict[str, object], over: bool) -> None:
    assert is_counted(facts(**{"deliveries": deliveries(), **changes})) is over
